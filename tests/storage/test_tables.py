"""The tables hold the model's rules: keys, vocabularies, history, money, and what is personal."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import BigInteger, Connection, Date, DateTime, Engine, text
from sqlalchemy.exc import IntegrityError

from hotel.guests import Guest
from hotel.properties import Property
from hotel.reservations import Extra, Night, NightTax, Reservation, Room, VirtualCard
from hotel.rooms import Rate, RatePlan, RoomStatus, RoomType
from storage.tables import METADATA, core
from storage.tables.document import PATH, document

TABLES = sorted(METADATA.tables.values(), key=lambda table: table.fullname)
COLUMNS = [column for table in TABLES for column in table.columns]
TAIL = {"source_version": 1, "received_seq": 1, "load_id": 1, "raw_ref": "p:1:1:0", "row_hash": b"h"}
KEY = {"source": "pms", "property_id": "city-hotel", "source_ref": "1"}
STAY = {"arrival_on": date(2026, 3, 1), "departure_on": date(2026, 3, 3), "currency": "EUR"}
BOOKING = KEY | TAIL | STAY | {"status": "confirmed", "is_inventory_held": True}
ROOM = KEY | TAIL | {"room_ref": "1", "status": "confirmed", "room_type_code": "double"}
NIGHT = KEY | TAIL | {
    "room_ref": "1", "stay_on": date(2026, 3, 1), "use": "sold", "room_type_code": "double", "currency": "EUR",
    "price_minor": 10_000,
}  # fmt: skip
# Of every day: local times, no instants.
TIMES_OF_DAY = {"day_rolls_at", "check_in_at", "check_out_at"}
BOOKS = {
    "property_id": "city-hotel", "snapshot_on": date(2026, 3, 1), "version": 1, "stay_on": date(2026, 3, 2),
    "room_type_code": "double", "market_segment_code": "none", "channel_code": "none", "currency": "EUR",
    "room_count": 1, "complimentary_count": 0, "room_revenue_minor": 1, "arrival_count": 1, "adult_count": 1,
    "child_count": 0, "tentative_count": 0, "blocked_count": 0,
}  # fmt: skip


def book(connection: Connection, **more: Any) -> None:
    connection.execute(core.reservations.insert().values(BOOKING | more))


def commit(connection: Connection) -> None:
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_the_data_model_document_is_that_of_the_tables() -> None:
    assert PATH.read_text(encoding="utf-8") == document(), "run: python -m storage.tables.document"


@pytest.mark.parametrize(
    ("row", "table"),
    [
        (Guest, "core.guests"), (Reservation, "core.reservations"), (Room, "core.reservation_rooms"),
        (Night, "core.room_nights"), (NightTax, "core.room_night_taxes"), (Extra, "core.reservation_extras"),
        (VirtualCard, "core.virtual_cards"), (Property, "core.properties"), (RoomType, "core.room_types"),
        (RatePlan, "core.rate_plans"), (RoomStatus, "core.room_status"), (Rate, "core.rates"),
    ],
)  # fmt: skip
def test_every_field_of_the_language_has_its_column(row: Any, table: str) -> None:
    children = {"rooms", "nights", "taxes", "extras", "virtual_cards"}
    assert set(row._fields) - children <= set(METADATA.tables[table].columns.keys())


def test_names_follow_the_grammar() -> None:
    for column in COLUMNS:
        where = f"{column.table.fullname}.{column.name}"
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name), where
        if column.name.endswith("_at") and column.name not in TIMES_OF_DAY:
            assert isinstance(column.type, DateTime), where
            assert column.type.timezone, where
        if column.name.endswith("_on"):
            assert isinstance(column.type, Date), where
        if column.name.endswith("_minor") and column.name not in {"total_minor", "control_minor"}:
            assert isinstance(column.type, BigInteger), where


def test_money_has_a_currency_beside_it_and_is_never_a_float() -> None:
    for table in TABLES:
        money = [
            column for column in table.columns if isinstance(column.type, BigInteger) and column.name.endswith("_minor")
        ]
        assert not money or "currency" in table.columns, table.fullname
    assert not [
        column for column in COLUMNS if "FLOAT" in str(column.type).upper() or "DOUBLE" in str(column.type).upper()
    ]


def test_every_table_says_what_it_is_for_and_has_a_key() -> None:
    for table in TABLES:
        assert table.comment, table.fullname
        assert table.primary_key.columns, table.fullname


def test_what_is_personal_is_marked() -> None:
    marked = {f"{column.table.fullname}.{column.name}" for column in COLUMNS if column.info.get("personal")}
    names = ("first_name", "last_name", "full_name", "folded_name", "email", "phone", "phone_raw", "birth_on")
    bodies = {"raw.pages.body", "raw.inbox.body", "raw.inbox_conflicts.body", "ops.quarantine.row"}
    assert marked == {f"core.guests.{name}" for name in names} | bodies | {"core.reservations.comment"}


def test_a_nights_revenue_is_its_price_without_included_tax_and_package(connection: Connection) -> None:
    book(connection)
    connection.execute(core.reservation_rooms.insert().values(ROOM))
    cases: list[tuple[dict[str, Any], int]] = [
        ({}, 10_000),
        ({"tax_minor": 500}, 10_000),
        ({"tax_minor": 500, "is_tax_included": False}, 10_000),
        ({"tax_minor": 500, "is_tax_included": True}, 9_500),
        ({"tax_minor": 500, "is_tax_included": True, "package_minor": 1_500}, 8_000),
        ({"is_tax_included": True}, 10_000),
    ]
    for day, (more, wanted) in enumerate(cases, start=1):
        stored = core.room_nights.insert().values(NIGHT | {"stay_on": date(2026, 3, day)} | more)
        assert connection.execute(stored.returning(core.room_nights.c.room_revenue_minor)).scalar_one() == wanted


def test_children_may_come_before_their_parents_but_not_without_them(connection: Connection) -> None:
    connection.execute(core.room_nights.insert().values(NIGHT))
    connection.execute(core.reservation_rooms.insert().values(ROOM))
    with connection.begin_nested() as savepoint:
        with pytest.raises(IntegrityError, match="fk_reservation_rooms_reservations"):
            commit(connection)
        savepoint.rollback()
    book(connection)
    commit(connection)


@pytest.mark.parametrize("missing", ["arrival_on", "departure_on", "currency"])
def test_only_a_tombstone_may_lack_dates_and_currency(connection: Connection, missing: str) -> None:
    with connection.begin_nested() as savepoint:
        with pytest.raises(IntegrityError, match="only_a_tombstone_lacks_dates"):
            book(connection, **{missing: None})
        savepoint.rollback()
    book(connection, **{missing: None}, is_tombstone=True, status="cancelled")


@pytest.mark.parametrize(
    ("table", "row", "wrong"),
    [
        ("core.reservations", BOOKING, {"status": "Confirmed"}),
        ("core.reservations", BOOKING, {"departure_on": date(2026, 2, 28)}),
        ("core.reservation_rooms", ROOM, {"status": "gone"}),
        ("core.room_nights", NIGHT, {"use": "free"}),
        ("core.guests", KEY | TAIL, {"kind": "robot"}),
        ("ops.integrations", {"source": "pms", "property_id": "*", "kind": "x"}, {"status": "off"}),
    ],
)
def test_closed_vocabularies_are_closed(
    connection: Connection, table: str, row: dict[str, Any], wrong: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError, match="violates check constraint"):
        connection.execute(METADATA.tables[table].insert().values(row | wrong))


def test_only_availability_may_fall_below_nought(connection: Connection) -> None:
    row = TAIL | {
        "source": "derived",
        "property_id": "city-hotel",
        "room_type_code": "double",
        "stay_on": date(2026, 3, 1),
    }
    connection.execute(core.inventory.insert().values(row | {"available_count": -1}))
    with pytest.raises(IntegrityError, match="sold_count"):
        connection.execute(core.inventory.insert().values(row | {"stay_on": date(2026, 3, 2), "sold_count": -1}))


@pytest.mark.parametrize("change", ["UPDATE core.on_the_books SET room_count = 2", "DELETE FROM core.on_the_books"])
@pytest.mark.parametrize("snapshot_on", [date(2016, 8, 15), date(2026, 11, 20)])
def test_what_was_on_the_books_stays_as_it_was(connection: Connection, change: str, snapshot_on: date) -> None:
    connection.execute(core.on_the_books.insert().values(BOOKS | {"snapshot_on": snapshot_on}))
    with pytest.raises(IntegrityError, match="append-only"):
        connection.execute(text(change))


def test_what_changed_stays_noted_once(connection: Connection) -> None:
    change = {name: value for name, value in (KEY | TAIL).items() if name not in {"raw_ref", "row_hash"}}
    row = change | {"kind": "created", "to_status": "confirmed"}
    connection.execute(core.reservation_changes.insert().values(row))
    for again in ("UPDATE core.reservation_changes SET kind = 'modified'", "DELETE FROM core.reservation_changes"):
        with connection.begin_nested() as savepoint:
            with pytest.raises(IntegrityError, match="append-only"):
                connection.execute(text(again))
            savepoint.rollback()
    with pytest.raises(IntegrityError, match="uq_reservation_changes"):
        connection.execute(core.reservation_changes.insert().values(row))


def test_the_inbox_is_not_partitioned_since_its_key_could_not_hold(engine: Engine) -> None:
    query = text("SELECT relkind FROM pg_class WHERE oid = CAST(:name AS regclass)")
    with engine.connect() as connection:
        kinds = [connection.scalar(query, {"name": name}) for name in ("raw.inbox", "raw.pages")]
    assert kinds == ["r", "p"]
