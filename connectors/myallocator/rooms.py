"""The rooms of a booking: each entry is some rooms of one kind, and becomes as many rooms."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from connectors.bookings import channel_code, spread, use
from connectors.myallocator import shapes
from connectors.myallocator.words import NO_ROOM
from connectors.reading import Reading, RefuseError, decimals_of, minor
from connectors.texts import count, ref
from hotel.money import split_evenly
from hotel.properties import Property
from hotel.reservations import Night, Room
from hotel.status import CONFIRMED

MOST_ROOMS: Final = 200
_DAY: Final = timedelta(days=1)
Days = list[tuple[date, int]]


class Terms(NamedTuple):
    """What all rooms of a booking share; `guests` names the occupant of each entry."""

    reading: Reading
    house: Property
    told: shapes.Booking
    arrival_time: time | None
    guests: Sequence[str | None]


class _Entry(NamedTuple):
    """One entry with its figures read: `days` as told, for one room or for all of them; `parts` are those of each room."""

    told: shapes.Room
    units: int
    currency: str
    total_minor: int | None
    days: Days
    parts: Sequence[Days] = ()


def map_rooms(terms: Terms) -> tuple[Room, ...]:
    """Map the rooms; a room is named by its entry's place and its own within it (`2.1`), the vendor names none."""
    entries = [_entry(terms, room) for room in terms.told.rooms]
    if sum(entry.units for entry in entries) > MOST_ROOMS:
        code = "room_count_unreadable"
        raise RefuseError(code, "Rooms.Units", sum(entry.units for entry in entries))
    entries = _with_totals(terms, entries)
    return tuple(
        room
        for n, (entry, guest) in enumerate(zip(entries, terms.guests, strict=True), 1)
        for room in _rooms(terms, entry, n, guest)
    )


def departure(last_night: date | None) -> date | None:
    """Give the day of departure: what the vendor calls the end is the last night; refuses the last of all days."""
    if last_night == date.max:
        code = "unreadable"
        raise RefuseError(code, "EndDate", last_night)
    return None if last_night is None else last_night + _DAY


def _entry(terms: Terms, told: shapes.Room) -> _Entry:
    currency = told.currency or terms.told.total_currency
    decimals = decimals_of(currency)
    days = [(each.date, minor(each.rate, decimals, "Rooms.DayRates.Rate") or 0) for each in told.day_rates or ()]
    units = count(told.units, "Rooms.Units")
    if not units:
        code = "room_count_unreadable"
        raise RefuseError(code, "Rooms.Units", told.units)
    return _Entry(told, units, currency or "", minor(told.price, decimals, "Rooms.Price"), sorted(days))


def _with_totals(terms: Terms, entries: list[_Entry]) -> list[_Entry]:
    """Give every entry the total of all its rooms: its price, else its nights, else its part of the booking's."""
    whole = terms.told.total_price
    if entries and whole is not None and not any(entry.days or entry.total_minor is not None for entry in entries):
        currency = terms.told.total_currency
        total = minor(whole, decimals_of(currency), "TotalPrice") or 0
        parts = iter(split_evenly(total, sum(entry.units for entry in entries)))
        return [
            entry._replace(total_minor=sum(next(parts) for _ in range(entry.units)), currency=currency or "")
            for entry in entries
        ]
    is_each = _is_for_each(terms, entries)
    return [_with_total(terms, entry, is_each=is_each) for entry in entries]


def _with_total(terms: Terms, entry: _Entry, *, is_each: bool) -> _Entry:
    """Give each room its nights; where these are nothing like the price beside them, the price counts."""
    if not entry.days:
        return entry
    told = sum(price for _, price in entry.days)
    total = entry.total_minor if entry.total_minor is not None else told * (entry.units if is_each else 1)
    if told * entry.units == total:
        return entry._replace(total_minor=total, parts=[entry.days] * entry.units)
    if told == total:
        shares = [split_evenly(price, entry.units) for _, price in entry.days]
        parts = [
            [(day, share[n]) for (day, _), share in zip(entry.days, shares, strict=True)] for n in range(entry.units)
        ]
        return entry._replace(total_minor=total, parts=parts)
    terms.reading.warn("day_rates_disagree")
    return entry._replace(total_minor=total)


