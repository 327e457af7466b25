"""Rows as Arrow tables: typed as their tables, the newest of each key, nothing cut off without a word."""

from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming
from hotel.reservations import Extra, Night, NightTax, Reservation, Room, VirtualCard
from hotel.rooms import Rate
from storage.collapsing import content_hash
from storage.frames import TABLES, UnfitValueError, frames, take
from tests.storage.guests import a_guest
from tests.storage.stays import booking, cancelled, night, room, told

MONEY = {"total_minor", "tax_minor", "price_minor", "package_minor"}


def test_each_table_has_the_fields_of_its_tuple_and_the_key_of_its_parent() -> None:
    tables = frames("reservations", [told(booking(), 1)], 4).tables
    details = ["room_night_taxes", "reservation_extras", "virtual_cards"]
    assert list(tables) == ["reservations", "reservation_rooms", "room_nights", *details]
    key = {"row_number", "source", "property_id", "source_ref"}
    assert set(Reservation._fields) - {"rooms", "extras", "virtual_cards"} <= set(tables["reservations"].column_names)
    assert key | set(Room._fields) - {"nights"} == set(tables["reservation_rooms"].column_names)
    assert key | {"room_ref"} | set(Night._fields) - {"taxes"} == set(tables["room_nights"].column_names)
    assert key | {"room_ref", "stay_on"} | set(NightTax._fields) == set(tables["room_night_taxes"].column_names)
    assert key | set(Extra._fields) == set(tables["reservation_extras"].column_names)
    assert key | set(VirtualCard._fields) == set(tables["virtual_cards"].column_names)


def test_money_is_int64_and_no_column_is_a_float() -> None:
    for name, table in frames("reservations", [told(booking(), 1)], 4).tables.items():
        for field in table.schema:
            assert not pa.types.is_floating(field.type), (name, field.name)
            assert field.name not in MONEY or field.type == pa.int64()


def test_columns_have_the_same_type_with_and_without_rows() -> None:
    full = frames("reservations", [told(booking(), 1)], 4).tables
    empty = frames("reservations", [], 4).tables
    assert {name: table.schema for name, table in full.items()} == {name: table.schema for name, table in empty.items()}
    assert [table.num_rows for table in empty.values()] == [0] * 6


def test_rooms_and_nights_carry_the_row_number_of_their_booking() -> None:
    rows = [told(booking("A", room("1", [0]), room("2", [0, 1])), 1), told(booking("B", room("1", [])), 1)]
    tables = frames("reservations", rows, 4).tables
    assert tables["reservation_rooms"].select(["row_number", "source_ref", "room_ref"]).to_pylist() == [
        {"row_number": 0, "source_ref": "A", "room_ref": "1"},
        {"row_number": 0, "source_ref": "A", "room_ref": "2"},
        {"row_number": 1, "source_ref": "B", "room_ref": "1"},
    ]
    assert tables["room_nights"]["room_ref"].to_pylist() == ["1", "2", "2"]
    assert take(tables, pa.array([1]))["room_nights"].num_rows == 0


def test_a_row_without_a_version_takes_its_place_in_the_order_of_receipt() -> None:
    parent = frames("guests", [told(a_guest("A")), told(a_guest("B"), 9)], [4, 5]).parent
    assert parent["source_version"].to_pylist() == [4, 9]
    assert parent["received_seq"].to_pylist() == [4, 5]
    assert parent["has_versions"].to_pylist() == [False, True]


def test_the_newest_version_of_a_key_is_kept_and_the_later_of_two_equal_ones() -> None:
    rows = [told(a_guest("A", first_name=name), version) for name, version in [("x", 1), ("y", 3), ("z", 3), ("w", 2)]]
    read = frames("guests", [*rows, told(a_guest("B"))], 4)
    assert read.parent["first_name"].to_pylist() == ["z", "Ana"]
    assert read.parent["row_number"].to_pylist() == [2, 4]
    assert (read.repeated_count, read.rewritten_count) == (3, 1)


def test_the_same_row_twice_is_repeated_and_not_rewritten() -> None:
    read = frames("guests", [told(a_guest("A"), 1)] * 3, 4)
    assert (read.parent.num_rows, read.repeated_count, read.rewritten_count) == (1, 2, 0)


@pytest.mark.parametrize("versions", [(1, 2), (3, 3), (None, None)])
def test_a_cancel_newer_than_its_booking_stays_beside_it_and_an_older_one_goes(versions: tuple[int, int]) -> None:
    newer = frames("reservations", [told(booking(), versions[0]), cancelled(version=versions[1])], 4)
    assert newer.parent["action"].to_pylist() == ["write", CANCEL]
    older = frames("reservations", [cancelled(version=1), told(booking(), 2), cancelled(version=1)], 4)
    assert older.parent["action"].to_pylist() == ["write"]


def test_a_cancel_says_nothing_of_rooms_even_where_its_message_carried_them() -> None:
    tables = frames("reservations", [told(booking(), 1)._replace(action=CANCEL)], 4).tables
    assert [table.num_rows for table in tables.values()] == [1, 0, 0, 0, 0, 0]


