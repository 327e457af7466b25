"""What operators read of telling channels: who is in trouble comes first, and the last column says what to do."""

from datetime import UTC, datetime
from typing import Any

import pytest

from hotel.pushes import ChannelPush, PushSummary
from tasks.push_tables import push_rows, push_sentence

NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)
WELL = ChannelPush("agoda", "active", 0, None, 0, 7, 3, 7, 0, {}, 412)


def summary(*channels: ChannelPush) -> PushSummary:
    return PushSummary(NOW, NOW, 0, channels)


def step(**given: Any) -> str:
    [row] = push_rows(summary(WELL._replace(**given)))
    return str(row["next step"])


def test_a_channel_that_is_well_asks_for_nothing() -> None:
    assert push_rows(summary(WELL)) == [
        {
            "channel": "agoda", "pending": 0, "oldest pending": "none", "sent": 7, "coalesced": 3, "accepted": 7, "partial": 0,
            "refused (code)": "none", "closures waiting": 0, "lag p95 ms": 412, "next step": "nothing",
        }
    ]  # fmt: skip
    assert push_sentence(summary(WELL)) == (
        "7 counts, restrictions and prices were taken since the last report; nothing waits."
    )


def test_who_is_in_trouble_comes_first() -> None:
    held = WELL._replace(source="expedia", held_by="try_later", pending_count=9, oldest_pending_at=NOW)
    refused = WELL._replace(source="booking_com", refused={"unmapped_room_type": 2, "E17": 1})
    closing = WELL._replace(source="channex", pending_count=4, closures_waiting_count=4, oldest_pending_at=NOW)
    rows = push_rows(summary(WELL, closing, refused, held))
    assert [row["channel"] for row in rows] == ["expedia", "booking_com", "channex", "agoda"]
    assert rows[0]["oldest pending"] == "2026-11-26 03:30Z"
    assert rows[1]["refused (code)"] == "unmapped_room_type 2, E17 1"
    assert push_sentence(summary(held, WELL)).endswith("9 wait; expedia cannot be told now.")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"held_by": "fix_credentials", "pending_count": 1}, "credentials anew in ops.integrations"),
        ({"held_by": "delivery_failed", "pending_count": 1}, "courier's log"),
        ({"refused": {"inventory_unknown": 4}}, "state room_count in core.room_types"),
        ({"refused": {"unmapped_room_type": 1}}, "not_sold"),
        ({"refused": {"E17": 1}}, "ask the channel about E17"),
        ({"refused": {"try_later": 1}}, "nothing"),
        ({"account_status": "paused", "pending_count": 3}, "the account is paused"),
        ({"pending_count": 3}, "courier runs"),
    ],
)
def test_the_last_column_says_what_to_do(given: dict[str, Any], words: str) -> None:
    assert words in step(**given)


def test_several_reasons_have_several_steps() -> None:
    told = step(refused={"inventory_unknown": 4, "unmapped_rate_plan": 1})
    assert told == "state room_count in core.room_types; map the plan in ops.rate_plan_mappings"


def test_a_summary_in_which_nothing_happened_is_idle() -> None:
    assert summary(WELL._replace(sent_count=0)).is_idle
    assert not summary(WELL).is_idle
    assert not summary(WELL._replace(sent_count=0, pending_count=1)).is_idle
