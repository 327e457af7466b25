"""The ASGI application: the webhook route in front, everything quieter behind it."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.accounts import Accounts
from gateway.group_commit import GroupCommit
from gateway.health import health, integrations_health
from gateway.receive import Receiver, addressed

REPORT_HEADERS: Final = {"Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'"}


class Door:
    """Sends booking webhooks to the receiver and all else to the quiet application."""

    def __init__(self, receiver: ASGIApp, quiet: ASGIApp) -> None:
        self._receiver = receiver
        self._quiet = quiet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route one connection."""
        if scope["type"] == "http" and scope["method"] == "POST" and addressed(scope["path"]):
            await self._receiver(scope, receive, send)
        else:
            await self._quiet(scope, receive, send)


class ReportFiles(StaticFiles):
    """Published report files, read only, never as scripts."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """Serve a file under a policy that lets it show itself and nothing else."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update(REPORT_HEADERS)
        return response


def create_app(engine: Engine, database_url: str, reports: Path) -> ASGIApp:
    """Put the gateway together; `reports` is the folder whose files `/reports/` shows."""
    commit = GroupCommit(database_url)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.engine = engine
        await commit.start()
        yield
        await commit.stop()

    reports.mkdir(parents=True, exist_ok=True)
    quiet = Starlette(
        routes=[
            Route("/health", health),
            Route("/health/integrations", integrations_health),
            Route("/metrics", metrics),
            Mount("/reports", ReportFiles(directory=reports, html=False)),
        ],
        exception_handlers={404: not_found},
        lifespan=lifespan,
    )
    return Door(Receiver(Accounts(engine), commit), quiet)


async def metrics(_request: Request) -> Response:
    """Tell Prometheus what was counted."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def not_found(_request: Request, _error: Exception) -> Response:
    """Say where the doors are."""
    message = "nothing here: webhooks go to POST /webhooks/bookings/{source}, state is at /health"
    return JSONResponse({"error": message}, status_code=404)
