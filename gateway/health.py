"""Is the house open: the database, the inbox, and every integration by its last check."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse

from gateway.questions import Answer, Questions
from operations.health import IntegrationHealth, integration_healths
from storage.inbox import Waiting, waiting

# Above these the gateway still receives, but somebody should look.
MOST_WAITING: Final = 1000
OLDEST_WAITING_SECONDS: Final = 60.0
ANSWER_SECONDS: Final = 1.5
_WORST_FIRST: Final = ("unhealthy", "degraded", "healthy")


class Health:
    """The two health routes; both answer within two seconds, whatever the database does."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._questions = Questions(seconds=ANSWER_SECONDS)

    async def house(self, _request: Request) -> JSONResponse:
        """200 `healthy`, 503 `degraded` (bookings wait too long) or `unhealthy` (no database)."""
        started = time.perf_counter()
        queue = await self._ask(waiting)
        if queue is None:
            return _shown("unhealthy", database="unreachable")
        return _house(queue, time.perf_counter() - started)

    async def integrations(self, _request: Request) -> JSONResponse:
        """200 where every active integration is healthy, else 503; each with response time and last check."""
        found = await self._ask(integration_healths)
        if found is None:
            return _shown("unhealthy", error="the database is not reachable", integrations=[])
        told = {each.status for each in found}
        status = next((each for each in _WORST_FIRST if each in told), "healthy")
        return _shown(status, integrations=[_integration(each) for each in found])

    async def _ask(self, question: Callable[[Connection], Answer]) -> Answer | None:
        def answered() -> Answer:
            with self._engine.connect() as connection:
                return question(connection)

        try:
            return await self._questions.ask(question, answered)
        except (SQLAlchemyError, TimeoutError):
            return None


def _house(queue: Waiting, seconds: float) -> JSONResponse:
    age = (datetime.now(UTC) - queue.oldest_at).total_seconds() if queue.oldest_at else 0.0
    is_late = queue.count > MOST_WAITING or age > OLDEST_WAITING_SECONDS
    return _shown(
        "degraded" if is_late else "healthy",
        database="reachable",
        responseTime=round(seconds * 1000),
        inbox={"waiting": queue.count, "oldestSeconds": round(max(age, 0.0), 1)},
    )


def _integration(each: IntegrationHealth) -> dict[str, Any]:
    return {
        "source": each.source,
        "propertyId": each.property_id,
        "status": each.status,
        "responseTime": each.duration_ms,
        "lastChecked": each.checked_at.isoformat() if each.checked_at else None,
        "detail": each.detail,
    }


def _shown(status: str, **told: Any) -> JSONResponse:
    body = {"status": status, "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"), **told}
    headers = {"Cache-Control": "no-store"}
    return JSONResponse(body, status_code=200 if status == "healthy" else 503, headers=headers)
