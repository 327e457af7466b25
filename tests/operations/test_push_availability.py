"""Telling channels: from scratch and what waits, counts and restrictions and prices, each channel by itself."""

import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text

from deployments.demo_house import set_up_sandbox
from operations import push_availability as operation
from operations.deliver_outbox import deliver
from operations.errors import NotConfiguredError
from operations.push_availability import Order, push_availability
from sandbox.channels.desk import Desk
from sandbox.channels.running import Channel, running_channels
from sandbox.server import Sandbox, running
from sandbox.world import build
from storage.codebooks import save_code_mappings
from storage.integrations import Integration, save_integration
from tests.operations.channels_house import (
    FAR,
    HOTEL,
    HOUSE,
    NEAR,
    ask,
    book,
    bring,
    connect,
    counts,
    day,
    ended,
    pushes,
    states,
)
from tests.operations.messages import CHANNEL, PMS, drain, put, told_by
from tests.storage.outbox_house import LONG_AGO, TODAY, add_type, rate

ALL_KINDS = ("availability", "restrictions", "rates")


@pytest.fixture(autouse=True)
def _stay() -> Iterator[None]:
    operation.LEAVING.clear()
    yield
    operation.LEAVING.clear()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def channex(shop: Engine, desk: Desk) -> Iterator[str]:
    """A channel of a vendor's own protocol, where each room type has rate plans of its own."""
    with running_channels({"channex": Channel("channex", desk)}) as addresses, shop.begin() as connection:
        settings = {
            "base_url": addresses["channex"], "allow_private_hosts": True,
            "rate_plans_of": {"rt-double": ["rp-double"], "rt-suite": ["rp-suite"]},
        }  # fmt: skip
        account = Integration("channex", HOUSE, "channex", settings=settings, hotel_ref="H1")
        live = account._replace(pushes=ALL_KINDS, went_live_on=LONG_AGO)
        save_integration(connection, live, credentials={"api_key": desk.keys.api_key})
        codes = {
            ("room_type", "rt-double"): "double", ("room_type", "rt-suite"): "suite",
            ("rate_plan", "rp-double"): "BAR", ("rate_plan", "rp-suite"): "BAR",
        }  # fmt: skip
        save_code_mappings(connection, "channex", {(HOUSE, *place): code for place, code in codes.items()})
        connection.commit()
        yield "channex"


def push(shop: Engine, **order: Any) -> Any:
    return push_availability(shop, Order(**order), seconds=30)


def prices(sandbox: Sandbox) -> dict[tuple[str, str, date], str]:
    told = sandbox.state.rates.items()
    return {(kind, plan, date.fromisoformat(on)): row["price"] for (_, kind, plan, on), row in told}


def test_what_waits_is_told_to_all_and_the_report_says_so(shop: Engine, sandbox: Sandbox, far: Sandbox) -> None:
    book(shop, "R1", 1, 2)
    told = push(shop)
    assert counts(sandbox) == counts(far) == {("STD", day(1)): 2, ("STD", day(2)): 2}
    assert [(each.source, each.sent_count, each.accepted_count, each.pending_count) for each in told.channels] == [
        (NEAR, 2, 2, 0),
        (FAR, 2, 2, 0),
    ]
    assert told.enqueued_count == 0
    assert push(shop).is_idle


@pytest.fixture
def now_served(house: Engine) -> Iterator[Sandbox]:
    """The sandbox's hotels as of today, five rooms of each type; their PMS is told the counts."""
    world = build(seed=11, size=60, today=TODAY)
    with running(world) as up:
        set_up_sandbox(house, world, up.url)
        with house.begin() as connection:
            for kind in (kind for each in world.houses for kind in each.types):
                add_type(connection, kind._replace(room_count=5))
            query = (
                "UPDATE ops.integrations SET pushes = '{availability}', went_live_on = '2020-01-01' WHERE source = :pms"
            )
            connection.execute(text(query), {"pms": PMS})
        yield up


def test_bookings_of_a_channel_are_told_to_the_house_s_other_side(house: Engine, now_served: Sandbox) -> None:
    put(house, told_by(now_served.world, CHANNEL), CHANNEL)
    drain(house)
    told = push(house)
    query = """
        SELECT property_id, room_type_code, stay_on::text, greatest(available_count, 0) FROM core.inventory
        JOIN core.properties USING (property_id) WHERE stay_on >= (now() AT TIME ZONE time_zone)::date
    """
    sold = {row[:3]: row[3] for row in ask(house, query)}
    heard = {place: row["availableRooms"] for place, row in now_served.state.inventory.items()}
    assert len(sold) > 20
    assert heard.items() >= sold.items()
    assert [(each.accepted_count, each.pending_count, each.refused) for each in told.channels] == [(len(heard), 0, {})]


