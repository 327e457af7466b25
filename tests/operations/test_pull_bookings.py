"""One account pulled: stored before it is acknowledged, acknowledged in the end, whatever fails in between."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from connectors.errors import ConnectorError, FixCredentials, RequestRefused, TryLater, VendorChangedShape
from deployments.demo_house import CHANNEL, PMS
from hotel.loads import PullSummary
from operations.errors import NotConfiguredError
from operations.house import address
from operations.pull_bookings import pull
from sandbox.webhooks.messages import Message
from sandbox.world import World
from storage.pulls import turn
from tests.operations.messages import ask, data_of, drain, outcomes, told_by
from tests.operations.queue_channel import KIND, LISBON, Queue, queue_connector, registered, set_up_queue

PLACE = (KIND, LISBON)
CARD = b"4111111111111111"


@pytest.fixture
def queue(house: Engine) -> Iterator[Queue]:
    made = Queue()
    set_up_queue(house)
    with registered(queue_connector(lambda _: made)):
        yield made


@pytest.fixture(scope="module")
def bookings(world: World) -> list[Message]:
    """First messages of the channel about one house, each of another booking."""
    told = {data_of(each)["id"]: each for each in reversed(told_by(world, CHANNEL)) if LISBON.encode() in each.body}
    return list(told.values())


def pulled(house: Engine, **more: Any) -> PullSummary:
    return pull(house, *PLACE, **more)


def standing(house: Engine, columns: str) -> tuple[Any, ...]:
    return ask(house, f"SELECT {columns} FROM ops.pulls WHERE source = :source", source=KIND)[0]


def open_count(house: Engine) -> int:
    query = "SELECT count(*) FROM raw.inbox WHERE acknowledge_by_at IS NOT NULL AND acknowledged_at IS NULL"
    return int(ask(house, query)[0][0])


def health(house: Engine) -> tuple[Any, ...]:
    query = "SELECT status, detail FROM ops.health_checks WHERE source = :source ORDER BY checked_at DESC LIMIT 1"
    return ask(house, query, source=KIND)[0]


def test_all_that_waits_is_stored_acknowledged_under_our_number_and_imported(
    house: Engine, queue: Queue, bookings: list[Message]
) -> None:
    queue.sell(bookings[:8])

    found = pulled(house)

    assert found == PullSummary(*PLACE, told_count=8, new_count=8, acknowledged_count=8)
    assert queue.messages == {}
    stored = ask(house, "SELECT event_id, inbox_id::text FROM raw.inbox ORDER BY inbox_id")
    assert stored == list(queue.acknowledged.items())
    assert [event_id for event_id, _ in stored] == [each.event_id for each in bookings[:8]]
    assert ask(house, "SELECT DISTINCT signature_kind, property_id, account FROM raw.inbox") == [("pulled", LISBON, "")]
    drain(house)
    assert outcomes(house) == Counter({("done", "new", None): 8})


def test_nothing_is_acknowledged_that_is_not_committed(house: Engine, queue: Queue, bookings: list[Message]) -> None:
    seen: list[tuple[int, int]] = []

    def look(call: str) -> None:
        if call == "acknowledge":
            seen.append((int(ask(house, "SELECT count(*) FROM raw.inbox")[0][0]), open_count(house)))

    queue.before = look
    queue.sell(bookings[:5])
    pulled(house)
    assert seen == [(3, 3), (5, 2)]
    assert open_count(house) == 0


def test_the_deadline_counts_from_when_the_channel_told_it(
    house: Engine, queue: Queue, bookings: list[Message]
) -> None:
    queue.sell(bookings[:1])
    pulled(house)
    ((left, is_known),) = ask(
        house, "SELECT acknowledge_by_at - received_at, acknowledged_at > received_at FROM raw.inbox"
    )
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)
    assert is_known


def test_a_card_number_does_not_land(house: Engine, queue: Queue, bookings: list[Message]) -> None:
    queue.messages["e"] = bookings[0].body[:-1] + b', "card": {"number": "' + CARD + b'", "cvv": "737"}}'
    pulled(house)
    ((body, is_sealed),) = ask(house, "SELECT body, is_sealed FROM raw.inbox")
    assert CARD not in bytes(body)
    assert b"1111]" in bytes(body)
    assert not is_sealed


def test_where_removing_cards_fails_the_body_is_sealed_and_acknowledged(
    house: Engine, queue: Queue, bookings: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: bytes) -> None:
        raise RecursionError

    monkeypatch.setattr("operations.stored_bodies.remove_cards", fails)
    queue.messages["e"] = bookings[0].body + CARD
    pulled(house)
    ((body, is_sealed),) = ask(house, "SELECT body, is_sealed FROM raw.inbox")
    assert (CARD in bytes(body), is_sealed, queue.messages) == (False, True, {})


def test_what_could_not_be_acknowledged_is_told_again_stored_once_and_acknowledged_then(
    house: Engine, queue: Queue, bookings: list[Message]
) -> None:
    queue.sell(bookings[:5])
    queue.failures["acknowledge"] = [TryLater("busy")]

    assert pulled(house) == PullSummary(*PLACE, 3, 3, 0, "try_later")
    assert (open_count(house), len(queue.messages)) == (3, 5)
    again = pulled(house)

    assert again == PullSummary(*PLACE, told_count=5, new_count=2, acknowledged_count=5)
    assert ask(house, "SELECT count(*) FROM raw.inbox") == [(5,)]
    assert (open_count(house), queue.messages) == (0, {})
    assert standing(house, "message_count, acknowledged_count, error_code") == (5, 5, None)


def test_what_was_acknowledged_unnoted_is_known_once_the_channel_has_not_told_it_again_for_long(
    house: Engine, queue: Queue, bookings: list[Message]
) -> None:
    queue.sell(bookings[:2])
    pulled(house)
    with house.begin() as connection:  # as if the process had died before it noted it
        connection.execute(text("UPDATE raw.inbox SET acknowledged_at = NULL"))
        connection.execute(text("UPDATE ops.pulls SET acknowledged_count = 0"))
    queue.before = lambda call: pytest.fail("a name may stand for a newer message") if call == "acknowledge" else None

    assert pulled(house) == PullSummary(*PLACE)
    assert open_count(house) == 2  # perhaps it only waits before it tells them again
    with house.begin() as connection:
        connection.execute(text("UPDATE raw.inbox SET received_at = received_at - interval '11 minutes'"))
    pulled(house)
    assert open_count(house) == 0
    assert standing(house, "acknowledged_count") == (2,)


def test_what_is_still_told_or_cannot_be_told_is_never_taken_for_acknowledged(
    house: Engine, queue: Queue, bookings: list[Message]
) -> None:
    queue.sell(bookings[:2])
    queue.refused[bookings[0].event_id] = RequestRefused("unknown reservation", 404)
    pulled(house)
    with house.begin() as connection:
        connection.execute(text("UPDATE raw.inbox SET received_at = received_at - interval '11 minutes'"))
    pulled(house)
    queue.failures["waiting"] = [TryLater("busy")]
    pulled(house)
    assert open_count(house) == 1


def test_a_message_without_a_receipt_is_stored_and_stays_open(
    house: Engine, queue: Queue, bookings: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.sell(bookings[:2])
    told, nameless = queue.waiting, bookings[0].event_id
    monkeypatch.setattr(
        queue, "waiting", lambda: [each._replace(receipt="") if each.event_id == nameless else each for each in told()]
    )
    found = pulled(house)
    assert (found.new_count, found.acknowledged_count, found.error_code) == (2, 1, "vendor_changed_shape")
    assert (set(queue.messages), open_count(house)) == ({nameless}, 1)


def test_a_channel_that_forgets_acknowledgements_ends_the_pull_and_says_so(
    house: Engine, queue: Queue, bookings: list[Message]
) -> None:
    queue.is_deaf = True
    queue.sell(bookings[:2])
    found = pulled(house)
    assert found == PullSummary(
        *PLACE, told_count=6, new_count=2, acknowledged_count=2, error_code="vendor_changed_shape"
    )
    assert health(house)[0] == "unhealthy"
    assert "told again and again" in health(house)[1]


def test_an_acknowledgement_that_is_refused_keeps_no_other_message_waiting(
    house: Engine, queue: Queue, bookings: list[Message]
) -> None:
    queue.sell(bookings[:6])
    culprit = bookings[1].event_id
    queue.refused[culprit] = RequestRefused("unknown reservation", 404)

    found = pulled(house)

    assert set(queue.messages) == {culprit}
    assert (found.new_count, found.acknowledged_count, found.error_code) == (6, 5, "request_refused")
    assert open_count(house) == 1


def test_an_answer_nobody_can_read_is_noted_and_nothing_is_acknowledged(
    house: Engine, queue: Queue, bookings: list[Message]
) -> None:
    queue.sell(bookings[:1])
    for _ in range(2):
        queue.failures["waiting"] = [VendorChangedShape("no page at all")]
        assert pulled(house).error_code == "vendor_changed_shape"
    assert queue.acknowledged == {}
    assert health(house) == ("unhealthy", "vendor_changed_shape: no page at all")
    assert standing(house, "failing_since_at < pulled_at, message_count") == (True, 0)
    pulled(house)
    assert standing(house, "failing_since_at, error_code, message_count") == (None, None, 1)
    assert health(house) == ("healthy", None)


def test_a_fault_of_our_own_is_noted_without_what_it_says(
    house: Engine, queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    queue.failures["waiting"] = [KeyError("Mr Secret")]
    assert pulled(house).error_code == "pull_failed"
    assert (health(house)[0], "Mr Secret" in health(house)[1], "Mr Secret" in caplog.text) == (
        "unhealthy",
        False,
        False,
    )


@pytest.mark.parametrize(
    ("error", "shortest", "longest"),
    [
        (None, 19, 20),
        (TryLater("busy", 77), 76, 77),
        (TryLater("busy"), 19, 20),
        (FixCredentials("no", 401), 299, 300),
        (RequestRefused("no", 400), 19, 20),
    ],
    ids=["nothing failed", "told when", "not told when", "credentials", "refused"],
)
def test_an_account_is_due_again_as_it_was_told(
    house: Engine, queue: Queue, error: ConnectorError | None, shortest: int, longest: int
) -> None:
    queue.failures["waiting"] = [error] if error else []
    pulled(house)
    (wait,) = standing(house, "due_at - clock_timestamp()")
    assert timedelta(seconds=shortest) < wait <= timedelta(seconds=longest)


def test_an_account_of_its_own_cadence_is_due_by_that(house: Engine, queue: Queue) -> None:
    set_up_queue(house, cadence_seconds=90)
    pulled(house)
    (wait,) = standing(house, "due_at - clock_timestamp()")
    assert timedelta(seconds=89) < wait <= timedelta(seconds=90)


def test_two_do_not_pull_one_account_at_once(house: Engine, queue: Queue, bookings: list[Message]) -> None:
    queue.sell(bookings[:1])
    with turn(address(house), *PLACE) as mine:
        assert mine is not None
        assert pulled(house).is_skipped
        with turn(address(house), KIND, "kamo-kyoto") as other:
            assert other is not None
    assert queue.told == {}
    assert pulled(house).new_count == 1


def test_who_waits_for_an_account_that_was_just_pulled_leaves_it(house: Engine, queue: Queue) -> None:
    assert not pulled(house, when="due").is_skipped
    assert pulled(house, when="due").is_skipped
    assert not pulled(house).is_skipped


def test_a_sweep_leaves_who_was_pulled_a_moment_ago_or_was_told_to_wait(house: Engine, queue: Queue) -> None:
    set_up_queue(house, cadence_seconds=3600)
    pulled(house)
    assert pulled(house, when="old").is_skipped
    with house.begin() as connection:
        connection.execute(text("UPDATE ops.pulls SET pulled_at = pulled_at - interval '2 minutes'"))
    assert not pulled(house, when="old").is_skipped
    queue.failures["waiting"] = [TryLater("busy", 3600)]
    pulled(house)
    assert pulled(house, when="old").is_skipped
    with house.begin() as connection:
        connection.execute(text("UPDATE ops.pulls SET due_at = now()"))
    assert not pulled(house, when="old").is_skipped


def test_a_paused_account_is_pulled_and_one_in_maintenance_is_not(
    house: Engine, queue: Queue, bookings: list[Message]
) -> None:
    queue.sell(bookings[:1])
    set_up_queue(house, status="maintenance")
    with pytest.raises(NotConfiguredError, match="maintenance"):
        pulled(house)
    set_up_queue(house, status="paused")
    assert pulled(house).new_count == 1


def test_another_body_under_a_known_name_is_a_message_of_its_own(
    house: Engine, queue: Queue, bookings: list[Message]
) -> None:
    for body in (bookings[0].body, bookings[1].body, bookings[1].body):
        queue.messages["same"] = body
        assert pulled(house).error_code is None
    drain(house)
    assert outcomes(house) == Counter({("done", "new", None): 2})


def test_names_that_cannot_be_stored_keep_no_message_out(house: Engine, queue: Queue, bookings: list[Message]) -> None:
    queue.messages |= {"a\0b": bookings[0].body, "x" * 3000: bookings[1].body, "\ud800": bookings[2].body}
    found = pulled(house)
    assert (found.new_count, found.acknowledged_count, queue.messages) == (3, 3, {})
    assert ask(house, "SELECT DISTINCT length(event_id) FROM raw.inbox") == [(64,)]


def test_empty_pulls_are_counted_until_something_comes(house: Engine, queue: Queue, bookings: list[Message]) -> None:
    for _ in range(3):
        pulled(house)
    queue.failures["waiting"] = [TryLater("busy")]
    pulled(house)
    assert standing(house, "empty_count") == (3,)
    queue.sell(bookings[:1])
    pulled(house)
    assert standing(house, "empty_count") == (0,)


def test_a_system_without_a_queue_is_read_from_its_watermark(house: Engine, world: World) -> None:
    first, again = pull(house, PMS, LISBON), pull(house, PMS, LISBON)
    ((count,),) = ask(house, "SELECT count(*) FROM core.reservations WHERE source = :source", source=PMS)
    assert (first.new_count, first.error_code) == (count, None)
    assert (again.told_count, again.acknowledged_count) == (0, 0)
    row = "SELECT message_count, empty_count FROM ops.pulls WHERE source = :source"
    assert ask(house, row, source=PMS) == [(count, 1)]
