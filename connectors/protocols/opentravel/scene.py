"""What a booking is read from, and what all its rooms share."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from connectors.protocols.opentravel.dialect import Dialect
from connectors.protocols.opentravel.heads import Head
from connectors.protocols.opentravel.money import Terms
from connectors.protocols.opentravel.party import Person
from connectors.protocols.opentravel.stays import Stay
from connectors.reading import Reading
from hotel.properties import Property

Element = Any  # lxml has no types of its own


class Told(NamedTuple):
    """What a reservation is read from: its element, the message's, who it is, whose it is, in whose dialect."""

    item: Element
    root: Element
    head: Head
    source_ref: str
    house: Property
    dialect: Dialect


class Scene(NamedTuple):
    """What all rooms of a booking share. `stay` is the booking's own, for rooms without dates."""

    reading: Reading
    house: Property
    dialect: Dialect
    status: str
    terms: Terms
    persons: Sequence[Person]
    room_stay_count: int
    stay: Stay | None = None
