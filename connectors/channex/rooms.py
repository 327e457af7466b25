"""The rooms of a revision: which is which, what they cost by night, what tax lies in or on it."""

from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from typing import NamedTuple, TypeVar

import msgspec

from connectors.bookings import channel_code, parted, spread, taxed, use
from connectors.channex import shapes
from connectors.channex.words import NO_TAX_ON_PRICE, PASSED_ON, folded
from connectors.json_rows import NOT_JSON
from connectors.reading import Reading, RefuseError, minor
from hotel.money import split_evenly
from hotel.properties import Property
from hotel.reservations import Night, NightTax, Room
from hotel.status import CANCELLED

Shape = TypeVar("Shape", bound=msgspec.Struct)


class Terms(NamedTuple):
    """What all rooms of a booking share."""

    reading: Reading
    house: Property
    told: shapes.Revision
    decimals: int
    status: str
    arrival_time: time | None

    def minor(self, amount: Decimal | None, column: str) -> int | None:
        """Read an amount in the booking's currency."""
        return minor(amount, self.decimals, column)


class _Triad(NamedTuple):
    """How tax stands to a room's price."""

    is_included: bool | None
    tax_minor: int | None
    taxes: tuple[NightTax, ...]


def free(reading: Reading, told: msgspec.Raw, shape: type[Shape]) -> Shape:
    """Read what is free-form as far as it has the known shape; else it says nothing, with a warning."""
    try:
        return msgspec.json.decode(told, type=shape | None) or shape()
    except NOT_JSON:
        reading.warn("details_unreadable")
        return shape()


def room_refs(rooms: Sequence[shapes.Room], metas: Sequence[shapes.RoomMeta]) -> list[str]:
    """Name each room: by the channel's own id or index where every room has one of its own, else by position."""
    told = [room.ota_unique_id or meta.booking_com_room_index for room, meta in zip(rooms, metas, strict=True)]
    refs = [str(ref) for ref in told if ref is not None]
    return refs if len(set(refs)) == len(rooms) else [str(n) for n in range(1, len(rooms) + 1)]


def map_rooms(terms: Terms, metas: Sequence[shapes.RoomMeta], guests: Sequence[str | None]) -> tuple[Room, ...]:
    """Map the rooms; `guests` names the first guest of each."""
    rooms = terms.told.rooms
    totals = _totals(terms)
    refs = room_refs(rooms, metas)
    return tuple(_room(terms, *each) for each in zip(rooms, metas, refs, totals, guests, strict=True))


def _totals(terms: Terms) -> list[int | None]:
    """Give each room's total; where only the booking has one, it is spread over the rooms."""
    rooms = terms.told.rooms
    totals = [_total(terms, room) for room in rooms]
    whole = terms.minor(terms.told.amount, "amount")
    if whole is None or not rooms or any(total is not None for total in totals):
        return totals
    return list(split_evenly(whole, len(rooms)))


def _total(terms: Terms, room: shapes.Room) -> int | None:
    if room.amount is not None:
        return terms.minor(room.amount, "rooms.amount")
    return sum(price for _, price in _told_days(terms, room)) if room.days else None


def _told_days(terms: Terms, room: shapes.Room) -> list[tuple[date, int]]:
    return [(day, terms.minor(price, "rooms.days") or 0) for day, price in sorted((room.days or {}).items())]


def _room(
    terms: Terms, room: shapes.Room, meta: shapes.RoomMeta, ref: str, total: int | None, guest: str | None
) -> Room:
    arrival_on = room.checkin_date or room.arrival_date or terms.told.arrival_date
    departure_on = room.checkout_date or room.departure_date or terms.told.departure_date
    room_type, raw_type = _code(terms, "room_type", [room.room_type_id], meta.room_type_code)
    plan, raw_plan = _code(terms, "rate_plan", [room.rate_plan_id, meta.parent_rate_plan_id], meta.rate_plan_code)
    triad = _triad(terms, room)
    people = room.occupancy or shapes.Occupancy()
    found = Room(
        room_ref=ref,
        status=CANCELLED if room.is_cancelled else terms.status,
        room_type_code=room_type,
        arrival_on=arrival_on,
        departure_on=departure_on,
        currency=terms.told.currency,
        total_minor=total,
        rate_plan_code=plan,
        adult_count=people.adults,
        child_count=people.children,
        infant_count=people.infants,
        child_ages=tuple(people.ages) if people.ages else None,
        is_day_use=arrival_on is not None and arrival_on == departure_on,
        tax_minor=triad.tax_minor,
        is_tax_included=triad.is_included,
        occupant_guest_ref=guest,
        arrival_time=terms.arrival_time,
        raw_room_code=raw_type,
        raw_rate_code=raw_plan,
    )
    return found._replace(nights=_nights(terms, room, meta, found, triad))


def _code(terms: Terms, field: str, ids: Sequence[str | None], channels_own: str | int | None) -> tuple[str, str]:
    own = None if channels_own is None else str(channels_own)
    return channel_code(terms.reading, terms.house, field, ids, (terms.told.ota_name, own))


def _nights(terms: Terms, room: shapes.Room, meta: shapes.RoomMeta, found: Room, triad: _Triad) -> tuple[Night, ...]:
    days = _told_days(terms, room) or _spread(found)
    promotions = {
        each.date: str(each.promotion.id)
        for each in meta.days_breakdown or ()
        if each.promotion and each.promotion.id is not None
    }
    parts = parted(triad.tax_minor, [price for _, price in days]) if triad.tax_minor is not None else [None] * len(days)
    nights = [
        Night(
            stay_on=stay_on,
            use=use(terms.house, price),
            room_type_code=found.room_type_code,
            rate_plan_code=found.rate_plan_code,
            currency=found.currency,
            price_minor=price,
            is_tax_included=triad.is_included,
            tax_minor=part,
            adult_count=found.adult_count,
            child_count=found.child_count,
            is_price_derived=not room.days,
            promotion_code=promotions.get(stay_on),
        )
        for (stay_on, price), part in zip(days, parts, strict=True)
    ]
    return taxed(nights, triad.taxes)


def _spread(found: Room) -> list[tuple[date, int]]:
    if found.total_minor is None or found.arrival_on is None or found.departure_on is None:
        code = "field_missing"
        raise RefuseError(code, "rooms.days")
    return spread(found.arrival_on, found.departure_on, found.total_minor)


def _triad(terms: Terms, room: shapes.Room) -> _Triad:
    taxes = [_tax(terms, tax) for tax in room.taxes or ()]
    proper = [tax for tax in taxes if tax.tax_code not in NO_TAX_ON_PRICE]
    answers = {tax.is_included for tax in proper} - {None}
    if not answers:
        return _Triad(terms.house.is_price_tax_included, None, tuple(taxes))
    is_included = True in answers
    amount = sum(tax.amount_minor for tax in proper if tax.is_included == is_included)
    return _Triad(is_included, amount, tuple(taxes))


def _tax(terms: Terms, tax: shapes.Tax) -> NightTax:
    code = folded(tax.type) or folded(tax.name) or "tax"
    amount = terms.minor(tax.total_price, "rooms.taxes.total_price") or 0
    return NightTax(code, tax.is_inclusive, amount, terms.told.currency or "", is_pass_through=code in PASSED_ON)
