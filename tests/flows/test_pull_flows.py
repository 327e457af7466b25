"""Pulling as operators see it: a run per half minute, a row per account, the most urgent first."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from connectors.errors import FixCredentials
from connectors.ports import Account
from flows.pull_bookings import pull_bookings
from tests.deployments.sandbox_house import House
from tests.flows.seen import newest_run, table_of
from tests.operations.messages import CHANNEL, told_by
from tests.operations.queue_channel import LISBON, Queue, queue_connector, registered, set_up_queue


@pytest.fixture
def queues(house: House) -> Iterator[dict[str, Queue]]:
    made = {"expensive": Queue(), "quiet": Queue()}

    def opened(account: Account) -> Queue:
        return made[account.source]

    for source in made:
        set_up_queue(house.engine, source)
    with registered(queue_connector(opened)):
        yield made


def test_every_account_is_shown_with_what_came_and_what_the_channel_has_not_heard(
    house: House, queues: dict[str, Queue]
) -> None:
    queues["quiet"].sell(told_by(house.world, CHANNEL)[:5])
    queues["expensive"].failures["waiting"] = [FixCredentials("no", 401)]

    pulls = pull_bookings(all_now=True)

    run = newest_run("pulls all * 20")
    first, second = table_of(run)
    assert list(first) == [
        "channel", "property", "last pull", "messages", "acknowledged", "unacknowledged", "minutes to deadline",
        "empty pulls in a row", "breaker", "failing", "next step",
    ]  # fmt: skip
    assert (first["channel"], first["failing"][:15]) == ("expensive", "fix_credentials")
    assert "credentials" in first["next step"]
    assert (second["channel"], second["property"]) == ("quiet", LISBON)
    assert (second["messages"], second["acknowledged"], second["unacknowledged"]) == (5, 5, 0)
    assert (second["minutes to deadline"], second["breaker"], second["failing"]) == (29, "closed", "no")
    assert second["next step"] == "nothing"
    assert pulls.message_count == 5


def test_one_account_is_pulled_and_shown_alone_under_its_name(house: House, queues: dict[str, Queue]) -> None:
    pull_bookings("quiet", LISBON, 0, all_now=True)

    (row,) = table_of(newest_run(f"pulls quiet {LISBON} 20"))
    assert row["channel"] == "quiet"
    with house.engine.connect() as connection:
        assert list(connection.execute(text("SELECT source FROM ops.pulls")).scalars()) == ["quiet"]
