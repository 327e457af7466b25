"""One booking as a tree: the booking, its rooms, their nights. Priced per night, or spread so that it adds up again."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from connectors.bookings import own
from connectors.hotel_rest import shapes
from connectors.hotel_rest.reading import RestReading
from connectors.hotel_rest.words import HOLDS_INVENTORY, STATUSES, status_word
from connectors.reading import RefuseError, decimals_of, minor
from hotel.money import split_evenly
from hotel.properties import Property, hotel_date
from hotel.reservations import Night, Reservation, Room, price_nights
from hotel.status import CANCELLED, HOLDING, LOST, UNMAPPED_CODE, use_of_night

# A wrong century must not fill the memory; what is merely long is for the gate.
LONGEST_STAY_NIGHTS: Final = 3660


class Booking:
    """One booking being mapped; `reservation()` raises RefuseError where it cannot be understood."""

    def __init__(self, reading: RestReading, told: shapes.Reservation, house: Property) -> None:
        self._reading = reading
        self._told = told
        self._house = house
        self._decimals = decimals_of(told.currency)
        self._status = self._status_of(told.status)
        is_included = told.tax_included
        self._is_tax_included = house.is_price_tax_included if is_included is None else is_included

    def reservation(self) -> Reservation:
        """Give the booking with its rooms; dates and counts are those of the rooms that are not lost."""
        told, house = self._told, self._house
        booked_at = self._at(told.booked_at, "bookedAt")
        cancelled_at = self._at(told.cancelled_at, "cancelledAt")
        rooms = tuple(map(self._room, told.rooms, self._room_totals(), range(1, len(told.rooms) + 1)))
        if self._status == CANCELLED:
            rooms = tuple(
                room._replace(cancelled_at=cancelled_at, cancelled_on=self._day(cancelled_at)) for room in rooms
            )
        live = [room for room in rooms if room.status not in LOST] or rooms
        return self._with_origin(
            Reservation(
                source=self._reading.codebook.source,
                property_id=house.property_id,
                source_ref=own(told.id, "id"),
                status=self._status,
                arrival_on=min((room.arrival_on for room in live if room.arrival_on), default=None),
                departure_on=max((room.departure_on for room in live if room.departure_on), default=None),
                currency=told.currency,
                total_minor=self._minor(told.total_price, "totalPrice"),
                rooms=rooms,
                is_inventory_held=self._status in HOLDING or status_word(told.status) == HOLDS_INVENTORY,
                booked_at=booked_at,
                booked_on=self._day(booked_at),
                cancelled_at=cancelled_at,
                cancelled_on=self._day(cancelled_at),
                no_show_on=told.no_show_on,
                checked_in_on=told.checked_in_on,
                checked_out_on=told.checked_out_on,
                room_count=len(live),
                tax_minor=self._minor(told.tax, "tax"),
                is_tax_included=self._is_tax_included,
            )
        )

    def _with_origin(self, row: Reservation) -> Reservation:
        """Add who sold the booking, how it was entered, who comes and what they asked for."""
        told = self._told
        return row._replace(
            group_ref=told.group_id,
            channel_code=self._code("channel", told.channel),
            market_segment_code=self._code("market_segment", told.segment),
            origin_code=self._code("origin", told.origin),
            customer_type_code=self._code("customer_type", told.customer_type),
            meal_plan_code=self._code("meal_plan", told.meal_plan),
            guarantee_code=self._code("guarantee", told.guarantee),
            channel_ref=told.channel_ref,
            agent_ref=told.agent_id,
            company_ref=told.company_id,
            booker_guest_ref=told.booker_id,
            primary_guest_ref=told.guest_id,
            adult_count=told.adults,
            child_count=told.children,
            infant_count=told.infants,
            change_count=told.change_count,
            is_repeat_guest=told.repeat_guest,
            special_request_count=_request_count(told.special_requests),
        )

    def _room_totals(self) -> Sequence[int | None]:
        """Give each room's total; where only the booking has one and no night a price, it is spread over the rooms."""
        rooms = self._told.rooms
        totals = [self._minor(room.total_price, "rooms.totalPrice") for room in rooms]
        whole = self._minor(self._told.total_price, "totalPrice")
        if whole is None or any(total is not None for total in totals) or any(room.nights for room in rooms):
            return totals
        return split_evenly(whole, len(rooms)) if rooms else totals

    def _room(self, room: shapes.Room, total: int | None, position: int) -> Room:
        room_type = self._code("room_type", room.room_type) or UNMAPPED_CODE
        plan = self._code("rate_plan", room.rate_plan)
        return Room(
            room_ref=room.id or str(position),
            status=self._status_of(room.status) if room.status else self._status,
            room_type_code=room_type,
            arrival_on=room.check_in,
            departure_on=room.check_out,
            currency=self._told.currency,
            total_minor=total,
            nights=self._nights(room, total, room_type, plan),
            assigned_room_type_code=self._code("room_type", room.assigned_room_type),
            rate_plan_code=plan,
            meal_plan_code=self._code("meal_plan", room.meal_plan),
            is_day_use=_is_day_use(room),
            is_complimentary=bool(room.complimentary),
            is_house_use=bool(room.house_use),
            adult_count=room.adults,
            child_count=room.children,
            infant_count=room.infants,
            is_tax_included=self._is_tax_included,
        )

    def _nights(self, room: shapes.Room, total: int | None, room_type: str, plan: str | None) -> tuple[Night, ...]:
        if _is_day_use(room):
            return ()  # its money is the room's total; a night would be one too many in every report
        priced = self._told_nights(room) if room.nights else _spread(room, total)
        return tuple(
            Night(
                stay_on,
                use_of_night(
                    price_minor=price,
                    is_complimentary=bool(room.complimentary),
                    is_house_use=bool(room.house_use),
                    zero_price_use=self._house.zero_price_use,
                ),
                room_type,
                plan,
                self._told.currency,
                price,
                self._is_tax_included,
                tax,
                package,
                room.adults,
                room.children,
            )
            for stay_on, price, tax, package in priced
        )

    def _told_nights(self, room: shapes.Room) -> list[tuple[date, int, int | None, int | None]]:
        return [
            (
                night.date,
                self._minor(night.price, "rooms.nights.price") or 0,
                self._minor(night.tax, "rooms.nights.tax"),
                self._minor(night.package, "rooms.nights.package"),
            )
            for night in room.nights or ()
        ]

    def _status_of(self, word: str) -> str:
        mapped = self._reading.codebook.code(self._house.property_id, "status", word)
        status = mapped if isinstance(mapped, str) else STATUSES.get(status_word(word))
        if status is None:
            code = "status_unknown"
            raise RefuseError(code, "status", word)
        return status

    def _minor(self, amount: Decimal | None, column: str) -> int | None:
        return minor(amount, self._decimals, column)

    def _code(self, field: str, ref: str | None) -> str | None:
        return self._reading.code(self._house, field, ref) if ref else None

    def _at(self, stamp: datetime | None, column: str) -> datetime | None:
        return self._reading.at(stamp, column, self._house)

    def _day(self, instant: datetime | None) -> date | None:
        return None if instant is None else hotel_date(self._house, instant)


def _is_day_use(room: shapes.Room) -> bool:
    return bool(room.day_use)


def _spread(room: shapes.Room, total: int | None) -> list[tuple[date, int, None, None]]:
    if total is None or room.check_in is None or room.check_out is None:
        return []
    if (room.check_out - room.check_in).days > LONGEST_STAY_NIGHTS:
        code = "stay_too_long"
        raise RefuseError(code, "rooms.checkOut", room.check_out)
    return [(stay_on, price, None, None) for stay_on, price in price_nights(room.check_in, room.check_out, total)]


def _request_count(told: object) -> int | None:
    if isinstance(told, int):
        return told
    return len(told) if isinstance(told, list) else None
