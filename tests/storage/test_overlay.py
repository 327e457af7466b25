"""What a message does to a booking that is stored: overlay, cancel, tombstone, reinstatement."""

import pytest
from sqlalchemy import Connection

from tests.storage.stays import add_house, booking, cancelled, load, night, room, rows, told

BOOKING = "SELECT status, is_tombstone, source_version, arrival_on IS NULL FROM core.reservations"
ROOMS = "SELECT room_ref, status FROM core.reservation_rooms ORDER BY room_ref"
NIGHTS = "SELECT room_ref, stay_on - date '2026-05-01', price_minor FROM core.room_nights ORDER BY 1, 2"
CHANGES = "SELECT kind, from_status, to_status, room_night_delta_count, revenue_delta_minor FROM core.reservation_changes ORDER BY change_id"


@pytest.fixture
def house(connection: Connection) -> Connection:
    add_house(connection)
    return connection


def test_a_booking_is_stored_with_its_rooms_and_nights(house: Connection) -> None:
    counts = load(house, [told(booking("R1", room("1"), room("2", [0], price=5_000)), 1)])
    assert (counts.inserted_count, counts.updated_count) == (1, 0)
    assert rows(house, BOOKING) == [("confirmed", False, 1, False)]
    assert rows(house, ROOMS) == [("1", "confirmed"), ("2", "confirmed")]
    assert rows(house, NIGHTS) == [("1", 0, 10_000), ("1", 1, 10_000), ("2", 0, 5_000)]


def test_a_room_the_newer_message_leaves_out_is_cancelled_and_keeps_its_nights(house: Connection) -> None:
    load(house, [told(booking("R1", room("1"), room("2", [0])), 1)])
    load(house, [told(booking("R1", room("1")), 2)], 2)
    assert rows(house, ROOMS) == [("1", "confirmed"), ("2", "cancelled")]
    assert len(rows(house, NIGHTS)) == 3


def test_a_message_that_covers_one_room_leaves_the_others_alone(house: Connection) -> None:
    load(house, [told(booking("R1", room("1"), room("2", [0])), 1)])
    load(house, [told(booking("R1", room("1", [0, 1, 2])), 2, covers="room")], 2)
    assert rows(house, ROOMS) == [("1", "confirmed"), ("2", "confirmed")]
    assert len(rows(house, NIGHTS)) == 4


def test_nights_dropped_by_a_shortened_stay_are_deleted(house: Connection) -> None:
    load(house, [told(booking("R1", room("1", [0, 1, 2])), 1)])
    load(house, [told(booking("R1", room("1", [1], price=9_000)), 2)], 2)
    assert rows(house, NIGHTS) == [("1", 1, 9_000)]
    assert rows(house, CHANGES)[-1] == ("modified", "confirmed", "confirmed", -2, -21_000)


def test_a_cancel_changes_status_and_time_and_nothing_else(house: Connection) -> None:
    load(house, [told(booking(channel_ref="C1"), 1)])
    before = rows(house, "SELECT arrival_on, departure_on, total_minor, channel_ref, currency FROM core.reservations")
    counts = load(house, [cancelled(version=2)], 2)
    assert (counts.inserted_count, counts.updated_count) == (0, 1)
    assert rows(house, BOOKING) == [("cancelled", False, 2, False)]
    assert (
        rows(house, "SELECT arrival_on, departure_on, total_minor, channel_ref, currency FROM core.reservations")
        == before
    )
    assert rows(house, ROOMS) == [("1", "confirmed")]
    assert len(rows(house, NIGHTS)) == 2
    assert rows(house, CHANGES)[-1] == ("cancelled", "confirmed", "cancelled", -2, -20_000)


def test_a_cancelled_booking_that_arrives_first_stays_cancelled(house: Connection) -> None:
    counts = load(house, [cancelled(version=2)])
    assert counts.inserted_count == 1
    assert rows(house, BOOKING) == [("cancelled", True, 2, True)]
    load(house, [told(booking(), 1)], 2)
    assert rows(house, BOOKING) == [("cancelled", False, 2, False)]
    assert len(rows(house, NIGHTS)) == 2
    assert rows(house, CHANGES) == [("cancelled", None, "cancelled", 0, 0), ("created", "cancelled", "cancelled", 0, 0)]


def test_a_newer_modify_reinstates(house: Connection) -> None:
    load(house, [told(booking(), 1)])
    load(house, [cancelled(version=2)], 2)
    load(house, [told(booking(), 3)], 3)
    assert rows(house, BOOKING) == [("confirmed", False, 3, False)]
    assert rows(house, CHANGES)[-1] == ("reinstated", "cancelled", "confirmed", 2, 20_000)


