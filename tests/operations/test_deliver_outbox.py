"""One sale, and every other channel sells by the new count; what fails waits, is held or ends, and keeps nobody else."""

import pytest
from sqlalchemy import Engine, text

from connectors.errors import RequestRefused
from operations import deliver_outbox
from operations.deliver_outbox import DeliverySummary, deliver
from operations.sending import pushing
from operations.tellings import tellings
from sandbox.server import Sandbox
from tests.operations.channels_house import FAR, NEAR, ask, book, bring, counts, day, ended, pushes, states
from tests.storage.outbox_house import nights
from tests.storage.stays import booking, room, told


def test_after_one_sale_every_channel_sells_by_the_new_count(shop: Engine, sandbox: Sandbox, far: Sandbox) -> None:
    book(shop, "R1", 1, 2)
    assert deliver(shop, NEAR) == DeliverySummary(NEAR, claimed_count=2, accepted_count=2)
    assert deliver(shop, FAR).accepted_count == 2
    assert counts(sandbox) == counts(far) == {("STD", day(1)): 2, ("STD", day(2)): 2}
    assert states(shop, NEAR) == [("availability", "double", "synced", None)]
    query = "SELECT attempt_no, channel_code, status, accepted_at IS NOT NULL FROM ops.deliveries ORDER BY 2"
    assert ask(shop, query) == [(1, NEAR, "accepted", True)] * 2 + [(1, FAR, "accepted", True)] * 2
    assert deliver(shop, NEAR).claimed_count == 0


def test_a_thousand_changes_are_one_message_of_the_last_count(shop: Engine, sandbox: Sandbox) -> None:
    with shop.begin() as connection:
        connection.execute(text("UPDATE core.room_types SET room_count = 1100"))
    for seq in range(20):
        bookings = [told(booking(f"R{seq}-{n}", room("1", nights(1, 2))), 1) for n in range(50)]
        bring(shop, bookings, "reservations", seq + 1)
    assert deliver(shop, NEAR).accepted_count == 2
    assert counts(sandbox) == {("STD", day(1)): 100, ("STD", day(2)): 100}
    assert pushes(sandbox) == 1
    query = "SELECT count(*), sum(coalesced_count) FROM ops.outbox WHERE destination = :near"
    assert ask(shop, query, near=NEAR) == [(2, 38)]


def test_what_is_told_is_read_after_the_claim(shop: Engine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    book(shop, "R1", 1)

    def late(*given: object) -> object:
        book(shop, "R2", 1, seq=2)
        return tellings(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(deliver_outbox, "tellings", late)
    deliver(shop, NEAR)
    monkeypatch.setattr(deliver_outbox, "tellings", tellings)
    assert counts(sandbox) == {("STD", day(1)): 1}
    assert ended(shop, NEAR) == [("pending", None, 1), ("sent", None, 1)]


def test_closures_go_out_first(shop: Engine, sandbox: Sandbox) -> None:
    for seq, number in enumerate((1, 2, 9, 9, 9), start=1):
        book(shop, f"R{seq}", number, seq=seq)
    deliver(shop, NEAR, limit=1)
    assert counts(sandbox) == {("STD", day(9)): 0}


def test_a_cell_a_channel_refuses_has_failed_and_the_others_are_sent(shop: Engine, sandbox: Sandbox) -> None:
    with shop.begin() as connection:
        connection.execute(text("UPDATE ops.room_mappings SET room_type_ref = 'NONE' WHERE room_type_code = 'suite'"))
    book(shop, "R1", 1)
    book(shop, "R2", 1, kind="suite", seq=2)
    assert deliver(shop, NEAR) == DeliverySummary(NEAR, 2, accepted_count=1, failed_count=1)
    assert ended(shop, NEAR) == [("failed", "room_type_unknown", 1), ("sent", None, 1)]
    assert states(shop, NEAR) == [
        ("availability", "double", "synced", None),
        ("availability", "suite", "failed", "room_type_unknown"),
    ]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ("UPDATE core.inventory SET physical_count = NULL", "inventory_unknown"),
        ("DELETE FROM ops.room_mappings", "unmapped_room_type"),
    ],
)
def test_what_is_not_known_is_not_guessed(shop: Engine, sandbox: Sandbox, spoil: str, code: str) -> None:
    book(shop, "R1", 1)
    with shop.begin() as connection:
        connection.execute(text(spoil))
        if code == "inventory_unknown":
            connection.execute(text("UPDATE core.room_types SET room_count = NULL"))
    assert deliver(shop, NEAR).failed_count == 1
    assert ended(shop, NEAR) == [("failed", code, 1)]
    assert states(shop, NEAR) == [("availability", "double", "failed", code)]
    assert pushes(sandbox) == 0


def test_the_rows_a_message_was_refused_for_are_found_and_the_others_sent(
    shop: Engine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(shop, "R1", *range(1, 12))

    def picky(client: object, kind: str) -> object:
        push = pushing(client, kind)

        def refuse(cells: object, key: str) -> object:
            if any(each.stay_on in {day(4), day(5)} for each in cells):  # type: ignore[attr-defined]
                msg = "not these dates"
                raise RequestRefused(msg, 422)
            return push(cells, key)  # type: ignore[arg-type]

        return refuse

    monkeypatch.setattr(deliver_outbox, "pushing", picky)
    assert deliver(shop, NEAR) == DeliverySummary(NEAR, 11, accepted_count=9, failed_count=2)
    assert ended(shop, NEAR) == [("failed", "request_refused", 2), ("sent", None, 9)]
    query = "SELECT response_code, error_code FROM ops.deliveries WHERE status = 'refused'"
    assert ask(shop, query) == [(422, "request_refused")] * 2