def test_everything_from_scratch_is_everything_of_the_dates(shop: Engine, sandbox: Sandbox, far: Sandbox) -> None:
    book(shop, "R1", 2)
    told = push(shop, channel=NEAR, first_on=day(1), last_on=day(3), is_full=True)
    assert told.enqueued_count == 6
    kinds = {"STD": 3, "SUP": 2}
    expected = {
        (kind, day(n)): rooms - int((kind, n) == ("STD", 2)) for kind, rooms in kinds.items() for n in (1, 2, 3)
    }
    assert counts(sandbox) == expected
    assert counts(far) == {}
    [channel] = told.channels
    assert (channel.accepted_count, channel.coalesced_count) == (6, 1)


def test_what_drifted_at_a_channel_is_right_after_a_full_sync(shop: Engine, sandbox: Sandbox) -> None:
    book(shop, "R1", 1)
    push(shop)
    sandbox.state.inventory.clear()
    push(shop, channel=NEAR, last_on=day(1), is_full=True)
    assert counts(sandbox)["STD", day(1)] == 2


def test_an_allotment_caps_what_a_channel_sells(shop: Engine, sandbox: Sandbox, far: Sandbox) -> None:
    connect(shop, NEAR, sandbox, settings={"allotment": {"double": 1}})
    book(shop, "R1", 1)
    book(shop, "R2", 2, kind="suite", seq=2)
    push(shop)
    assert counts(sandbox) == {("STD", day(1)): 1, ("SUP", day(2)): 1}
    assert counts(far) == {("STD", day(1)): 2, ("SUP", day(2)): 1}


def test_a_type_that_is_two_of_theirs_is_told_as_both(shop: Engine, sandbox: Sandbox) -> None:
    with shop.begin() as connection:
        save_code_mappings(
            connection, NEAR, {(HOUSE, "room_type", "DLX"): "double", ("*", "room_type", "STE"): "double"}
        )
        save_code_mappings(connection, NEAR, {(HOUSE, "room_type", "STE"): "suite"})  # the house's own word counts
    book(shop, "R1", 1)
    push(shop, channel=NEAR)
    assert counts(sandbox) == {("STD", day(1)): 2, ("DLX", day(1)): 2}


def test_who_speaks_our_codes_needs_no_mapping(shop: Engine, sandbox: Sandbox) -> None:
    with shop.begin() as connection:
        connection.execute(text("DELETE FROM ops.room_mappings WHERE source = :near"), {"near": NEAR})
        connection.execute(
            text("INSERT INTO ops.room_mappings VALUES (:near, :house, 'SUP', 'STD')"), {"near": NEAR, "house": HOUSE}
        )
        connection.execute(text("UPDATE core.room_types SET room_type_code = 'STD' WHERE room_type_code = 'double'"))
        connection.execute(text("UPDATE core.room_types SET room_type_code = 'SUP' WHERE room_type_code = 'suite'"))
    connect_as_is(shop)
    book(shop, "R1", 1, kind="STD")
    book(shop, "R2", 1, kind="SUP", seq=2)
    push(shop, channel=NEAR)
    assert counts(sandbox) == {("SUP", day(1)): 2}  # theirs means STD of ours
    assert ("failed", "unmapped_room_type", 1) in ended(shop, NEAR)


def connect_as_is(shop: Engine) -> None:
    with shop.begin() as connection:
        query = """UPDATE ops.integrations SET settings = settings || '{"as_is": ["room_type"]}' WHERE source = :near"""
        connection.execute(text(query), {"near": NEAR})


def test_prices_go_out_with_a_channel_s_markup_rounded_half_to_even(shop: Engine, sandbox: Sandbox) -> None:
    connect(shop, NEAR, sandbox, pushes=("rates",))
    with shop.begin() as connection:
        query = "UPDATE ops.rate_plan_mappings SET markup_rate = 0.15 WHERE rate_plan_ref = 'BAR' AND source = :near"
        connection.execute(text(query), {"near": NEAR})
    told = [rate(1, 10_010), rate(2, 10_030), rate(3, 10_000, rate_plan_code="saver")]
    assert bring(shop, told, "rates") == 3
    push(shop, channel=NEAR)
    assert prices(sandbox) == {
        ("STD", "BAR", day(1)): "115.12",  # 115.115
        ("STD", "BAR", day(2)): "115.34",  # 115.345: the even one
        ("STD", "NRF", day(3)): "100.00",
    }
    assert states(shop, NEAR) == [("rates", "double", "synced", None)]


def test_restrictions_are_the_strictest_of_what_is_told_and_only_what_is_told(shop: Engine, sandbox: Sandbox) -> None:
    connect(shop, NEAR, sandbox, pushes=("restrictions",))
    told = [
        rate(1, is_stop_sell=False, min_stay_arrival_count=2, max_stay_count=7, occupancy_count=1),
        rate(1, is_stop_sell=True, min_stay_arrival_count=3, max_stay_count=5, occupancy_count=2),
        rate(2),
    ]
    bring(shop, told, "rates")
    push(shop, channel=NEAR)
    [row] = sandbox.state.inventory.values()
    assert row["restrictions"] == {"stopSell": True, "minimumStay": 3, "maximumStay": 5}
    assert ended(shop, NEAR) == [("failed", "restrictions_unknown", 1), ("sent", None, 1)]


