"""An event taken apart: what it is called, and the booking it is about, in one spelling of its fields."""

from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from connectors import json_rows
from connectors.booking_engine import shapes
from connectors.errors import VendorChangedShape
from connectors.json_rows import Json

# A price that became a float on its way would not be exact again.
_READER: Final = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_PLACES: Final = ("reservation", "booking", "data")


class Opened(NamedTuple):
    """An event and the fields of its booking; `is_bare` where these are the event's own."""

    event: shapes.Event
    booking: Json
    is_bare: bool

    @property
    def name(self) -> str | None:
        """Give what the event is called."""
        return self.event.event or self.event.type


def opened(body: bytes) -> Opened:
    """Read an event's envelope; raises VendorChangedShape where the body is no JSON object, or its envelope is odd."""
    try:
        fields: Json = _renamed(_READER.decode(json_rows.storable(body).decode()))
        event = msgspec.convert(fields, shapes.Event)
    except json_rows.NOT_JSON as error:
        msg = "the message is no JSON object with an event"
        raise VendorChangedShape(msg) from error
    place = next((name for name in _PLACES if fields.get(name) is not None), None)
    return Opened(event, fields[place] if place else fields, place is None)


def _renamed(told: Any) -> Any:
    """Write every field's name as `checkIn`, however it came."""
    if isinstance(told, dict):
        return {_camel(name): _renamed(value) for name, value in told.items()}
    return list(map(_renamed, told)) if isinstance(told, list) else told


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in others) if first else name
