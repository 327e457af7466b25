"""Taxes, extras and virtual cards live and go with their booking; a cancel brings fees and leaves the rest."""

from datetime import date, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from hotel.reservations import Extra, NightTax, Reservation, Room, VirtualCard
from tests.storage.stays import booking, cancelled, load, night, room, told

VAT = NightTax("vat", is_included=True, amount_minor=600, currency="EUR", tax_rate=Decimal("0.06"))
CITY = NightTax("city", is_included=False, amount_minor=200, currency="EUR", is_pass_through=True)
BREAKFAST = Extra("1", "breakfast", "EUR", 3_000, room_ref="1", serves_on=date(2026, 5, 2), quantity_count=2)
CARD = VirtualCard("C-1", "USD", 25_000, date(2026, 5, 1), date(2026, 6, 1), "1111", channel_ref="BK1", is_net=True)
TAXES = "SELECT stay_on, tax_code, amount_minor, tax_rate, is_pass_through FROM core.room_night_taxes ORDER BY 1, 2"


def ask(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(query))]


def taxed(*taxes: NightTax, days: tuple[int, ...] = (0, 1)) -> Room:
    return room(nights=days)._replace(nights=tuple(night(day, taxes=taxes) for day in days))


def full(**given: Any) -> Reservation:
    return booking("R1", taxed(VAT, CITY), extras=(BREAKFAST,), virtual_cards=(CARD,))._replace(**given)


def test_what_is_told_is_kept(connection: Connection) -> None:
    fields: dict[str, Any] = {
        "collect": "channel", "commission_minor": 1_500, "commission_rate": Decimal("0.15"), "comment": "late",
        "is_walk_in": False,
    }  # fmt: skip
    one = taxed(VAT)._replace(child_ages=(3, 11), arrival_time=time(23, 30), raw_room_code="DBL-X")
    load(connection, [told(full(rooms=(one,), **fields), 1)], 1)

    names = ", ".join(fields)
    assert ask(connection, f"SELECT {names} FROM core.reservations") == [tuple(fields.values())]
    assert ask(connection, "SELECT child_ages, arrival_time, raw_room_code FROM core.reservation_rooms") == [
        ([3, 11], time(23, 30), "DBL-X")
    ]
    assert ask(connection, TAXES)[0] == (date(2026, 5, 1), "vat", 600, Decimal("0.06"), False)
    assert ask(connection, "SELECT extra_code, serves_on, quantity_count FROM core.reservation_extras") == [
        ("breakfast", date(2026, 5, 2), 2)
    ]
    assert ask(connection, "SELECT reservation_ref, last_four, limit_minor FROM core.virtual_cards") == [
        ("R1", "1111", 25_000)
    ]


def test_a_modification_takes_back_what_it_no_longer_tells_but_no_card_that_was_charged(connection: Connection) -> None:
    load(connection, [told(full(virtual_cards=(CARD, CARD._replace(card_ref="C-2"))), 1)], 1)
    connection.execute(text("UPDATE core.virtual_cards SET charged_minor = 100 WHERE card_ref = 'C-2'"))

    load(connection, [told(booking("R1", taxed(VAT)), 2)], 2)

    assert [row[1] for row in ask(connection, TAXES)] == ["vat", "vat"]
    assert ask(connection, "SELECT count(*) FROM core.reservation_extras") == [(0,)]
    assert ask(connection, "SELECT card_ref FROM core.virtual_cards") == [("C-2",)]


def test_a_shorter_stay_takes_the_taxes_of_its_dropped_nights_along(connection: Connection) -> None:
    load(connection, [told(full(), 1)], 1)

    load(connection, [told(booking("R1", taxed(VAT, CITY, days=(0,))), 2)], 2)

    assert {row[0] for row in ask(connection, TAXES)} == {date(2026, 5, 1)}


def test_a_room_told_by_itself_leaves_the_extras_of_the_booking(connection: Connection) -> None:
    load(connection, [told(full(), 1)], 1)

    load(connection, [told(booking("R1", room("2")), 2, covers="room")], 2)

    assert ask(connection, "SELECT count(*) FROM core.reservation_extras") == [(1,)]
    assert len(ask(connection, TAXES)) == 4


def test_a_cancel_brings_its_fees_and_leaves_the_rest(connection: Connection) -> None:
    load(connection, [told(full(), 1)], 1)

    load(connection, [cancelled("R1", 2, cancellation_fee_minor=5_000, is_fee_waived=False)], 2)

    query = (
        "SELECT status, cancellation_fee_minor, no_show_fee_minor, is_fee_waived, total_minor FROM core.reservations"
    )
    assert ask(connection, query) == [("cancelled", 5_000, None, False, 20_000)]
    assert len(ask(connection, TAXES)) == 4


def test_the_fees_of_a_cancel_that_came_first_stay_when_its_booking_comes(connection: Connection) -> None:
    load(connection, [cancelled("R1", 2, cancellation_fee_minor=5_000, currency="EUR")], 1)

    load(connection, [told(full(), 1)], 2)

    assert ask(connection, "SELECT status, cancellation_fee_minor, comment FROM core.reservations") == [
        ("cancelled", 5_000, None)
    ]


def test_a_newer_cancel_with_another_fee_is_a_change(connection: Connection) -> None:
    load(connection, [told(full(), 1), cancelled("R1", 2, cancellation_fee_minor=5_000)], 1)

    counts = load(connection, [cancelled("R1", 3, cancellation_fee_minor=0, is_fee_waived=True)], 2)

    assert counts.updated_count == 1
    assert ask(connection, "SELECT cancellation_fee_minor, is_fee_waived FROM core.reservations") == [(0, True)]


def test_the_same_again_writes_nothing(connection: Connection) -> None:
    load(connection, [told(full(), 1)], 1)
    before = ask(
        connection, "SELECT ctid, xmin FROM core.room_night_taxes UNION ALL SELECT ctid, xmin FROM core.virtual_cards"
    )

    counts = load(connection, [told(full(), 1)], 2)

    assert (counts.unchanged_count, counts.updated_count) == (1, 0)
    after = ask(
        connection, "SELECT ctid, xmin FROM core.room_night_taxes UNION ALL SELECT ctid, xmin FROM core.virtual_cards"
    )
    assert after == before
