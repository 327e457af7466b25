"""The routes: the contract under `/v1/`, tokens under `/oauth/`, and the strings we pull under `/sandbox`."""

from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.server import control, reading, writing
from sandbox.server.answers import BadRequestError, answer
from sandbox.server.doorman import Doorman
from sandbox.server.state import State
from sandbox.world.view import GUESTS, RESERVATIONS


def make_app(state: State) -> Starlette:
    """Make the ASGI application of one sandbox."""
    return Starlette(
        routes=[
            Route("/v1/guests", partial(reading.page, state, GUESTS)),
            Route("/v1/reservations", partial(reading.page, state, RESERVATIONS)),
            Route("/v1/rooms/status", partial(reading.rooms, state)),
            Route("/v1/rates", partial(reading.rates, state)),
            Route("/v1/rates", partial(writing.push_rates, state), methods=["POST"]),
            Route("/v1/inventory/bulk", partial(writing.push_inventory, state), methods=["PUT"]),
            Route("/v1/properties", partial(reading.properties, state)),
            Route("/oauth/token", state.access.token, methods=["POST"]),
            Route("/health", partial(control.summary, state)),
            Route("/sandbox", partial(control.summary, state)),
            Route("/sandbox/clock", partial(control.move_clock, state), methods=["PUT"]),
            Route("/sandbox/faults", partial(control.faults, state), methods=["GET", "POST", "DELETE"]),
            Route("/sandbox/remembered", partial(control.remembered, state)),
            Route("/sandbox/expectations", partial(control.expected, state)),
            Route("/sandbox/webhooks", partial(control.webhooks, state), methods=["POST"]),
        ],
        middleware=[Middleware(Doorman, state=state)],
        exception_handlers={BadRequestError: _bad_request},
    )


async def _bad_request(_: Request, error: Exception) -> Response:
    return answer({"error": "bad_request", "message": str(error)}, 400)
