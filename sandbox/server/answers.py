"""How the sandbox reads questions and writes answers."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from sandbox.server.state import State
from sandbox.world.houses import House


class BadRequestError(ValueError):
    """The question cannot be read; the text says which part."""


def answer(payload: Any, status: int = 200) -> Response:
    """Answer in JSON."""
    return Response(msgspec.json.encode(payload), status, media_type="application/json")


async def read(request: Request, shape: Any) -> Any:
    """Read the body as a type; BadRequestError says what does not fit."""
    try:
        return msgspec.json.decode(await request.body(), type=shape)
    except (msgspec.DecodeError, ValueError) as error:
        raise BadRequestError(str(error)) from None


def house_asked(state: State, property_id: str | None) -> House:
    """Find the house a question is about."""
    house = state.world.house(property_id or "")
    if house is None:
        msg = "propertyId must be one of " + ", ".join(known.place.property_id for known in state.world.houses)
        raise BadRequestError(msg)
    return house


def day_asked(request: Request, name: str) -> date:
    """Read a date of the query."""
    try:
        return date.fromisoformat(request.query_params.get(name, ""))
    except ValueError:
        msg = f"{name} must be a date (2026-09-15)"
        raise BadRequestError(msg) from None


def instant_asked(request: Request, name: str) -> datetime | None:
    """Read an instant of the query, UTC where it has no offset; None where it is not asked for."""
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        # An unescaped `+` of an offset arrives as a blank.
        instant = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        msg = f"{name} must be an instant (2026-09-15T12:00:00Z)"
        raise BadRequestError(msg) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
