"""The rooms of a booking and their nights, each date priced by itself."""

from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from typing import NamedTuple

from connectors.bookings import spread, use
from connectors.cloudbeds import shapes
from connectors.cloudbeds.words import ROOM_STATUSES
from connectors.reading import Reading, RefuseError, minor
from connectors.texts import count, ref
from hotel.money import split_evenly
from hotel.properties import Property
from hotel.reservations import Night, Room
from hotel.status import CONFIRMED, IN_HOUSE, UNMAPPED_CODE


class Terms(NamedTuple):
    """What all rooms of a booking share."""

    reading: Reading
    house: Property
    told: shapes.Reservation
    decimals: int
    status: str
    is_tax_included: bool | None
    arrival_time: time | None

    def minor(self, amount: Decimal | None, column: str) -> int | None:
        """Read an amount in the booking's currency."""
        return minor(amount, self.decimals, column)

    def code(self, field: str, told: str | None) -> str | None:
        """Give our code for theirs."""
        return self.reading.code(self.house, field, told)


def map_rooms(terms: Terms) -> tuple[Room, ...]:
    """Map the rooms, each named by its place in the vendor's books, else by position."""
    return tuple(map(_room, [terms] * len(terms.told.rooms), terms.told.rooms, _refs(terms.told.rooms), _totals(terms)))


def _refs(rooms: Sequence[shapes.Room]) -> list[str]:
    refs = [ref(room.sub_reservation_id) or ref(room.reservation_room_id) for room in rooms]
    told = [each for each in refs if each]
    return told if len(set(told)) == len(rooms) else [str(n) for n in range(1, len(rooms) + 1)]


def _totals(terms: Terms) -> list[int | None]:
    """Give each room's total: its nights, else its part of what the rooms cost together."""
    rooms, balance = terms.told.rooms, terms.told.balance_detailed
    totals = [sum(price for _, price in _days(terms, room)) if _told(room) else None for room in rooms]
    whole = terms.minor(balance.sub_total, "balanceDetailed.subTotal") if isinstance(balance, shapes.Balance) else None
    if whole is None or not rooms or any(total is not None for total in totals):
        return totals
    return list(split_evenly(whole, len(rooms)))


def _told(room: shapes.Room) -> dict[date, Decimal]:
    return room.detailed_room_rates if isinstance(room.detailed_room_rates, dict) else {}


def _days(terms: Terms, room: shapes.Room) -> list[tuple[date, int]]:
    return [(day, terms.minor(rate, "rooms.detailedRoomRates") or 0) for day, rate in sorted(_told(room).items())]


def _room(terms: Terms, told: shapes.Room, room_ref: str, total: int | None) -> Room:
    room = Room(
        room_ref=room_ref,
        status=_status(terms, told.room_status),
        room_type_code=terms.code("room_type", ref(told.room_type_id)) or UNMAPPED_CODE,
        arrival_on=_day(told.room_check_in, "rooms.roomCheckIn"),
        departure_on=_day(told.room_check_out, "rooms.roomCheckOut"),
        currency=terms.told.property_currency,
        total_minor=total,
        rate_plan_code=terms.code("rate_plan", ref(told.rate_id)),
        adult_count=count(told.adults, "rooms.adults"),
        child_count=count(told.children, "rooms.children"),
        is_tax_included=terms.is_tax_included,
        occupant_guest_ref=ref(told.guest_id),
        arrival_time=terms.arrival_time,
        raw_room_code=ref(told.room_type_id),
        raw_rate_code=ref(told.rate_id),
    )
    is_day_use = room.arrival_on is not None and room.arrival_on == room.departure_on
    return room._replace(is_day_use=is_day_use, nights=() if is_day_use else _nights(terms, told, room))


def _status(terms: Terms, word: str | None) -> str:
    """Give a room's status: its own where it says more than the booking."""
    if not word:
        return terms.status
    if word not in ROOM_STATUSES:
        code = "status_unknown"
        raise RefuseError(code, "rooms.roomStatus", word)
    # Of a house guest's booking a room that nobody has moved into is still only confirmed.
    return ROOM_STATUSES[word] or (CONFIRMED if terms.status == IN_HOUSE else terms.status)


def _nights(terms: Terms, told: shapes.Room, room: Room) -> tuple[Night, ...]:
    days = _days(terms, told) or _spread(room)
    segment = terms.code("market_segment", told.market_code)
    return tuple(
        Night(
            stay_on=stay_on,
            use=use(terms.house, price),
            room_type_code=room.room_type_code,
            rate_plan_code=room.rate_plan_code,
            currency=room.currency,
            price_minor=price,
            is_tax_included=room.is_tax_included,
            adult_count=room.adult_count,
            child_count=room.child_count,
            market_segment_code=segment,
            is_price_derived=not _told(told),
        )
        for stay_on, price in days
    )


def _spread(room: Room) -> list[tuple[date, int]]:
    if room.total_minor is None or room.arrival_on is None or room.departure_on is None:
        code = "field_missing"
        raise RefuseError(code, "rooms.detailedRoomRates")
    return spread(room.arrival_on, room.departure_on, room.total_minor)


def _day(told: str | None, column: str) -> date | None:
    """Read a date that may have midnight behind it; it is a date and passes through no zone."""
    if not told:
        return None
    try:
        return date.fromisoformat(told[:10])
    except ValueError as error:
        code = "unreadable"
        raise RefuseError(code, column, told) from error


def withheld_amounts(told: shapes.Reservation) -> list[Decimal]:
    """List what the nights cost of a booking that cannot be read itself."""
    return [rate for room in told.rooms if room.room_status != "cancelled" for rate in _told(room).values()]
