"""Whether a key is good, and what for. This API knows keys, not users."""

from datetime import UTC, datetime
from typing import Annotated, NoReturn

from fastapi import APIRouter, Path

from gateway.booking_engine.auth import GivenKey, Reader, Ring
from gateway.booking_engine.offer_shapes import KeyFacts, Token
from gateway.booking_engine.problems import NO_USERS, missing
from gateway.booking_engine.reading import REFUSALS
from gateway.booking_engine.shapes import Problem

sign_in = APIRouter(tags=["auth"], responses=REFUSALS, prefix="/auth")


@sign_in.post("/validate-token")
async def validate_token(ring: Ring, given: GivenKey, body: Token | None = None) -> KeyFacts:
    """Tell whether a key is good: the one in the body, else the one the request is made with."""
    text = body.token if body else given
    key = await ring.find(text) if text else None
    if key is None or not key.is_good(datetime.now(UTC)):
        return KeyFacts(valid=False)
    return KeyFacts(valid=True, hotel_id=key.property_id, scopes=list(key.scopes), expires_at=key.expires_at)


@sign_in.get("/user/{user_id}", status_code=404, response_model=Problem)
async def user(caller: Reader, user_id: Annotated[str, Path()]) -> NoReturn:  # noqa: ARG001 a key is needed all the same
    """Answer 404: guests and staff have no account here; a booking's guest stands in the booking."""
    raise missing(NO_USERS)
