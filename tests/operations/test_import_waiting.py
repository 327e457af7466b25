"""What the import makes of waiting messages."""

from collections import Counter

import msgspec
from sqlalchemy import Engine

from operations.shift import work_shift
from sandbox.world import World
from tests.operations.messages import CHANNEL, PMS, ask, changed, delivery, drain, outcomes, put, told_by

FIGURES = """
    SELECT r.property_id, count(*), sum(n.price_minor) FROM core.reservations r
    JOIN core.room_nights n USING (source, property_id, source_ref) WHERE r.is_of_record GROUP BY 1 ORDER BY 1
"""


def test_every_message_is_brought_to_an_end_and_says_what_it_did(house: Engine, world: World) -> None:
    told = told_by(world, PMS)
    put(house, told)

    drain(house, limit=10)

    ended = outcomes(house)
    assert sum(ended.values()) == len(told)
    assert {status for status, _, _ in ended} == {"done"}
    bookings = len({msgspec.json.decode(each.body)["data"]["id"] for each in told})
    assert ask(house, "SELECT count(*) FROM core.reservations") == [(bookings,)]


def test_the_same_messages_again_in_another_order_change_nothing(house: Engine, world: World) -> None:
    told = told_by(world, PMS)
    put(house, told)
    drain(house)
    before = ask(house, FIGURES)

    again = [delivery(each, event_id=f"again {each.event_id}") for each in reversed(told)]
    put(house, again)
    drain(house, limit=7)

    assert ask(house, FIGURES) == before
    words = Counter(outcome for (_, outcome, _), count in outcomes(house).items() for _ in range(count))
    assert words["unchanged"] + words["stale"] >= len(told)


def test_a_channels_copies_link_to_the_record_and_no_figure_changes(house: Engine, world: World) -> None:
    put(house, told_by(world, PMS))
    drain(house)
    before = ask(house, FIGURES)
    copies = told_by(world, CHANNEL)

    put(house, copies, CHANNEL)
    drain(house)

    assert copies
    assert ask(house, FIGURES) == before
    linked = ask(house, "SELECT count(*) FROM core.reservations WHERE source = 'sandbox_channel' AND NOT is_of_record")
    assert linked[0][0] > 0


def test_copies_that_come_first_count_until_the_record_comes(house: Engine, world: World) -> None:
    put(house, told_by(world, CHANNEL), CHANNEL)
    drain(house)
    assert ask(house, "SELECT count(*) FROM core.reservations WHERE is_of_record")[0][0] > 0

    put(house, told_by(world, PMS))
    drain(house)
    both = ask(house, FIGURES)

    put(house, [delivery(each, event_id=f"again {each.event_id}") for each in told_by(world, PMS)])
    drain(house)
    assert ask(house, FIGURES) == both


def test_many_bad_messages_are_held_each_by_itself_and_keep_no_good_one_out(house: Engine, world: World) -> None:
    told = [each for each in told_by(world, PMS) if b"booking.created" in each.body]
    bad = [changed(each, adults=0, children=0, infants=0) for each in told[:25]]
    put(house, [*bad, *told[25:50]])

    drain(house)

    held = ask(house, "SELECT count(*) FROM ops.quarantine WHERE 'no_guests' = ANY(reasons)")
    assert held == [(len(bad),)]
    assert ask(house, "SELECT count(*) FROM core.reservations")[0][0] == len(told[25:50])


def test_a_message_nobody_can_read_is_dead_and_stands_in_quarantine(house: Engine, world: World) -> None:
    first, second = told_by(world, PMS)[:2]
    broken = delivery(first)._replace(body=b"no booking at all")
    put(house, [broken, second])

    drain(house)

    assert Counter(status for status, _, _ in outcomes(house)) == {"dead": 1, "done": 1}
    assert ask(house, "SELECT count(*) FROM ops.quarantine WHERE status = 'open'") == [(1,)]


def test_a_shift_tells_what_was_brought_to_an_end_while_it_ran(house: Engine, world: World) -> None:
    told = told_by(world, PMS)
    put(house, told)

    shift = work_shift(house, seconds=20, idle_seconds=0)

    (channel,) = shift.channels
    assert channel.source == PMS
    assert channel.message_count == len(told) == shift.message_count
    assert channel.p95_ms >= channel.p50_ms > 0
    assert shift.waiting_count == 0