def _is_for_each(terms: Terms, entries: Sequence[_Entry]) -> bool:
    """Tell whether nights without a price beside them are those of each room: the booking's total says so."""
    whole = terms.told.total_price
    for_all = sum(price for entry in entries for _, price in entry.days)
    decimals = decimals_of(terms.told.total_currency) if whole is not None else 0
    return whole is None or minor(whole, decimals, "TotalPrice") != for_all


def _rooms(terms: Terms, entry: _Entry, number: int, guest: str | None) -> list[Room]:
    room = _room(terms, entry, guest)
    parts: Sequence[Days] = entry.parts or [[]] * entry.units
    if entry.parts:
        totals = [sum(price for _, price in part) for part in parts]
    elif entry.total_minor is not None:
        totals = split_evenly(entry.total_minor, entry.units)
    else:
        code = "field_missing"
        raise RefuseError(code, "Rooms.Price")
    return [
        _priced(terms.house, room._replace(room_ref=f"{number}.{n}", total_minor=total), part)
        for n, (total, part) in enumerate(zip(totals, parts, strict=True), 1)
    ]


def _room(terms: Terms, entry: _Entry, guest: str | None) -> Room:
    """Map what all rooms of an entry have in common."""
    told, whole = entry.told, terms.told
    (room_type, raw_type), (plan, raw_plan) = _codes(terms, told)
    is_one = entry.units == 1
    return Room(
        room_ref="",
        status=CONFIRMED,
        room_type_code=room_type,
        arrival_on=told.start_date or whole.start_date,
        departure_on=departure(told.end_date or whole.end_date),
        currency=entry.currency,
        total_minor=None,
        rate_plan_code=plan,
        # What is told is of all rooms of an entry: of several nobody knows who sleeps where.
        adult_count=count(told.adults, "Rooms.Adults") if is_one else None,
        child_count=count(told.children, "Rooms.Children") if is_one else None,
        is_tax_included=terms.house.is_price_tax_included,
        occupant_guest_ref=guest if is_one else None,
        arrival_time=terms.arrival_time,
        raw_room_code=raw_type,
        raw_rate_code=raw_plan,
    )


def _codes(terms: Terms, told: shapes.Room) -> tuple[tuple[str, str], tuple[str | None, str | None]]:
    """Give the room type and the rate plan, each with what was sent; many bookings tell no plan."""
    reading, house, channel = terms.reading, terms.house, terms.told.channel or terms.told.order_source
    ids = [each for each in map(ref, told.room_type_ids or ()) if each and each != NO_ROOM]
    plans = [ref(each) for each in told.myallocator_rateplan_ids or () if isinstance(each, int | str)]
    own_type = ref(told.channel_room_type) or told.room_desc
    room_type = channel_code(reading, house, "room_type", ids, (channel, own_type))
    if not any(plans) and not ref(told.rate_id):
        return room_type, (None, None)
    return room_type, channel_code(reading, house, "rate_plan", plans, (channel, ref(told.rate_id)))


def _priced(house: Property, room: Room, told: Days) -> Room:
    if told:
        days = told
    elif room.total_minor is None or room.arrival_on is None or room.departure_on is None:
        code = "field_missing"
        raise RefuseError(code, "Rooms.EndDate")
    else:
        days = spread(room.arrival_on, room.departure_on, room.total_minor)
    nights = tuple(
        Night(
            stay_on=stay_on,
            use=use(house, price),
            room_type_code=room.room_type_code,
            rate_plan_code=room.rate_plan_code,
            currency=room.currency,
            price_minor=price,
            is_tax_included=room.is_tax_included,
            adult_count=room.adult_count,
            child_count=room.child_count,
            is_price_derived=not told,
        )
        for stay_on, price in days
    )
    return room._replace(nights=nights)


def withheld_amounts(told: shapes.Booking) -> tuple[int, list[Decimal | None]]:
    """Count the nights of a booking that cannot be read, and list what they cost."""
    nights = 0
    for room in told.rooms:
        first, last = room.start_date or told.start_date, room.end_date or told.end_date
        units = int(room.units) if str(room.units).isdecimal() else 1
        nights += units * ((last - first).days + 1 if first and last and last >= first else 0)
    return nights, [told.total_price] if told.total_price is not None else [room.price for room in told.rooms]
