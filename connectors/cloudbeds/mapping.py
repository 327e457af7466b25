"""Vendor to hotel: one mapper per dataset. Vendor words end behind this line."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from typing import Any, Final

import msgspec

from connectors import json_rows
from connectors.bookings import Change, cancellation, kept_out, own, status_of
from connectors.clocks import micros
from connectors.cloudbeds import shapes
from connectors.cloudbeds.rooms import Terms, map_rooms, withheld_amounts
from connectors.cloudbeds.words import COLLECTS, NOT_CONFIRMED, STATUSES
from connectors.errors import VendorChangedShape
from connectors.json_rows import Json, Unreadable
from connectors.ports import MappingPlace
from connectors.reading import Reading, RefuseError, decimals_of
from connectors.texts import ref
from hotel.codebook import Codebook
from hotel.incoming import WRITE, Incoming, Reason, Refused
from hotel.properties import Property, hotel_date
from hotel.reservations import Extra, Reservation
from hotel.status import CANCELLED, HOLDING, LOST

RESERVATIONS: Final = "reservations"
NAIVE_ZONE: Final = "property"
ITEMS: Final = "additional_items"


def map_reservations(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Map a page of bookings; a booking that cannot be understood is refused, the others pass."""
    reading = Reading(codebook, place, naive_zone=NAIVE_ZONE)
    for number, raw in enumerate(rows_of(body)):
        told = json_rows.row(raw, shapes.Reservation)
        if isinstance(told, Unreadable):
            yield turned_down(reading, RESERVATIONS, number, told.reason, told.row)
            continue
        reading.begin_row()
        try:
            yield _incoming(reading, told, number)
        except RefuseError as refusal:
            yield _refused(reading, told, raw, number, refusal.reason)


