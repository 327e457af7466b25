"""How every configured system is, by its last check."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from storage.health import latest_checks
from storage.integrations import integrations


class IntegrationHealth(NamedTuple):
    """One integration as `/health/integrations` shows it; never checked: `healthy`, with no time of check."""

    source: str
    property_id: str
    status: str
    duration_ms: int | None
    checked_at: datetime | None
    detail: str | None


def integration_healths(connection: Connection) -> list[IntegrationHealth]:
    """List every active integration with its newest check, by source and property."""
    checks = {(check.source, check.property_id): check for check in latest_checks(connection)}
    found = []
    for each in integrations(connection):
        property_id = each.property_id or "*"
        check = checks.get((each.source, property_id))
        if check is None:
            found.append(IntegrationHealth(each.source, property_id, "healthy", None, None, "not checked yet"))
        else:
            told = (check.status, check.duration_ms, check.checked_at, check.detail)
            found.append(IntegrationHealth(each.source, property_id, *told))
    return found