def test_a_price_of_a_plan_or_type_nobody_mapped_fails_by_name(shop: Engine, sandbox: Sandbox) -> None:
    connect(shop, NEAR, sandbox, pushes=("rates",))
    bring(shop, [rate(1, rate_plan_code="GOV"), rate(1, room_type_code="villa")], "rates")
    push(shop, channel=NEAR)
    assert ended(shop, NEAR) == [("failed", "unmapped_rate_plan", 1), ("failed", "unmapped_room_type", 1)]


def test_a_slow_channel_holds_up_no_other(shop: Engine, sandbox: Sandbox, far: Sandbox) -> None:
    sandbox.faults.arm("timeout", seconds=60, times=9, path="/v1/inventory", method="PUT")
    book(shop, "R1", 1)
    started = time.monotonic()
    told = push(shop)
    assert counts(far) == {("STD", day(1)): 2}
    assert ask(shop, "SELECT extract(epoch FROM accepted_at - created_at) < 1.5 FROM ops.deliveries JOIN ops.outbox"
                     " USING (outbox_id) WHERE channel_code = :far", far=FAR) == [(True,)]  # fmt: skip
    assert time.monotonic() - started < 20
    waits = {each.source: (each.pending_count, each.held_by) for each in told.channels}
    assert waits == {NEAR: (1, "try_later"), FAR: (0, None)}


def test_a_channel_whose_thread_fails_keeps_no_other_from_being_told(
    shop: Engine, far: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(house: Engine, channel: str, **given: Any) -> Any:
        if channel == NEAR:
            operation.LEAVING.wait(0.1)
            msg = "a fault of ours"
            raise ValueError(msg)
        return deliver(house, channel, **given)

    monkeypatch.setattr(operation, "deliver", failing)
    book(shop, "R1", 1)
    told = push_availability(shop, Order(), seconds=1)
    assert [(each.source, each.pending_count) for each in told.channels] == [(NEAR, 1), (FAR, 0)]
    assert counts(far) == {("STD", day(1)): 2}


def test_a_vendor_s_own_protocol_hears_all_three_each_plan_with_its_own_type(
    shop: Engine, channex: str, desk: Desk
) -> None:
    told = [rate(1, 9_900, is_stop_sell=True), rate(1, 19_900, room_type_code="suite", min_stay_arrival_count=2)]
    bring(shop, told, "rates")
    for seq, number in enumerate((1, 2, 2, 2), start=1):
        book(shop, f"R{seq}", number, seq=seq)
    push(shop, channel=channex)
    assert desk.problems == []
    assert desk.counts == {("rt-double", day(1)): 2, ("rt-double", day(2)): 0}
    assert {plan: amount for (_, plan, _), (amount, _) in desk.prices.items()} == {
        "rp-double": "99.00",
        "rp-suite": "199.00",
    }
    limits = {plan: limits for (_, plan, _), limits in desk.restrictions.items()}
    assert limits["rp-double"]["stop_sell"] is True
    assert limits["rp-suite"]["min_stay_arrival"] == 2
    assert ended(shop, channex) == [("sent", None, 6)]


def test_a_full_sync_of_a_year_is_one_message_of_counts(shop: Engine, channex: str, desk: Desk) -> None:
    told = push(shop, channel=channex, kinds=("availability",), is_full=True)
    assert told.enqueued_count == len(desk.counts) == 2 * 501
    assert [each.kind for each in desk.pushed] == ["availability"]


def test_a_channel_that_is_named_and_told_nothing_says_what_to_state(shop: Engine) -> None:
    with pytest.raises(NotConfiguredError, match="'nobody' is told no availability or restrictions or rates"):
        push(shop, channel="nobody")
    with pytest.raises(NotConfiguredError, match="pushes and went_live_on"):
        push(shop, channel=NEAR, kinds=("rates",))
    assert push(shop, property_id="no-such-house", is_full=True).channels == ()


def test_who_is_asked_to_leave_reports_what_it_has(shop: Engine, sandbox: Sandbox) -> None:
    book(shop, "R1", 1)
    operation.LEAVING.set()
    told = push_availability(shop, Order(), seconds=60)
    assert [(each.pending_count, each.sent_count) for each in told.channels] == [(1, 0), (1, 0)]
    assert pushes(sandbox) == 0


def test_a_shift_stays_as_long_as_something_may_come(shop: Engine, sandbox: Sandbox) -> None:
    started = time.monotonic()
    push_availability(shop, Order(), seconds=30, idle_seconds=0.6)
    assert 0.6 <= time.monotonic() - started < 10


def test_the_sandbox_knows_the_house_by_its_own_name(shop: Engine, sandbox: Sandbox) -> None:
    book(shop, "R1", 1)
    push(shop)
    assert {hotel for hotel, _, _ in sandbox.state.inventory} == {HOTEL}
