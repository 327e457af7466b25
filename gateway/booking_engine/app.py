"""The API as an ASGI application: its routes, the same under the plain names of older engines, and its document."""

from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from gateway.booking_engine.auth import KeyRing
from gateway.booking_engine.documents import ROUTES
from gateway.booking_engine.limits import Bounded
from gateway.booking_engine.problems import ProblemError, problem_answer
from gateway.booking_engine.reading import hotels, plain
from gateway.booking_engine.service import Service
from gateway.booking_engine.signing_in import sign_in
from gateway.booking_engine.writing import bookings

PREFIX: Final = "/api/booking-engine"
_ABOUT: Final = """
What a hotel's own booking engine needs: rooms that may be sold, prices, the hotel's page, and bookings.

Counts and prices are read as of the request; `null` means not known, never nought. A booking stands whole or not at all:
of two who want the last room, one hears 201 and the other 409 `sold_out`. Send an `Idempotency-Key` with every request
that writes: after a timeout or a 503, send the same again. A key is made with `python -m gateway.api_keys create`.
"""


def booking_engine(service: Service) -> ASGIApp:
    """Put the API together."""
    app = FastAPI(
        title="Night Audit: the booking-engine API",
        version="1",
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        routes=list(ROUTES),
        exception_handlers={
            ProblemError: problem_answer,
            RequestValidationError: problem_answer,
            HTTPException: problem_answer,
            Exception: problem_answer,
        },
    )
    app.state.service, app.state.ring = service, KeyRing(service)
    app.include_router(hotels, prefix=PREFIX)
    app.include_router(bookings, prefix=f"{PREFIX}/bookings", tags=["bookings"])
    app.include_router(sign_in, prefix=PREFIX)
    app.include_router(plain, prefix="/api")
    app.include_router(bookings, prefix="/api/reservations", tags=["the same under plain names"])
    return Bounded(app)