def map_message(body: bytes, _codebook: Codebook, _place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Yield nothing: an event only says that it is time to ask; raises VendorChangedShape where it is no event."""
    try:
        msgspec.json.decode(body.decode(), type=_Event)
    except json_rows.NOT_JSON as error:
        msg = "the message is no event"
        raise VendorChangedShape(msg) from error
    yield from ()


class _Event(msgspec.Struct):
    event: str


def rows_of(body: bytes) -> Sequence[bytes]:
    """List the rows of a page; raises VendorChangedShape where it is none, or one without success."""
    try:
        page = msgspec.json.decode(json_rows.storable(body).decode(), type=shapes.Envelope)
    except json_rows.NOT_JSON as error:
        msg = "the body is no page of reservations"
        raise VendorChangedShape(msg) from error
    if not page.success or page.data is None:
        msg = "the page has no rows"
        raise VendorChangedShape(msg)
    return [bytes(raw) for raw in page.data]


def turned_down(reading: Reading, dataset: str, number: int, reason: Reason, row: Json, **rest: Any) -> Refused:
    """Make the refusal of a row under the property and the id it tells."""
    hotel_ref, own_ref = row.get("propertyID"), row.get("reservationID")
    return reading.refused(
        dataset,
        number,
        reason,
        row,
        hotel_ref=str(hotel_ref) if hotel_ref else None,
        source_ref="" if own_ref is None else str(own_ref),
        **rest,
    )


def change_of(reading: Reading, told: shapes.Stamps, house: Property) -> Change:
    """Tell which version of a booking this is."""
    made_at = _instant(reading, house, told.date_modified_utc, told.date_modified, "dateModified")
    return Change(None if made_at is None else micros(made_at), made_at)


def _incoming(reading: Reading, told: shapes.Reservation, number: int) -> Incoming:
    house = reading.house(ref(told.property_id), "propertyID")
    change = change_of(reading, told, house)
    status = CANCELLED if told.is_deleted else status_of(reading, house, told.status, STATUSES)
    if status == CANCELLED:
        cancelled_at = _instant(reading, house, told.date_cancelled_utc, told.date_cancelled, "dateCancelled")
        return cancellation(
            reading, house, own(ref(told.reservation_id), "reservationID"), number, change,
            cancelled_at=cancelled_at or change.made_at, channel=_channel(told), channel_ref=_channel_ref(told),
        )  # fmt: skip
    row = _reservation(reading, told, house, status)
    unmapped = tuple(dict.fromkeys(reading.unmapped))
    return Incoming(
        row, reading.raw_ref(number), change.version, change.made_at, WRITE, "reservation", reading.warnings, unmapped
    )


def _reservation(reading: Reading, told: shapes.Reservation, house: Property, status: str) -> Reservation:
    balance = told.balance_detailed if isinstance(told.balance_detailed, shapes.Balance) else shapes.Balance()
    decimals = decimals_of(told.property_currency)
    # Taxes that are told are added to the rooms' prices; where there are none, nothing is said of the prices.
    is_included = False if balance.taxes_fees else house.is_price_tax_included
    terms = Terms(reading, house, told, decimals, status, is_included, _arrival_time(reading, told))
    rooms = map_rooms(terms)
    live = [room for room in rooms if room.status not in LOST] or rooms
    booked_at = _instant(reading, house, told.date_created_utc, told.date_created, "dateCreated")
    segments = {night.market_segment_code for room in live for night in room.nights}
    total = told.total if told.total is not None else balance.grand_total
    return Reservation(
        source=reading.codebook.source,
        property_id=house.property_id,
        source_ref=own(ref(told.reservation_id), "reservationID"),
        status=status,
        arrival_on=min((room.arrival_on for room in live if room.arrival_on), default=None),
        departure_on=max((room.departure_on for room in live if room.departure_on), default=None),
        currency=told.property_currency,
        total_minor=terms.minor(total, "total"),
        rooms=rooms,
        is_inventory_held=status in HOLDING or told.status == NOT_CONFIRMED,
        booked_at=booked_at,
        booked_on=hotel_date(house, booked_at) if booked_at else None,
        channel_code=terms.code("channel", _channel(told)),
        channel_ref=_channel_ref(told),
        market_segment_code=segments.pop() if len(segments) == 1 else None,
        origin_code=terms.code("origin", (told.origin or "").strip() or None),
        meal_plan_code=terms.code("meal_plan", (told.meal_plans or "").strip() or None),
        primary_guest_ref=ref(told.guest_id),
        adult_count=_sum(room.adult_count for room in live),
        child_count=_sum(room.child_count for room in live),
        room_count=len(live),
        tax_minor=terms.minor(balance.taxes_fees, "balanceDetailed.taxesFees"),
        is_tax_included=is_included,
        collect=_collect(reading, told),
        extras=_items(terms, balance),
    )


def _items(terms: Terms, balance: shapes.Balance) -> tuple[Extra, ...]:
    """Tell what was sold beside the rooms: one sum, which the vendor parts elsewhere."""
    amount = terms.minor(balance.additional_items, "balanceDetailed.additionalItems")
    if not amount:
        return ()
    total = terms.told.total if terms.told.total is not None else balance.grand_total
    is_in_price = balance.grand_total is not None and balance.grand_total == total
    return (Extra(ITEMS, ITEMS, terms.told.property_currency, amount, is_in_price=is_in_price or None),)


def _sum(counts: Iterator[int | None]) -> int | None:
    told = [each for each in counts if each is not None]
    return sum(told) if told else None


def _channel(told: shapes.Reservation) -> str | None:
    return (told.source.name if told.source else None) or told.source_name


def _channel_ref(told: shapes.Reservation) -> str | None:
    return ref(told.source_reservation_id) or ref(told.third_party_identifier)


def _collect(reading: Reading, told: shapes.Reservation) -> str | None:
    word = told.source.payment_collect if told.source else None
    if word and word not in COLLECTS:
        reading.warn("collect_unknown")
    return COLLECTS.get(word or "")


def _arrival_time(reading: Reading, told: shapes.Reservation) -> time | None:
    text = (told.estimated_arrival_time or "").strip()
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        reading.warn("arrival_hour_unreadable")
        return None


def _instant(
    reading: Reading, house: Property, utc: datetime | None, undocumented: datetime | None, column: str
) -> datetime | None:
    """Take the stamp that says UTC; of the other one nobody says the zone."""
    if utc is not None:
        return reading.at(utc if utc.tzinfo else utc.replace(tzinfo=UTC), f"{column}UTC", house)
    return reading.at(undocumented, column, house)


def _refused(reading: Reading, told: shapes.Reservation, raw: bytes, number: int, reason: Reason) -> Refused:
    amounts = withheld_amounts(told)
    status = CANCELLED if told.is_deleted else STATUSES.get(told.status)
    kept = kept_out(told.property_currency, len(amounts), amounts, status)
    return turned_down(
        reading,
        RESERVATIONS,
        number,
        reason,
        msgspec.json.decode(json_rows.storable(raw)),
        **kept._asdict(),
    )
