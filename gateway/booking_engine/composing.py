"""Turn a request into the booking the inbox keeps: every night with its price, in minor units."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy import Connection

from connectors.booking_engine.asked import AskedBooking, AskedCancel, AskedGuest, AskedNight, AskedRoom
from gateway.booking_engine import amounts
from gateway.booking_engine.problems import NO_PRICE, OTHER_CURRENCY, PRICE_CHANGED, conflict, malformed, missing
from gateway.booking_engine.quoting import Market, check_left, check_sold, market, nightly
from gateway.booking_engine.shapes import BookingAsked, BookingChange, Guest, RoomAsked
from hotel.asked import CANCELLED_ALREADY, EXISTS_ALREADY, SOURCE, STAY_BEGUN, UNKNOWN_BOOKING
from hotel.money import split_evenly
from hotel.reservations import stay_dates
from hotel.status import CANCELLED, CONFIRMED, WAITLISTED
from storage.booked import Booked, BookedRoom, booked


class _Priced(NamedTuple):
    """The nights of one room as far as their price is known."""

    dates: Sequence[date]
    nights: list[AskedNight | None]
    currencies: set[str]


def new_booking(connection: Connection, property_id: str, ref: str, asked: BookingAsked) -> AskedBooking:
    """Compose a booking to be made; raises ProblemError 409, or 422 for what is no amount."""
    if booked(connection, SOURCE, property_id, ref):
        raise conflict(EXISTS_ALREADY)
    offered = _offered(connection, property_id, asked)
    check_left(offered, asked)
    return _composed(offered, ref, asked, None)


def changed_booking(connection: Connection, property_id: str, ref: str, asked: BookingChange) -> AskedBooking:
    """Compose a booking as it shall be; nights that stay as they are keep their price. Raises ProblemError 404 or 409."""
    stands = standing(connection, property_id, ref)
    return _composed(_offered(connection, property_id, asked), ref, asked, stands)


def cancelled_booking(connection: Connection, property_id: str, ref: str, fee: str | None) -> AskedCancel:
    """Compose the end of a booking; raises ProblemError 404 or 409."""
    stands = standing(connection, property_id, ref)
    if fee is None:
        return AskedCancel(ref, datetime.now(UTC))
    if stands.currency is None:
        raise malformed(field="cancellation_fee", problem="the booking has no currency to charge it in")
    return AskedCancel(ref, datetime.now(UTC), amounts.read(fee, stands.currency, "cancellation_fee"))


def standing(connection: Connection, property_id: str, ref: str) -> Booked:
    """Give a booking that can still be changed; raises ProblemError 404 or 409."""
    stands = booked(connection, SOURCE, property_id, ref)
    if stands is None:
        raise missing(UNKNOWN_BOOKING)
    if stands.status == CANCELLED:
        raise conflict(CANCELLED_ALREADY)
    if stands.status not in {CONFIRMED, WAITLISTED}:
        raise conflict(STAY_BEGUN)
    return stands


def _offered(connection: Connection, property_id: str, asked: BookingChange) -> Market:
    pairs = [(room.rate_plan, room.room_type) for room in asked.rooms]
    offered = market(connection, property_id, asked.check_in, asked.check_out, wanted=pairs)
    check_sold(offered, asked)
    return offered


def _composed(offered: Market, ref: str, asked: BookingChange, stands: Booked | None) -> AskedBooking:
    dates = stay_dates(asked.check_in, asked.check_out)
    known = stands.rooms if stands else ()
    priced = [
        _priced(offered, room, dates, known[place] if place < len(known) else None, stands)
        for place, room in enumerate(asked.rooms)
    ]
    currency, nights = _at_one_price(offered, asked, priced)
    return AskedBooking(
        ref=ref,
        check_in=asked.check_in,
        check_out=asked.check_out,
        currency=currency,
        booked_at=(stands and stands.booked_at) or datetime.now(UTC),
        rooms=[
            AskedRoom(str(n), room.room_type, room.rate_plan, room.adults, room.children, told, room.child_ages)
            for n, (room, told) in enumerate(zip(asked.rooms, nights, strict=True), 1)
        ],
        guest=_guest(asked.guest),
        comment=asked.comment,
    )


def _priced(
    offered: Market, room: RoomAsked, dates: Sequence[date], was: BookedRoom | None, stands: Booked | None
) -> _Priced:
    rates = nightly(offered.stay, offered.rates.get((room.rate_plan, room.room_type), ()), room.adults)
    kept = _kept(room, was)
    nights = [
        AskedNight(stay_on, kept[stay_on], stands.is_tax_included if stands else None)
        if stay_on in kept
        else AskedNight(stay_on, rate.price_minor, rate.is_tax_included)
        if rate
        else None
        for stay_on, rate in zip(dates, rates, strict=True)
    ]
    currencies = {rate.currency for stay_on, rate in zip(dates, rates, strict=True) if rate and stay_on not in kept}
    if kept and stands and stands.currency:
        currencies.add(stands.currency)
    return _Priced(dates, nights, currencies)


def _kept(room: RoomAsked, was: BookedRoom | None) -> dict[date, int]:
    """Give the prices of the nights a room has already, where it is the same room for as many."""
    if was is None or (was.room_type_code, was.rate_plan_code, was.adult_count) != (
        room.room_type, room.rate_plan, room.adults,
    ):  # fmt: skip
        return {}
    return {night.stay_on: night.price_minor for night in was.nights}


def _at_one_price(
    offered: Market, asked: BookingChange, priced: Sequence[_Priced]
) -> tuple[str, list[list[AskedNight]]]:
    """Give currency and nights of each room: the hotel's prices, else the total stated, spread so that it adds up."""
    currencies = {currency for room in priced for currency in room.currencies}
    nights = [night for room in priced for night in room.nights]
    currency = asked.currency or (min(currencies) if len(currencies) == 1 else offered.house.currency)
    stated = None if asked.total is None else amounts.read(asked.total, currency, "total")
    if None not in nights and currencies <= {currency}:
        told = [[night for night in room.nights if night] for room in priced]
        total = sum(night.price_minor for room in told for night in room)
        if stated not in {None, total}:
            shown = amounts.shown(total, currency)
            raise conflict(PRICE_CHANGED, total=shown, currency=currency)
        return currency, told
    if currencies - {currency}:
        raise conflict(OTHER_CURRENCY, currency=min(currencies - {currency}))
    if stated is None:
        raise conflict(NO_PRICE)
    return currency, _spread(stated, priced)


def _spread(total_minor: int, priced: Sequence[_Priced]) -> list[list[AskedNight]]:
    parts = iter(split_evenly(total_minor, sum(len(room.dates) for room in priced)))
    return [[AskedNight(stay_on, next(parts), is_derived=True) for stay_on in room.dates] for room in priced]


def _guest(told: Guest | None) -> AskedGuest | None:
    return AskedGuest(**told.model_dump()) if told else None
