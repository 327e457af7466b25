"""Is the house open: the database, the inbox, and every integration by its last check."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse

from operations.health import IntegrationHealth, integration_healths
from storage.inbox import waiting

# Above these the gateway still receives, but somebody should look (N-24).
MOST_WAITING: Final = 1000
OLDEST_WAITING_SECONDS: Final = 60.0


async def health(request: Request) -> JSONResponse:
    """200 `healthy`, 503 `degraded` (bookings wait too long) or `unhealthy` (no database)."""
    report = await asyncio.to_thread(_house_health, request.app.state.engine)
    return JSONResponse(report, status_code=200 if report["status"] == "healthy" else 503)


async def integrations_health(request: Request) -> JSONResponse:
    """200 when every active integration is healthy, else 503; each with response time and last check."""
    try:
        found = await asyncio.to_thread(_integrations, request.app.state.engine)
    except SQLAlchemyError:
        return JSONResponse({"status": "unhealthy", "error": "the database is not reachable"}, status_code=503)
    statuses = {each.status for each in found}
    status = "unhealthy" if "unhealthy" in statuses else "degraded" if "degraded" in statuses else "healthy"
    body = {"status": status, "timestamp": _now(), "integrations": [_shown(each) for each in found]}
    return JSONResponse(body, status_code=200 if status == "healthy" else 503)


def _house_health(engine: Engine) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        with engine.connect() as connection:
            queue = waiting(connection)
    except SQLAlchemyError:
        return {"status": "unhealthy", "timestamp": _now(), "database": "unreachable"}
    age = (datetime.now(UTC) - queue.oldest_at).total_seconds() if queue.oldest_at else 0.0
    late = queue.count > MOST_WAITING or age > OLDEST_WAITING_SECONDS
    return {
        "status": "degraded" if late else "healthy",
        "timestamp": _now(),
        "database": "reachable",
        "response_time_ms": round((time.perf_counter() - started) * 1000),
        "inbox": {"waiting": queue.count, "oldest_seconds": round(age, 1)},
    }


def _integrations(engine: Engine) -> list[IntegrationHealth]:
    with engine.connect() as connection:
        return integration_healths(connection)


def _shown(each: IntegrationHealth) -> dict[str, Any]:
    return {
        "source": each.source,
        "property_id": each.property_id,
        "status": each.status,
        "responseTime": each.duration_ms,
        "lastChecked": each.checked_at.isoformat() if each.checked_at else None,
        "detail": each.detail,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
