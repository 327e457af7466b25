"""The rooms of a booking: told one by one, or so many equal ones."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from connectors.booking_engine import shapes
from connectors.booking_engine.words import STATUSES, status_word
from connectors.bookings import spread, status_of, use
from connectors.reading import Reading, RefuseError, minor
from connectors.texts import count, ref
from hotel.money import split_evenly
from hotel.properties import Property
from hotel.reservations import Night, Room
from hotel.status import UNMAPPED_CODE

MOST_ROOMS = 200
Days = list[tuple[date, int, int | None]]


class Terms(NamedTuple):
    """What all rooms of a booking share; `guests` names the one who comes to each."""

    reading: Reading
    house: Property
    told: shapes.Reservation
    currency: str
    decimals: int
    status: str
    is_tax_included: bool | None
    guests: list[str | None]

    def minor(self, amount: Decimal | None, column: str) -> int | None:
        """Read an amount in the booking's currency."""
        return minor(amount, self.decimals, column)

    def code(self, field: str, told: str | None) -> str | None:
        """Give our code for theirs."""
        return self.reading.code(self.house, field, told)


def rooms_of(told: shapes.Reservation) -> list[shapes.Room]:
    """List the rooms a booking is of; without any it is of as many as it counts, all as the booking itself."""
    if told.rooms:
        return told.rooms
    room_count = 1 if told.room_count is None else told.room_count
    if not 1 <= room_count <= MOST_ROOMS:
        code = "room_count_unreadable"
        raise RefuseError(code, "roomCount", room_count)
    return [shapes.Room()] * room_count


def map_rooms(terms: Terms) -> tuple[Room, ...]:
    """Map the rooms; where only the booking has a price it is spread over them."""
    rooms = rooms_of(terms.told)
    totals = [_total(terms, room) for room in rooms]
    whole = terms.minor(terms.told.total_price, "totalPrice")
    if whole is not None and not any(total is not None for total in totals):
        totals = list(split_evenly(whole, len(rooms)))
    refs = [ref(room.id) or ref(room.room_id) for room in rooms]
    named = [each for each in refs if each]
    names = named if len(set(named)) == len(rooms) else [str(n) for n in range(1, len(rooms) + 1)]
    return tuple(map(_room, [terms] * len(rooms), rooms, names, totals, terms.guests))


def _total(terms: Terms, room: shapes.Room) -> int | None:
    if room.total_price is not None:
        return terms.minor(room.total_price, "rooms.totalPrice")
    return sum(price for _, price, _ in _days(terms, room)) if room.nights else None


def _days(terms: Terms, room: shapes.Room) -> Days:
    return sorted(
        (
            night.date,
            terms.minor(night.price, "rooms.nights.price") or 0,
            terms.minor(night.tax, "rooms.nights.tax"),
        )
        for night in room.nights or ()
    )


def _room(terms: Terms, told: shapes.Room, name: str, total: int | None, guest: str | None) -> Room:
    whole = terms.told
    is_one = len(terms.guests) == 1
    room_type = ref(told.room_type) or ref(told.room_type_id) or ref(whole.room_type) or ref(whole.room_type_id)
    plan = ref(told.rate_plan) or ref(told.rate_plan_id) or ref(whole.rate_plan) or ref(whole.rate_plan_id)
    adults = told.adults if told.adults is not None or not is_one else whole.adults
    children = told.children if told.children is not None or not is_one else whole.children
    room = Room(
        room_ref=name,
        status=_status(terms, told.status),
        room_type_code=terms.code("room_type", room_type) or UNMAPPED_CODE,
        arrival_on=told.check_in or whole.check_in,
        departure_on=told.check_out or whole.check_out,
        currency=terms.currency,
        total_minor=total,
        rate_plan_code=terms.code("rate_plan", plan),
        adult_count=count(adults, "rooms.adults"),
        child_count=count(children, "rooms.children"),
        is_tax_included=terms.is_tax_included,
        occupant_guest_ref=guest,
        raw_room_code=room_type,
        raw_rate_code=plan,
    )
    if room.arrival_on is None or room.departure_on is None:
        code = "field_missing"
        raise RefuseError(code, "checkIn" if room.arrival_on is None else "checkOut")
    is_day_use = room.arrival_on == room.departure_on
    return room._replace(is_day_use=is_day_use, nights=() if is_day_use else _nights(terms, told, room))


def _status(terms: Terms, word: str | None) -> str:
    if not word:
        return terms.status
    return status_of(terms.reading, terms.house, status_word(word), STATUSES)


def _nights(terms: Terms, told: shapes.Room, room: Room) -> tuple[Night, ...]:
    days = _days(terms, told) or _spread(room)
    return tuple(
        Night(
            stay_on=stay_on,
            use=use(terms.house, price),
            room_type_code=room.room_type_code,
            rate_plan_code=room.rate_plan_code,
            currency=room.currency,
            price_minor=price,
            is_tax_included=room.is_tax_included,
            tax_minor=tax,
            adult_count=room.adult_count,
            child_count=room.child_count,
            is_price_derived=not told.nights,
        )
        for stay_on, price, tax in days
    )


def _spread(room: Room) -> Days:
    if room.total_minor is None or room.arrival_on is None or room.departure_on is None:
        code = "field_missing"
        raise RefuseError(code, "totalPrice")
    return [(stay_on, price, None) for stay_on, price in spread(room.arrival_on, room.departure_on, room.total_minor)]


def withheld_amounts(told: shapes.Reservation) -> tuple[int, list[Decimal | None]]:
    """Count the nights of a booking that cannot be read itself, and list what it costs."""
    stays = [(room.check_in or told.check_in, room.check_out or told.check_out) for room in told.rooms or [told]]
    nights = sum(max((last - first).days, 0) for first, last in stays if first and last)
    nights *= 1 if told.rooms else min(max(told.room_count or 1, 1), MOST_ROOMS)
    if told.total_price is not None:
        return nights, [told.total_price]
    return nights, [night.price for room in told.rooms or () for night in room.nights or ()]