def test_a_create_and_its_cancel_in_one_batch_leave_a_cancelled_booking_with_all_it_said(house: Connection) -> None:
    counts = load(house, [cancelled(version=2), told(booking(), 1)], [7, 8])
    assert (counts.inserted_count, counts.updated_count) == (1, 1)
    assert rows(house, BOOKING) == [("cancelled", False, 2, False)]
    assert len(rows(house, NIGHTS)) == 2


def test_a_modify_older_than_the_cancel_fills_in_what_the_cancel_did_not_say(house: Connection) -> None:
    load(house, [told(booking(), 1)])
    load(house, [cancelled(version=3)], 2)
    load(house, [told(booking("R1", room("1", [0])), 2)], 3)
    assert rows(house, BOOKING) == [("cancelled", False, 3, False)]
    assert rows(house, NIGHTS) == [("1", 0, 10_000)]


def test_an_older_version_changes_nothing_and_is_counted_stale(house: Connection) -> None:
    load(house, [told(booking(), 5)])
    counts = load(house, [told(booking("R1", room("1", [0])), 4)], 2)
    assert counts.stale_count == 1
    assert len(rows(house, NIGHTS)) == 2


def test_the_same_content_at_a_newer_version_keeps_a_late_older_one_out(house: Connection) -> None:
    load(house, [told(booking(), 1)])
    assert load(house, [told(booking(), 3)], 2).unchanged_count == 1
    assert load(house, [told(booking("R1", room("1", [0])), 2)], 3).stale_count == 1
    load(house, [cancelled(version=4)], 4)
    assert load(house, [told(booking("R1", room("1", [0])), 2)], 5).stale_count == 1


def test_an_equal_version_with_other_content_wins_by_its_place_in_the_inbox(house: Connection) -> None:
    load(house, [told(booking(), 1)])
    counts = load(house, [told(booking("R1", room("1", [0])), 1)], 2)
    assert (counts.updated_count, counts.rewritten_count) == (1, 1)
    assert len(rows(house, NIGHTS)) == 1


def test_a_room_sent_cancelled_without_nights_keeps_what_it_had(house: Connection) -> None:
    load(house, [told(booking("R1", room("1"), room("2")), 1)])
    load(house, [told(booking("R1", room("1"), room("2", [], status="cancelled")), 2)], 2)
    assert rows(house, ROOMS) == [("1", "confirmed"), ("2", "cancelled")]
    assert len(rows(house, NIGHTS)) == 4


def test_a_status_change_does_not_write_the_nights_again(house: Connection) -> None:
    load(house, [told(booking(), 1)])
    load(house, [told(booking("R1", room(status="in_house"), status="in_house"), 2)], 2)
    assert rows(house, "SELECT DISTINCT load_id FROM core.room_nights") == [(1,)]
    assert rows(house, CHANGES)[-1] == ("checked_in", "confirmed", "in_house", 0, 0)


def test_what_was_spoilt_by_another_currency_is_not_added_up(house: Connection) -> None:
    spoilt = room("1", nights=[0])._replace(nights=(night(0), night(1, 700, currency="USD")))
    load(house, [told(booking("R1", spoilt), 1)])
    assert rows(house, CHANGES)[-1][3:] == (2, 10_000)


@pytest.mark.parametrize("versions", [(1, 2, 3), (None, None, None)])
def test_a_cancel_follows_the_reinstatement_it_was_told_with_though_a_cancel_is_stored(
    house: Connection, versions: tuple[int | None, ...]
) -> None:
    load(house, [cancelled(version=versions[0])])
    load(house, [told(booking(), versions[1]), cancelled(version=versions[2])], [2, 3])
    assert rows(house, "SELECT status, is_tombstone, source_version FROM core.reservations") == [
        ("cancelled", False, 3)
    ]
    assert rows(house, CHANGES)[-1][3:] == (0, 0)


def test_a_second_cancel_does_not_make_the_content_any_newer(house: Connection) -> None:
    load(house, [told(booking(), 1)])
    load(house, [cancelled(version=3)], 2)
    assert load(house, [cancelled(version=5)], 3).unchanged_count == 1
    load(house, [told(booking("R1", room("1", [0])), 4)], 4)
    assert rows(house, BOOKING) == [("cancelled", False, 5, False)]
    assert rows(house, NIGHTS) == [("1", 0, 10_000)]


@pytest.mark.parametrize("version", [None, 9])
def test_a_shortened_stay_and_its_cancel_at_one_version_leave_the_shorter_stay_cancelled(
    house: Connection, version: int | None
) -> None:
    load(house, [told(booking(), version and 1)])
    batch = [told(booking("R1", room("1", [0])), version), cancelled(version=version)]
    assert load(house, batch, 2)[:2] == (0, 2)
    assert rows(house, "SELECT status, is_tombstone FROM core.reservations") == [("cancelled", False)]
    assert rows(house, NIGHTS) == [("1", 0, 10_000)]
    assert load(house, batch, 2)[:2] == (0, 0)