def test_rooms_of_older_messages_come_along_where_the_newest_covers_one_room() -> None:
    rows = [
        told(booking("A", room("1")), 1, covers="room"),
        told(booking("A", room("2")), 3, covers="room"),
        told(booking("A", room("1", [0])), 2, covers="room"),
    ]
    read = frames("reservations", rows, 4)
    assert read.tables["reservation_rooms"]["room_ref"].to_pylist() == ["1", "2"]
    assert read.tables["room_nights"].num_rows == 1 + 2
    assert read.parent["covers"].to_pylist() == ["room"]


def test_a_whole_booking_and_a_later_room_of_it_are_told_as_the_whole() -> None:
    whole = told(booking("A", room("1"), room("2")), 2)
    read = frames(
        "reservations", [told(booking("A", room("9")), 1), whole, told(booking("A", room("3")), 3, covers="room")], 4
    )
    assert read.tables["reservation_rooms"]["room_ref"].to_pylist() == ["1", "2", "3"]
    assert read.parent["covers"].to_pylist() == ["reservation"]


@pytest.mark.parametrize(
    "other",
    [
        booking("A", room("1", [0])),
        booking("A", room("1", [0, 1], price=1)),
        booking("A", room("1")._replace(nights=(night(0), night(1, tax_minor=1)))),
        booking("A", room("1"), status="in_house"),
    ],
)
def test_the_hash_is_that_of_the_whole_tree(other: Reservation) -> None:
    assert content_hash(told(booking("A"))) != content_hash(told(other))
    assert content_hash(told(booking("A"))) == content_hash(told(booking("A"), 7))


def test_the_hash_of_a_cancel_is_of_what_a_cancel_says() -> None:
    said = cancelled("A", 1)
    assert content_hash(said) == content_hash(cancelled("A", 2, channel_ref="C", total_minor=5))
    assert content_hash(said) != content_hash(cancelled("A", 1, cancelled_on=date(2026, 1, 1)))
    assert content_hash(said) != content_hash(said._replace(action="write"))


def test_one_instant_has_one_hash_in_every_zone() -> None:
    instant = datetime(2026, 3, 1, 12, tzinfo=UTC)
    elsewhere = instant.astimezone(timezone(timedelta(hours=7)))
    assert content_hash(told(booking(booked_at=instant))) == content_hash(told(booking(booked_at=elsewhere)))


def test_what_a_message_covers_is_part_of_what_it_says() -> None:
    assert content_hash(told(booking("A"))) != content_hash(told(booking("A"), covers="room"))


@pytest.mark.parametrize(
    ("bad", "column"),
    [
        ({"first_name": "a\0b"}, "first_name"),
        ({"last_name": "\ud800"}, "last_name"),
        ({"email": 5}, "email"),
        ({"is_vip": "yes"}, "is_vip"),
        ({"birth_on": "1980-01-02"}, "birth_on"),
    ],
)
def test_a_value_no_column_can_hold_names_its_row(bad: dict[str, object], column: str) -> None:
    rows = [told(a_guest("A")), told(a_guest("B", **bad))]
    with pytest.raises(UnfitValueError, match=rf"row 1: guests\.{column}") as raised:
        frames("guests", rows, 4)
    assert (raised.value.row_number, raised.value.column) == (1, column)


@pytest.mark.parametrize("price", [1.0, 1.5, True, "100", 2**63])
def test_money_that_is_no_whole_number_is_refused_and_never_cut(price: object) -> None:
    spoilt = room("1")._replace(nights=(night(0), night(1)._replace(price_minor=price)))  # type: ignore[arg-type]
    with pytest.raises(UnfitValueError, match=r"row 1: room_nights\.price_minor"):
        frames("reservations", [told(booking("A")), told(booking("B", spoilt))], 4)


def test_every_dataset_is_laid_out_by_the_key_of_its_table() -> None:
    rate = Rate("pms", "city-hotel", "BAR", "double", date(2026, 1, 1), 0, 9_900, "EUR")
    read = frames("rates", [told(rate), told(rate._replace(occupancy_count=2)), told(rate._replace(price_minor=1))], 4)  # type: ignore[arg-type]
    assert read.parent["price_minor"].to_pylist() == [9_900, 1]
    assert set(TABLES["rates"].primary_key.columns.keys()) <= set(read.parent.column_names)


people = st.lists(
    st.builds(
        lambda ref, version, name: told(a_guest(ref, first_name=name), version),
        st.sampled_from("ABC"), st.one_of(st.none(), st.integers(1, 3)), st.sampled_from(["x", "y"]),
    ),
    max_size=8,
)  # fmt: skip


@given(people)
def test_every_key_is_kept_once_and_every_row_is_kept_or_counted(rows: list[Incoming]) -> None:
    read = frames("guests", rows, list(range(10, 10 + len(rows))))
    kept = read.parent["source_ref"].to_pylist()
    assert sorted(kept) == sorted({row.row.source_ref for row in rows if isinstance(row.row, Guest)})
    assert read.parent.num_rows + read.repeated_count == len(rows)
    assert read.parent["row_number"].to_pylist() == sorted(read.parent["row_number"].to_pylist())
