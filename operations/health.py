"""How every configured system is, by its last check: whoever pulls from a system has checked it."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from connectors.errors import ConnectorError, TryLater
from connectors.ports import Page
from operations.errors import OperationError, error_place
from storage.health import HealthCheck, latest_checks, note_check
from storage.integrations import Integration, integrations


class IntegrationHealth(NamedTuple):
    """One integration as `/health/integrations` shows it; never asked: `healthy`, with no time of check."""

    source: str
    property_id: str
    status: str
    duration_ms: int | None
    checked_at: datetime | None
    detail: str | None


def watched(house: Engine, asked: Integration, pages: Iterator[Page]) -> Iterator[Page]:
    """Pass the pages of a pull on and note how the system answered: how fast, or what ended the pull."""
    started_at, started = datetime.now(UTC), time.perf_counter()
    answered_ms = None
    try:
        for page in pages:
            if answered_ms is None:
                answered_ms = round((time.perf_counter() - started) * 1000)
            yield page
    except ConnectorError as error:
        _note(house, check_of(asked, started_at, answered_ms, error))
        raise
    _note(house, check_of(asked, started_at, answered_ms))


def check_of(
    asked: Integration, checked_at: datetime, answered_ms: int | None, error: Exception | None = None
) -> HealthCheck:
    """Say how a system is that was asked: it answered, or what it failed with says who must act."""
    status = "healthy" if error is None else "degraded" if isinstance(error, TryLater) else "unhealthy"
    detail = _detail(error) if error else None
    return HealthCheck(asked.source, asked.property_id or "*", checked_at, status, answered_ms, detail=detail)


def _detail(error: Exception) -> str:
    if isinstance(error, (ConnectorError, OperationError)):
        return f"{error.code}: {error}"
    return error_place(error)


def _note(house: Engine, check: HealthCheck) -> None:
    with house.begin() as connection:
        note_check(connection, check)


def integration_healths(connection: Connection) -> list[IntegrationHealth]:
    """List every integration that is read with its newest check, by source and property."""
    checks = {(check.source, check.property_id): check for check in latest_checks(connection)}
    found = []
    for each in integrations(connection):
        property_id = each.property_id or "*"
        check = checks.get((each.source, property_id))
        if check is None:
            found.append(IntegrationHealth(each.source, property_id, "healthy", None, None, "never asked yet"))
        else:
            told = (check.status, check.duration_ms, check.checked_at, check.detail)
            found.append(IntegrationHealth(each.source, property_id, *told))
    return found
