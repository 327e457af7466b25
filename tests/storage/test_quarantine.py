"""Rows that wait: each once, ended by what comes right, counted once in what they withhold."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from hotel.incoming import Incoming, Reason, Refused
from hotel.passed import Held
from hotel.reservations import Withheld
from storage.bad_rows import BadRow, held, refused
from storage.classify import classify
from storage.frames import frames
from storage.quarantine import (
    NotOpenError,
    hold,
    mark_replayed,
    open_rows,
    release,
    supersede,
    withheld,
)
from tests.storage.stays import CHANNEL, HOUSE, PMS, add_house, booking, cancelled, load, room, rows, told

NO_GUESTS = Reason("no_guests", "adult_count", "9")


def bad(incoming: Incoming, seq: int = 1, *reasons: Reason) -> BadRow:
    return held("reservations", incoming, Held(0, reasons or (NO_GUESTS,)), seq)


def good(connection: Connection, incoming: Incoming, seq: int, *, held_rows: tuple[int, ...] = ()) -> int:
    return supersede(connection, classify(connection, frames("reservations", [incoming], seq)), held=held_rows)


def test_a_held_row_keeps_its_reasons_what_it_says_and_what_it_withholds(connection: Connection) -> None:
    hold(
        connection, [bad(told(booking(), 7), 5, NO_GUESTS, Reason("negative_price", "price_minor", "-9.99"))], load_id=3
    )
    assert rows(connection, "SELECT reasons, source_version, received_seq, room_night_count, amount_minor, currency, load_id FROM ops.quarantine") == [
        (["no_guests", "negative_price"], 7, 5, 2, 20_000, "EUR", 3)
    ]  # fmt: skip
    assert rows(connection, "SELECT details -> 0 ->> 'shape', row #>> '{rooms,0,nights,1,stay_on}' FROM ops.quarantine") == [
        ("9", "2026-05-02")
    ]  # fmt: skip


def test_the_same_bad_row_again_is_seen_twice_and_stands_once(connection: Connection) -> None:
    for seq in (1, 2):
        hold(connection, [bad(told(booking()), seq)], load_id=seq)
    assert rows(connection, "SELECT seen_count, received_seq, load_id FROM ops.quarantine") == [(2, 2, 2)]


def test_the_same_bad_row_twice_in_one_batch_is_one(connection: Connection) -> None:
    hold(connection, [bad(told(booking(), 1), 1), bad(told(booking(), 1), 2)], load_id=1)
    assert rows(connection, "SELECT seen_count, received_seq FROM ops.quarantine") == [(1, 2)]


def test_another_version_of_a_bad_row_waits_beside_it(connection: Connection) -> None:
    hold(connection, [bad(told(booking(), 1)), bad(told(booking(), 2))], load_id=1)
    assert [row.source_version for row in open_rows(connection)] == [1, 2]


def test_a_refused_row_is_kept_with_whatever_it_said(connection: Connection) -> None:
    hostile = {"name": "a\0b", "half": "\ud83d", "words": 'quo"te\\ \n\\.\n'}
    row = Refused("guests", PMS, HOUSE, "R\0", "p:1:1:1", (Reason("date_unreadable", "birth", "99/99"),), hostile)
    hold(connection, [refused(row, 4)], load_id=1)
    assert rows(connection, "SELECT source_ref, row FROM ops.quarantine") == [
        ("R\ufffd", {"name": "a\ufffdb", "half": "?", "words": 'quo"te\\ \n\\.\n'})
    ]


@pytest.mark.parametrize(("version", "ended"), [(6, 0), (7, 1), (8, 1)])
def test_a_good_version_ends_what_waits_at_that_version_or_before(
    connection: Connection, version: int, ended: int
) -> None:
    hold(connection, [bad(told(booking(), 7))], load_id=1)
    assert good(connection, told(booking(), version), 2) == ended


def test_a_good_row_of_a_source_without_versions_ends_what_waits(connection: Connection) -> None:
    hold(connection, [bad(told(booking()), 1)], load_id=1)
    assert good(connection, told(booking("R2")), 2) == 0
    assert good(connection, told(booking()), 2, held_rows=(0,)) == 0
    assert good(connection, told(booking()), 2) == 1
    assert open_rows(connection) == []


def test_a_stale_row_ends_nothing(connection: Connection) -> None:
    add_house(connection)
    load(connection, [told(booking(), 8)])
    hold(connection, [bad(told(booking("R1", room(price=1)), 7))], load_id=1)
    assert good(connection, told(booking("R1", room(price=2)), 7), 3) == 0


def test_an_unchanged_row_ends_a_bad_one_that_came_between(connection: Connection) -> None:
    add_house(connection)
    load(connection, [told(booking())], 1)
    hold(connection, [bad(told(booking("R1", room(price=-1))), 2)], load_id=2)
    assert good(connection, told(booking()), 3) == 1


def test_a_row_that_goes_bad_again_waits_again(connection: Connection) -> None:
    hold(connection, [bad(told(booking()), 1)], load_id=1)
    good(connection, told(booking()), 2)
    hold(connection, [bad(told(booking()), 3)], load_id=3)
    assert [row.seen_count for row in open_rows(connection)] == [2]


def test_an_old_bad_version_that_comes_late_stays_superseded(connection: Connection) -> None:
    hold(connection, [bad(told(booking(), 1))], load_id=1)
    good(connection, told(booking(), 2), 2)
    hold(connection, [bad(told(booking(), 1))], load_id=3)
    assert open_rows(connection) == []


def test_a_release_is_a_persons_act_with_a_reason_and_happens_once(connection: Connection) -> None:
    hold(connection, [bad(told(booking()))], load_id=1)
    (row,) = open_rows(connection, reason="no_guests", source=PMS, property_id=HOUSE)
    release(connection, row.quarantine_id, actor="ana", reason="places for tour leaders")
    assert rows(connection, "SELECT actor, action, entity_key, reason, after ->> 'status' FROM ops.audit_log") == [
        ("ana", "release", str(row.quarantine_id), "places for tour leaders", "released")
    ]
    with pytest.raises(NotOpenError, match=str(row.quarantine_id)):
        release(connection, row.quarantine_id, actor="ana", reason="again")


def test_a_released_row_stays_decided_when_tomorrows_file_brings_it_again(connection: Connection) -> None:
    hold(connection, [bad(told(booking()), 1)], load_id=1)
    release(connection, open_rows(connection)[0].quarantine_id, actor="ana", reason="as agreed")
    hold(connection, [bad(told(booking()), 2)], load_id=2)
    assert rows(connection, "SELECT status, seen_count FROM ops.quarantine") == [("released", 2)]


def test_a_replayed_row_waits_no_more(connection: Connection) -> None:
    hold(connection, [bad(told(booking()))], load_id=1)
    mark_replayed(connection, [row.quarantine_id for row in open_rows(connection)])
    assert rows(connection, "SELECT status, decided_by FROM ops.quarantine") == [("replayed", "loader")]


def test_open_rows_are_chosen_by_what_is_given(connection: Connection) -> None:
    hold(
        connection,
        [bad(told(booking("R1"))), bad(told(booking("R2", source=CHANNEL)), 1, Reason("card_number_present"))],
        load_id=1,
    )
    ids = [row.quarantine_id for row in open_rows(connection)]
    assert [row.quarantine_id for row in open_rows(connection, ids=ids[1:])] == ids[1:]
    assert [row.source_ref for row in open_rows(connection, reason="no_guests")] == ["R1"]
    assert [row.source_ref for row in open_rows(connection, source=CHANNEL)] == ["R2"]
    assert open_rows(connection, property_id="resort-hotel") == []
    assert open_rows(connection, received_since=datetime(2100, 1, 1, tzinfo=UTC)) == []


def test_what_is_withheld_counts_the_source_of_record_only(connection: Connection) -> None:
    add_house(connection)
    hold(connection, [bad(told(booking())), bad(told(booking(source=CHANNEL)))], load_id=1)
    assert withheld(connection, HOUSE) == (1, 1, 2, {"EUR": 20_000})


def test_what_is_withheld_counts_every_source_where_none_is_of_record(connection: Connection) -> None:
    add_house(connection, of_record=None)
    lost = booking("R3", room(status="cancelled"), status="cancelled")
    hold(connection, [bad(told(booking())), bad(told(booking("R2", source=CHANNEL))), bad(told(lost))], load_id=1)
    assert withheld(connection, HOUSE) == (3, 2, 4, {"EUR": 40_000})
    assert withheld(connection, "nowhere") == (0, 0, 0, {})


def test_a_currency_that_is_none_does_not_keep_a_row_out_of_quarantine(connection: Connection) -> None:
    add_house(connection)
    row = bad(told(booking()))._replace(withheld=Withheld(1, 5, "Euros"))
    hold(connection, [row, bad(cancelled("R9"))], load_id=1)
    assert withheld(connection, HOUSE).row_count == 2
