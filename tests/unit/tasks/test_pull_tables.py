"""What operators read of pulling, of messages and of windows that were read again."""

from datetime import UTC, date, datetime

import pytest

from hotel.loads import AccountPulls, MessageReplaySummary, PullShiftSummary, ReplayedMessage, ResyncSummary, Window
from tasks import pull_tables, replay_tables

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FINE = AccountPulls("expedia", "city-hotel", NOON, 3, 3, 0, 29, 0, {}, None, None)
BROKEN = AccountPulls("channex", "city-hotel", NOON, 0, 0, 2, 12, 4, {"feed": "open"}, "try_later", NOON)
LATE = FINE._replace(source="siteminder", minutes_to_deadline=4, unacknowledged_count=1)
WITHOUT = FINE._replace(source="cloudbeds", minutes_to_deadline=None)
STUCK = ReplayedMessage(7, "expedia", "mapping_failed", "unmapped", "B1", date(2026, 12, 1), is_open=True)
IN = ReplayedMessage(8, "expedia", "unmapped", "new", "B2", date(2026, 11, 21), is_open=False)
RESYNCED = ResyncSummary(
    "expedia", "city-hotel", Window(NOON, NOON.replace(hour=18)), found_count=9, known_count=7, new_count=2,
    changed_count=1, right_count=6, held_count=0, vanished=(),
)  # fmt: skip


def shift(*accounts: AccountPulls) -> PullShiftSummary:
    return PullShiftSummary(NOON, NOON, accounts)


def test_who_fails_comes_first_then_who_is_nearest_to_its_deadline() -> None:
    rows = pull_tables.pull_rows(shift(WITHOUT, FINE, LATE, BROKEN))

    assert [row["channel"] for row in rows] == ["channex", "siteminder", "expedia", "cloudbeds"]
    assert rows[0]["breaker"] == "feed open"
    assert rows[0]["failing"] == "try_later since 2026-11-20 12:00Z"
    assert str(rows[0]["next step"]).startswith("wait")
    assert "pull-bookings/on-demand" in str(rows[1]["next step"])
    assert [row["next step"] for row in rows[2:]] == ["nothing", "nothing"]


def test_an_account_never_pulled_says_so() -> None:
    (row,) = pull_tables.pull_rows(shift(FINE._replace(pulled_at=None)))

    assert row["last pull"] == "never"


@pytest.mark.parametrize(("account", "is_urgent"), [(FINE, False), (WITHOUT, False), (BROKEN, True), (LATE, True)])
def test_somebody_is_called_where_an_account_fails_or_its_channel_gives_up_soon(
    account: AccountPulls, is_urgent: bool
) -> None:
    assert pull_tables.is_urgent(account) == is_urgent


def test_one_sentence_says_what_came_and_who_is_in_trouble() -> None:
    assert pull_tables.pull_sentence(shift(FINE)) == "3 messages came since the last report, all are acknowledged."
    assert pull_tables.pull_sentence(shift(FINE, BROKEN, LATE)) == (
        "6 messages came since the last report, 3 are not acknowledged; channex cannot be pulled."
    )


def test_an_error_nobody_has_a_step_for_leads_to_the_log() -> None:
    (row,) = pull_tables.pull_rows(shift(BROKEN._replace(error_code="sql_23502")))

    assert "log" in str(row["next step"])


def test_messages_that_are_stuck_again_come_first_and_say_what_to_do() -> None:
    replay = MessageReplaySummary((IN, STUCK, STUCK._replace(inbox_id=5, result="odd", arrival_on=None)))
    rows = replay_tables.message_rows(replay)

    assert [row["id"] for row in rows] == [7, 5, 8]
    assert [row["still open"] for row in rows] == ["yes", "yes", "no"]
    assert "ops.unmapped_codes" in str(rows[0]["next step"])
    assert (rows[1]["arrival"], rows[1]["next step"]) == (None, "read its row in ops.quarantine")
    assert (rows[2]["result"], rows[2]["arrival"], rows[2]["next step"]) == ("new", "2026-11-21", "nothing")
    assert replay_tables.message_sentence(replay) == "1 of 3 messages are in; 2 are still open."
    assert replay_tables.message_sentence(MessageReplaySummary((IN,))) == "1 of 1 messages are in; nothing is open."
    assert replay_tables.message_sentence(MessageReplaySummary(())) == "No message of this choice is stuck."


@pytest.mark.parametrize(
    ("resync", "sentence", "step"),
    [
        (RESYNCED, "3 of 9 bookings were missing or behind.", "nothing"),
        (RESYNCED._replace(new_count=0, changed_count=0), "Nothing was missed.", "nothing"),
        (RESYNCED._replace(held_count=1), "3 of 9 bookings were missing or behind; 1 are held.", "read the reasons"),
        (
            RESYNCED._replace(vanished=("B7",)),
            "3 of 9 bookings were missing or behind; 1 are no longer told.",
            "ask the",
        ),
        (RESYNCED._replace(blocked_by=("quarantined_share",)), "3 of 9 bookings were missing or behind.", "blocked by"),
    ],
)
def test_a_resync_says_what_was_missed_and_what_to_do(resync: ResyncSummary, sentence: str, step: str) -> None:
    (row,) = replay_tables.resync_rows(resync)

    assert replay_tables.resync_sentence(resync) == sentence
    assert str(row["next step"]).startswith(step)
    assert row["window"] == "2026-11-20 12:00Z → 2026-11-20 18:00Z"


def test_what_vanished_is_named_at_most_ten_or_not_known() -> None:
    (row,) = replay_tables.resync_rows(RESYNCED._replace(vanished=tuple(f"B{n:02}" for n in range(12))))
    (unknown,) = replay_tables.resync_rows(RESYNCED._replace(vanished=None))

    assert (row["vanished at source"], str(row["vanished refs"]).count("B")) == (12, 10)
    assert (unknown["vanished at source"], unknown["vanished refs"]) == ("not known", "")
