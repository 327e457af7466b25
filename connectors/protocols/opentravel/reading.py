"""Reservations of any OpenTravel message into our language: new and changed ones with their guests, cancels, refusals."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from connectors.bookings import cancelled
from connectors.clocks import micros
from connectors.ports import MappingPlace
from connectors.protocols.opentravel.booking import Booking
from connectors.protocols.opentravel.dialect import Dialect
from connectors.protocols.opentravel.heads import Head, head
from connectors.protocols.opentravel.messages import CANCEL, Message, stored
from connectors.protocols.opentravel.money import Terms, currency_of, minor_of
from connectors.protocols.opentravel.places import elements, first_told
from connectors.protocols.opentravel.scene import Told
from connectors.protocols.opentravel.tpa import restored
from connectors.protocols.opentravel.values import flag, instant
from connectors.protocols.opentravel.withholding import withheld_by
from connectors.protocols.opentravel.words import MEANINGS, NOT_FINAL
from connectors.protocols.safe_xml import child, local, told
from connectors.reading import Reading, RefuseError
from hotel.codebook import Codebook
from hotel.incoming import CANCEL as CANCELS
from hotel.incoming import WRITE, Incoming, Reason, Refused
from hotel.properties import Property
from hotel.reservations import Reservation
from hotel.status import CANCELLED

Element = Any  # lxml has no types of its own

DATASET: Final = "reservations"
_MOST_DIGITS: Final = 18
# A cancel request that names these leaves the rest of the booking as it is.
_PARTS: Final = ("Segment", "OriginAndDestinationSegment")
_HOTELS: Final = "3"  # of the code list Travel Sector


class Version(NamedTuple):
    """Which version of a booking a message tells, and when it was made."""

    number: int | None = None
    updated_at: datetime | None = None


def map_reservations(
    body: bytes, codebook: Codebook, place: MappingPlace, dialect: Dialect
) -> Iterator[Incoming | Refused]:
    """Map all reservations of a body, each followed by its guests; what cannot be understood is refused, the others pass.

    Raises VendorChangedShape where nobody can read the body.
    """
    return _rows(stored(body), Reading(codebook, place, naive_zone=dialect.naive_zone), dialect)


def _rows(message: Message, reading: Reading, dialect: Dialect) -> Iterator[Incoming | Refused]:
    number = 0
    for item in message.items:
        for row in _one(reading, message, item, dialect, number):
            yield row
            number += 1
    for item in message.others:
        reason = Reason("not_a_hotel_reservation", local(item))
        yield reading.refused(DATASET, number, reason, {"message": message.kind}, source_ref="")
        number += 1


def _one(
    reading: Reading, message: Message, item: Element, dialect: Dialect, number: int
) -> Iterator[Incoming | Refused]:
    reading.begin_row()
    facts = head(message, item, dialect)
    version = Version()
    try:
        house = reading.house(facts.hotel_ref, "BasicPropertyInfo@HotelCode")
        facts = _mapped_status(reading, facts, house)
        version = _version(reading, message, item, house, dialect)
        rows = _understood(reading, message, item, facts, house, version, dialect, number)
    except RefuseError as refusal:
        yield _refused(reading, message, item, facts, dialect, number, refusal.reason, version)
        return
    yield from rows


def _understood(
    reading: Reading,
    message: Message,
    item: Element,
    facts: Head,
    house: Property,
    version: Version,
    dialect: Dialect,
    number: int,
) -> list[Incoming | Refused]:
    _check(facts, item)
    root = message.root if message.root is not item else item
    source = Told(item, root, facts, facts.source_ref or "", house, dialect)
    if facts.meaning == CANCELLED:
        row = _cancelled(reading, message, source, version)
        return [_incoming(reading, row, number, version, dialect, CANCELS)]
    booking = Booking(reading, source)
    row = booking.reservation()
    guests = list(booking.guests())
    first = _incoming(reading, row, number, version, dialect, WRITE)
    return [
        first,
        *(
            Incoming(each, reading.raw_ref(number + n), version.number, version.updated_at)
            for n, each in enumerate(guests, 1)
        ),
    ]


def _check(facts: Head, item: Element) -> None:
    """Refuse what is no booking that one can know again."""
    if facts.meaning is None:
        code = "status_unknown"
        raise RefuseError(code, "ResStatus", facts.status_word or "")
    if facts.meaning == NOT_FINAL:
        code = "status_not_final"
        raise RefuseError(code, "ResStatus", facts.status_word or "")
    if _is_of_another_trade(item):
        code = "not_a_hotel_reservation"
        raise RefuseError(code, "TravelSector")
    if any(child(item, name) is not None for name in _PARTS):
        code = "cancels_a_part"
        raise RefuseError(code, "Segment")
    if flag(told(item, "PassiveIndicator")):
        code = "for_information_only"
        raise RefuseError(code, "PassiveIndicator")
    if not facts.source_ref:
        code = "reference_missing"
        raise RefuseError(code, "UniqueID")
    hotels = {told(each, "HotelCode") for each in elements("RoomStays/RoomStay/BasicPropertyInfo", item)} - {None}
    if len(hotels) > 1:
        code = "properties_differ"
        raise RefuseError(code, "BasicPropertyInfo@HotelCode")


def _is_of_another_trade(item: Element) -> bool:
    """Tell whether a cancel is about a flight, a cruise or a car: as it says, else as all its numbers say."""
    sector = told(item, "TravelSector")
    owners = [told(each, "TravelSector") for each in elements("UniqueID/CompanyName", item)]
    return sector != _HOTELS if sector else bool(owners) and all(each not in {None, _HOTELS} for each in owners)


def _mapped_status(reading: Reading, facts: Head, house: Property) -> Head:
    """Let the house's own mapping of a status word go before the dialect's."""
    if facts.status_word is None:
        return facts
    own = reading.codebook.code(house.property_id, "status", facts.status_word)
    return facts._replace(meaning=own) if isinstance(own, str) and own in MEANINGS else facts


def _version(reading: Reading, message: Message, item: Element, house: Property, dialect: Dialect) -> Version:
    """Read the version: digits are a revision, a time stamp counts in microseconds; none: the order of arrival decides."""
    root = message.root if message.root is not item else None
    updated_at = reading.at(
        instant(told(item, "LastModifyDateTime"), "LastModifyDateTime"), "LastModifyDateTime", house
    )
    said = first_told(dialect.versions, item, root)
    if said is None:
        return Version(None, updated_at)
    if said.isascii() and said.isdigit() and len(said) <= _MOST_DIGITS:
        return Version(int(said), updated_at)
    at = reading.at(instant(said, "version"), "version", house)
    return Version(None if at is None else micros(at), updated_at or at)


def _cancelled(reading: Reading, message: Message, source: Told, version: Version) -> Reservation:
    """Make a cancel: who and when, what was charged for it, and nothing else of the message (law 6)."""
    row = cancelled(
        reading,
        source.house,
        source.source_ref,
        cancelled_at=_cancelled_at(reading, message, source) or version.updated_at,
        channel=source.head.channel,
        channel_ref=source.head.channel_ref,
        fee_minor=_cancel_fee(source),
    )
    return restored(row, source.item)


def _cancelled_at(reading: Reading, message: Message, source: Told) -> datetime | None:
    """Give when it was cancelled; a cancel request is sent when that happens, an answer is not."""
    said = first_told(("HotelReservationID@CancellationDate",), source.item)
    said = said or (told(message.root, "TimeStamp") if message.kind == CANCEL else None)
    try:
        return reading.at(instant(said, "CancellationDate"), "CancellationDate", source.house)
    except RefuseError:
        # Without its time it is a cancel all the same.
        reading.warn("cancelled_at_unclear")
        return None


def _cancel_fee(source: Told) -> int | None:
    if source.dialect.cancel_fee != "total":
        return None
    total = child(source.item, "ResGlobalInfo", "Total")
    currency = currency_of(total) or source.dialect.currency or source.house.currency
    terms = Terms(currency, is_scaled=source.dialect.decimal_places == "scales")
    names = ("AmountAfterTax", "Amount", "AmountBeforeTax")
    return next((fee for name in names if (fee := minor_of(total, name, terms, currency, "Total")) is not None), None)


def _incoming(
    reading: Reading, row: Reservation, number: int, version: Version, dialect: Dialect, action: str
) -> Incoming:
    unmapped = tuple(dict.fromkeys(reading.unmapped))
    return Incoming(
        row,
        reading.raw_ref(number),
        version.number,
        version.updated_at,
        action,
        dialect.covers,
        reading.warnings,
        unmapped,
    )


def _refused(
    reading: Reading,
    message: Message,
    item: Element,
    facts: Head,
    dialect: Dialect,
    number: int,
    reason: Reason,
    version: Version,
) -> Refused:
    kept_out = withheld_by(item, facts, dialect, reading)
    shown: dict[str, Any] = {"message": message.kind, "status": facts.status_word, "message_id": facts.message_id}
    return reading.refused(
        DATASET,
        number,
        reason,
        shown,
        hotel_ref=facts.hotel_ref,
        source_ref=facts.source_ref or "",
        source_version=version.number,
        **kept_out._asdict(),
    )
