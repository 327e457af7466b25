"""What the servers that speak JSON share: an answer, an amount, a stamp without its zone."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from starlette.responses import Response

from hotel.money import Money


def answer(content: Any, status: int = 200) -> Response:
    """Answer in JSON."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def major(minor: int, currency: str) -> str:
    """Write an amount in major units, with all decimals of its currency."""
    return str(Money(minor, currency).decimal())


def naive(moment: datetime) -> str:
    """Write an instant in UTC without saying so, as many do."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()
