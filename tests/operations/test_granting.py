"""Who asks for rooms has all of them or hears why not; who is refused leaves nothing behind."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from expectations import gate
from operations import granting
from operations import import_waiting as operation
from operations.import_waiting import import_waiting
from operations.replay_messages import MessageChoice, replay_messages
from storage.inventory import recount_inventory
from storage.retrying import in_transaction
from tests.operations.asking import (
    HOTEL,
    MODIFY,
    SOON,
    answered,
    ask_for,
    booking,
    cancel,
    delivery,
    set_up_hotel,
)  # fmt: skip
from tests.operations.messages import ask, drain, put

NEW = ("done", "new", None)
TRACES = """
    SELECT (SELECT count(*) FROM core.reservations), (SELECT count(*) FROM core.room_nights),
        (SELECT count(*) FROM core.guests), (SELECT count(*) FROM ops.quarantine), (SELECT count(*) FROM ops.conflicts),
        (SELECT count(*) FROM core.reservation_changes), (SELECT coalesce(sum(sold_count), 0) FROM core.inventory)
"""


def refused(code: str) -> tuple[str, str, str]:
    return "done", "quarantined", code


@pytest.fixture
def hotel(engine: Engine, clean_database: str) -> Engine:
    set_up_hotel(engine)
    return engine


def test_of_two_who_want_the_last_room_the_first_has_it_and_the_other_leaves_no_trace(hotel: Engine) -> None:
    ask_for(hotel, booking("A"), booking("B"))
    drain(hotel)
    before = ask(hotel, TRACES)

    ask_for(hotel, booking("C", first=SOON + timedelta(days=1)))
    drain(hotel)

    assert answered(hotel) == [NEW, NEW, refused("sold_out")]
    assert ask(hotel, TRACES) == before
    assert ask(hotel, "SELECT count(*) FROM ops.sync_states WHERE status <> 'synced'") == [(0,)]


def test_those_that_fit_go_in_together_and_exactly_those(hotel: Engine) -> None:
    ask_for(hotel, *(booking(f"R{n:02}") for n in range(9)), booking("other", first=SOON + timedelta(days=9)))
    drain(hotel)

    assert Counter(answered(hotel)) == Counter({NEW: 3, refused("sold_out"): 7})
    assert [row[0] for row in ask(hotel, "SELECT source_ref FROM core.reservations ORDER BY 1")] == [
        "R00", "R01", "other",
    ]  # fmt: skip


def test_the_house_may_be_full_although_the_type_is_not(hotel: Engine) -> None:
    set_up_hotel(hotel, room_count=2)
    ask_for(hotel, booking("A", "DBL", "STE"), booking("B", "DBL"))
    drain(hotel)
    assert answered(hotel) == [NEW, refused("sold_out")]


def test_where_nobody_told_how_many_rooms_there_are_nobody_is_refused(engine: Engine, clean_database: str) -> None:
    set_up_hotel(engine, types=[], room_count=None)
    ask_for(engine, *(booking(ref) for ref in "ABCDE"))
    drain(engine)
    assert answered(engine) == [NEW] * 5


def test_what_a_channel_tells_is_loaded_first_and_whatever_comes_of_it(hotel: Engine) -> None:
    ask_for(hotel, booking("A"), booking("B"))
    with hotel.begin() as connection:  # the same messages, told by somebody who may not be refused
        connection.execute(text("UPDATE raw.inbox SET event_type = 'booking.created'"))
    ask_for(hotel, booking("C"))
    with hotel.begin() as connection:  # although it asked first
        connection.execute(text("UPDATE raw.inbox SET inbox_id = inbox_id - 100 WHERE event_type = 'ask.create'"))
    drain(hotel)
    assert answered(hotel) == [refused("sold_out"), NEW, NEW]


def test_an_overbooking_of_a_channel_is_not_laid_at_the_door_of_who_asks_for_another_date(hotel: Engine) -> None:
    ask_for(hotel, booking("A"), booking("B"), booking("C"))
    with hotel.begin() as connection:
        connection.execute(text("UPDATE raw.inbox SET event_type = 'booking.created'"))
    ask_for(hotel, booking("D", first=SOON + timedelta(days=2)), booking("E", "STE", first=SOON + timedelta(days=5)))
    drain(hotel)
    assert answered(hotel) == [NEW] * 5
    assert ask(hotel, "SELECT count(*) FROM ops.conflicts WHERE status = 'open'") == [(2,)]


def test_a_change_takes_what_is_there_and_gives_back_what_it_had(hotel: Engine) -> None:
    ask_for(hotel, booking("A"), booking("B", first=SOON + timedelta(days=2)))
    ask_for(hotel, booking("C", first=SOON + timedelta(days=2)))
    drain(hotel)

    ask_for(hotel, booking("A", nights=3), kind=MODIFY)  # into a date that is full
    ask_for(hotel, booking("A", nights=1), kind=MODIFY)
    ask_for(hotel, booking("D"), booking("E", first=SOON + timedelta(days=1), nights=1))
    drain(hotel)

    outcomes = [NEW, NEW, NEW, refused("sold_out"), ("done", "modified", None), NEW, NEW]
    assert answered(hotel) == outcomes
    assert ask(hotel, "SELECT departure_on FROM core.reservations WHERE source_ref = 'A'") == [
        (SOON + timedelta(days=1),)
    ]
    with hotel.begin() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        assert recount_inventory(raw.cursor(), HOTEL, load_id=1) == 0


def test_requests_about_one_booking_are_answered_in_their_order(hotel: Engine) -> None:
    ask_for(hotel, booking("A"), booking("A", nights=3), kind="ask.create")
    ask_for(hotel, booking("A", nights=1), kind=MODIFY)
    ask_for(hotel, cancel("A", 2_500))
    ask_for(hotel, booking("A", nights=4), kind=MODIFY)
    ask_for(hotel, cancel("A"), event_id="again")
    ask_for(hotel, cancel("B"))
    ask_for(hotel, booking("B"), kind=MODIFY)
    drain(hotel)

    assert answered(hotel) == [
        NEW, refused("exists_already"), ("done", "modified", None), ("done", "cancelled", None),
        refused("cancelled_already"), refused("cancelled_already"), refused("unknown_booking"), refused("unknown_booking"),
    ]  # fmt: skip
    row = "SELECT status, cancellation_fee_minor, arrival_on, total_minor, channel_ref FROM core.reservations"
    assert ask(hotel, row) == [("cancelled", 2_500, SOON, 10_000, "A")], "a cancel is status, time and fee"
    assert ask(hotel, "SELECT sum(sold_count) FROM core.inventory") == [(0,)]


def test_a_guest_who_is_there_is_changed_at_the_desk(hotel: Engine) -> None:
    ask_for(hotel, booking("A"))
    drain(hotel)
    with hotel.begin() as connection:
        connection.execute(text("UPDATE core.reservations SET status = 'in_house'"))
    ask_for(hotel, booking("A", nights=1), kind=MODIFY)
    ask_for(hotel, cancel("A"))
    drain(hotel)
    assert answered(hotel)[1:] == [refused("stay_begun")] * 2


def test_a_copy_whose_record_counts_may_grow_only_into_what_is_free(hotel: Engine) -> None:
    ask_for(hotel, booking("A"), booking("B", first=SOON + timedelta(days=2)))
    ask_for(hotel, booking("C", first=SOON + timedelta(days=2)))
    drain(hotel)
    with hotel.begin() as connection:  # as if the property's own system had told of A
        connection.execute(text("UPDATE core.reservations SET is_of_record = false WHERE source_ref = 'A'"))

    ask_for(hotel, booking("A", nights=3), kind=MODIFY)
    ask_for(hotel, booking("A", nights=1), kind=MODIFY)
    drain(hotel)

    assert answered(hotel)[3:] == [refused("sold_out"), ("done", "modified", None)]


def test_what_the_gate_holds_or_nobody_can_read_is_refused_not_quarantined(hotel: Engine) -> None:
    before = ask(hotel, TRACES)
    endless = delivery(booking("A", nights=366))
    broken = delivery(booking("B"))._replace(body=b'{"asked":"booking","ref":"B"')
    put(hotel, [endless, broken, delivery(booking("C"))._replace(body=b"\x00", key_id="k1")])
    drain(hotel)
    assert answered(hotel) == [refused("not_accepted"), refused("vendor_changed_shape"), refused("sealed")]
    assert ask(hotel, TRACES) == before


def test_a_request_that_kills_its_worker_is_refused_in_the_end(hotel: Engine) -> None:
    ask_for(hotel, booking("A"))
    with hotel.begin() as connection:
        query = "INSERT INTO raw.inbox_attempts (inbox_id, attempts_count) SELECT inbox_id, 5 FROM raw.inbox"
        connection.execute(text(query))
    drain(hotel)
    assert answered(hotel) == [refused("crashed")]
    assert ask(hotel, "SELECT count(*) FROM ops.quarantine") == [(0,)]


def test_an_answer_that_was_given_stands_whatever_is_replayed(hotel: Engine) -> None:
    ask_for(hotel, *(booking(ref) for ref in "ABC"))
    drain(hotel)
    before = answered(hotel)
    ask_for(hotel, cancel("A"))
    drain(hotel)

    replay_messages(hotel, MessageChoice(source="booking_engine", with_done=True))
    with hotel.connect() as connection:
        ids = connection.scalars(text("SELECT inbox_id FROM raw.inbox")).all()
    replay_messages(hotel, MessageChoice(ids=ids))

    assert answered(hotel)[:3] == before


def test_no_more_are_answered_at_once_than_can_be_waited_for(hotel: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(granting, "MOST_AT_ONCE", 2)
    ask_for(hotel, *(booking(f"R{n}", first=SOON + timedelta(days=9 * n)) for n in range(5)))
    assert [import_waiting(hotel) for _ in range(4)] == [2, 2, 1, 0]
    assert ask(hotel, "SELECT count(*) FROM raw.inbox_attempts") == [(0,)], "who was put off lost no attempt"


def test_two_importers_at_once_sell_a_room_once(hotel: Engine) -> None:
    gate.warm_up()
    for ref in "ABCD":
        ask_for(hotel, booking(ref))
    # Each a transaction of its own, as two processes would have it.
    gates = threading.Barrier(4)

    def work() -> None:
        gates.wait()
        # Beneath the lock that lets one import at a time run in a process.
        in_transaction(hotel, lambda connection: operation._import(connection, 1, set()))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert Counter(answered(hotel)) == Counter({NEW: 2, refused("sold_out"): 2})
