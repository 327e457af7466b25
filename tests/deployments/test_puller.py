"""Channels are asked as often as they want it, whatever Prefect does and however long another channel hangs."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from random import Random
from typing import NamedTuple

from deployments.demo_house import AS_IS
from sandbox.channels.desk import Desk
from sandbox.channels.running import Channel, running_channels
from sandbox.channels.sales import Shop, sale
from settings import Settings
from storage import embedded
from storage.engine import engine as engine_of
from storage.integrations import Integration, save_integration
from storage.migrate import upgrade
from storage.pulls import hint
from tests.deployments.sandbox_house import House, sandbox_house
from tests.deployments.trigger_process import ask, service, shifts_told, wait_for
from tests.prefect_server import PrefectServer
from tests.storage.embedded_house import server

LISBON = "harbour-lisbon"
SHOP = Shop("CITY", "EUR", ("STD", "DLX"), ("BAR", "NRF"), date(2026, 10, 1))
OPEN = "select count(*) from raw.inbox where acknowledged_at is null"


class Channels(NamedTuple):
    """Desks of one hotel at channels, by the source we know each by."""

    house: House
    desks: dict[str, Desk]

    def sell(self, source: str, first: int, count: int) -> None:
        """Let guests book."""
        dice = Random(first)
        for number in range(first, first + count):
            self.desks[source].sell(sale(dice, number, SHOP, prefix=source[0].upper()))

    def are_empty(self, *sources: str) -> bool:
        """Tell whether these channels know that we have everything."""
        return not any(self.desks[source].unacknowledged() for source in sources)


@contextmanager
def connected(house: House, *sources: str, cadence_seconds: int = 1) -> Iterator[Channels]:
    """Sell one hotel on channels."""
    desks = {source: Desk() for source in sources}
    with running_channels({source: Channel("channex", desk) for source, desk in desks.items()}) as addresses:
        for source, desk in desks.items():
            options = {"base_url": addresses[source], "as_is": list(AS_IS), "allow_private_hosts": True}
            row = Integration(
                source, LISBON, "channex", settings=options, hotel_ref="CITY", cadence_seconds=cadence_seconds
            )
            with house.engine.begin() as connection:
                save_integration(connection, row, credentials={"api_key": desk.keys.api_key})
        yield Channels(house, desks)


def stored(house: House) -> object:
    return ask(house.url, "select count(*) from raw.inbox where signature_kind = 'pulled'")


def test_bookings_are_fetched_as_they_are_made_and_shifts_tell_of_all(house: House, prefect_api: PrefectServer) -> None:
    with connected(house, "first", "second") as channels:
        with service("puller", house, prefect_api.environment) as running:
            channels.sell("first", 0, 5)
            channels.sell("second", 0, 5)
            wait_for(lambda: channels.are_empty("first", "second"), "both channels have heard of everything")
            wait_for(lambda: ask(house.url, OPEN) == 0, "it is noted")
            wait_for(lambda: bool(running.flow_run_ids()), "a shift has begun", 60)
            assert running.stop() < 10
        assert stored(house) == 10
        assert all(desk.problems == [] for desk in channels.desks.values())
    assert sum(int(sentence.split()[0]) for _, sentence in shifts_told(running, prefect_api)) == 10


def test_a_prefect_that_never_answers_and_a_channel_that_hangs_hold_up_no_other(
    house: House, silent_api: dict[str, str]
) -> None:
    with connected(house, "good", "hanging") as channels:
        channels.desks["hanging"].faults.arm("timeout", path="/", seconds=60, times=100)
        with service("puller", house, silent_api) as running:
            for first in (0, 5):
                channels.sell("good", first, 5)
                wait_for(lambda: channels.are_empty("good"), "the good channel has heard of everything")
            wait_for(lambda: "does not answer" in running.log, "the puller has given Prefect up")
            channels.sell("good", 10, 1)
            wait_for(lambda: channels.are_empty("good"), "it goes on without Prefect")
            assert running.stop() < 10
        assert stored(house) == 11


def test_a_hint_fetches_what_would_be_asked_for_in_an_hour(house: House, silent_api: dict[str, str]) -> None:
    with connected(house, "hinting", cadence_seconds=3600) as channels, service("puller", house, silent_api):
        pulled = "select count(*) from ops.pulls where source = 'hinting' and due_at > now() + interval '50 minutes'"
        wait_for(lambda: ask(house.url, pulled) == 1, "it was asked once")
        channels.sell("hinting", 0, 1)
        with house.engine.begin() as connection:
            hint(connection, "hinting", LISBON)
        wait_for(lambda: channels.are_empty("hinting"), "the channel has heard of it", 10)


def test_a_database_that_is_killed_is_waited_for_and_nothing_is_lost(
    tmp_path: Path, silent_api: dict[str, str]
) -> None:
    given = Settings(data_dir=tmp_path / "own")
    with ExitStack() as stack:
        url = stack.enter_context(server(given))
        upgrade(engine_of(url))
        own = stack.enter_context(sandbox_house(url, given.data_dir))
        channels = stack.enter_context(connected(own, "first"))
        running = stack.enter_context(service("puller", own, silent_api))
        channels.sell("first", 0, 3)
        wait_for(lambda: channels.are_empty("first"), "the first bookings are acknowledged")
        record = embedded.status(given)
        assert record is not None
        assert record.server is not None
        os.kill(record.server.pid, signal.SIGKILL)
        channels.sell("first", 3, 3)
        wait_for(lambda: embedded.status(given) not in {None, record}, "it is back")
        wait_for(lambda: channels.are_empty("first"), "the bookings after it are acknowledged, too")
        assert stored(own) == 6
        assert running.process.poll() is None
        assert running.stop() < 10
