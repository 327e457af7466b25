"""The ASGI application: the webhook route in front, everything quieter behind it."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import make_url
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.ports import WebhookReceiver
from connectors.registry import connector
from gateway.accounts import Accounts, ReceiverOf
from gateway.addresses import address
from gateway.booking_engine.app import booking_engine
from gateway.booking_engine.outcomes import Outcomes
from gateway.booking_engine.service import Service, Terms
from gateway.group_commit import GroupCommit
from gateway.health import Health
from gateway.receive import Receiver
from gateway.report_files import ReportFiles
from storage.engine import autocommit
from storage.sealing import Keys

# A database host that falls silent is noticed in seconds, not after the quarter of an hour TCP allows.
_SILENCE: Final = {
    "tcp_user_timeout": "5000",
    "keepalives_idle": "3",
    "keepalives_interval": "1",
    "keepalives_count": "3",
}


API_PATHS: Final = ("/api/", "/docs", "/openapi.json")


class Door:
    """Sends booking webhooks to the receiver, what is the booking engine's to its API, all else to the quiet application."""

    def __init__(self, receiver: Receiver, api: ASGIApp, quiet: ASGIApp) -> None:
        self._receiver = receiver
        self._api = api
        self._quiet = quiet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route one request."""
        found = address(scope["path"]) if scope["type"] == "http" else None
        if found:
            await self._receiver(found, scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(API_PATHS):
            await self._api(scope, receive, send)
        else:
            await self._quiet(scope, receive, send)


def webhooks_of(kind: str) -> WebhookReceiver | None:
    """Give the receiver of a connector kind, None where that kind takes no webhooks."""
    return connector(kind).webhooks


def create_app(
    database_url: str, reports: Path, keys: Keys, *, receiver_of: ReceiverOf = webhooks_of, terms: Terms | None = None
) -> ASGIApp:
    """Put the gateway together; `reports` is the folder whose files `/reports/` shows."""
    url = make_url(database_url).set(drivername="postgresql").update_query_dict(_SILENCE)
    address_of_database = url.render_as_string(hide_password=False)
    engine = autocommit(address_of_database)
    commit = GroupCommit(address_of_database)
    health = Health(engine)
    terms = terms or Terms()
    outcomes = Outcomes(address_of_database, seconds=terms.wait_seconds)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await commit.start()
        await outcomes.start()
        yield
        await outcomes.stop()
        await commit.stop()

    quiet = Starlette(
        routes=[
            Route("/health", health.house),
            Route("/health/integrations", health.integrations),
            Route("/metrics", metrics),
            Mount("/reports", ReportFiles(directory=reports)),
        ],
        exception_handlers={404: not_found, 500: failed},
        lifespan=lifespan,
    )
    receiver = Receiver(Accounts(engine, keys, receiver_of), commit, keys)
    return Door(receiver, booking_engine(Service(engine, commit, keys, outcomes, terms)), quiet)


async def metrics(_request: Request) -> Response:
    """Tell Prometheus what was counted."""
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def not_found(_request: Request, _error: Exception) -> Response:
    """Say where the doors are."""
    message = "nothing here: webhooks go to POST /webhooks/bookings/{source}, state is at /health, our API at /docs"
    return JSONResponse({"error": message}, status_code=404)


async def failed(_request: Request, _error: Exception) -> Response:
    """Say that it failed, and nothing of how."""
    return JSONResponse({"error": "this failed: our log says why"}, status_code=500)
