"""Every channel that keeps bookings, pulled from its sandbox into the house: sold, stored, acknowledged, in to the cent."""

from collections.abc import Iterator, Mapping
from datetime import date
from random import Random
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine

from deployments.demo_house import AS_IS
from hotel.loads import PullSummary
from operations import sources
from operations.pull_bookings import pull
from sandbox.channels.desk import Desk
from sandbox.channels.running import Channel, running_channels
from sandbox.channels.sales import Sale, Shop, sale
from storage.integrations import Integration, save_integration
from tests.operations.messages import ask, drain, outcomes
from tests.operations.queue_channel import LISBON

FIRST = date(2026, 12, 1)


class Vendor(NamedTuple):
    """A kind of channel, what a hotel sells there, and what its account states."""

    kind: str
    shop: Shop
    options: Mapping[str, Any] = MappingProxyType({})
    path: str = ""


VENDORS = [
    Vendor("channex", Shop("CITY", "EUR", ("STD", "DLX"), ("BAR", "NRF"), FIRST)),
    Vendor("expedia", Shop("3546", "EUR", ("965645", "965640"), ("956589", "925569"), FIRST)),
    Vendor("booking_com", Shop("8011855", "EUR", ("801185501", "801185502"), ("1123", "1124"), FIRST)),
    Vendor("siteminder", Shop("10107", "EUR", ("DBL", "SGL"), ("RAC", "NRF"), FIRST), {"pms_code": "SANDBOX"}),
    Vendor(
        "opentravel_generic",
        Shop("CITY", "EUR", ("STD", "DLX"), ("BAR", "NRF"), FIRST),
        {
            "soap": "1.1", "auth": "wsse_text", "pull": {"path": "/ota", "action": "urn:read"},
            "acknowledge": {"path": "/ota"}, "counts": {"path": "/ota", "locates": True},
        },
    ),
    Vendor(
        "alpinebits", Shop("CITY", "EUR", ("STD", "DLX"), ("BAR", "NRF"), FIRST), {"standard_occupancy": 2}, "/server"
    ),
]  # fmt: skip


class Clock:
    """Passes only where it must: a paced call takes its turn at once, later by the channel's clock."""

    now = 0.0
    turns: dict[str, float]

    def __init__(self) -> None:
        self.turns = {}

    def __call__(self) -> float:
        return self.now

    def take(self, _source: str, bucket: str, *, per_second: float, burst: int) -> float:
        if burst == 1:
            self.now = max(self.now, self.turns.get(bucket, self.now) + 1e-9)
            self.turns[bucket] = self.now + 1 / per_second
        return 0.0


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.kind)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    found: Vendor = request.param
    return found


@pytest.fixture
def desk(house: Engine, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    clock = Clock()
    made = Desk(clock=clock)
    wired = sources.ports
    monkeypatch.setattr("connectors.http._LONGEST_BACKOFF_SECONDS", 0.01)
    monkeypatch.setattr(sources, "ports", lambda house: wired(house)._replace(rate_limit=clock))
    with running_channels({vendor.kind: Channel(vendor.kind, made)}) as addresses:
        address = addresses[vendor.kind] + vendor.path
        options = {"base_url": address, "as_is": list(AS_IS), "allow_private_hosts": True, **vendor.options}
        row = Integration(vendor.kind, LISBON, vendor.kind, settings=options, hotel_ref=vendor.shop.hotel_ref)
        keys = {"username": made.keys.username, "password": made.keys.password, "api_key": made.keys.api_key}
        with house.begin() as connection:
            save_integration(connection, row, credentials=keys)
        yield made


def sold(vendor: Vendor, count: int) -> list[Sale]:
    dice = Random(5)
    return [sale(dice, number, vendor.shop) for number in range(1, count + 1)]


def pulled(house: Engine, vendor: Vendor) -> PullSummary:
    return pull(house, vendor.kind, LISBON)


def totals(house: Engine, vendor: Vendor) -> dict[str, int]:
    """Add up what the house holds of the channel, by status; some tell each room as a booking of its own."""
    query = "SELECT status, sum(total_minor)::int FROM core.reservations WHERE source = :source GROUP BY 1"
    found: Any = ask(house, query, source=vendor.kind)
    return dict(found)


def bodies(house: Engine) -> bytes:
    return b"".join(bytes(body) for (body,) in ask(house, "SELECT body FROM raw.inbox"))


def test_what_is_sold_is_in_to_the_cent_and_the_channel_knows(house: Engine, vendor: Vendor, desk: Desk) -> None:
    sales = sold(vendor, 6)
    for each in sales:
        desk.sell(each)

    found = pulled(house, vendor)
    drain(house)

    assert (found.new_count, found.error_code) == (found.acknowledged_count, None)
    assert desk.unacknowledged() == []
    assert outcomes(house) == {("done", "new", None): found.new_count}
    assert totals(house, vendor) == {"confirmed": sum(each.total_minor for each in sales)}
    assert ask(house, "SELECT count(*) FROM raw.inbox WHERE acknowledged_at IS NULL") == [(0,)]
    assert not [each for each in sales if each.card_number and each.card_number.encode() in bodies(house)]
    assert desk.problems == []


def test_what_is_cancelled_while_the_channel_does_not_take_acknowledgements_ends_cancelled_once(
    house: Engine, vendor: Vendor, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = sold(vendor, 2)
    desk.sell(first)
    with monkeypatch.context() as patch:
        patch.setattr(desk, "acknowledge", busy)
        if vendor.kind == "expedia":  # its server confirms before the desk hears of it
            desk.faults.arm("server_error", method="POST", path="/expedia/eqc/bc", times=9)
        assert pulled(house, vendor).error_code is not None
    desk.faults.clear()
    assert ask(house, "SELECT count(*) FROM raw.inbox WHERE acknowledged_at IS NULL") != [(0,)]
    desk.sell(second)
    assert pulled(house, vendor).error_code is None
    desk.sell(first.cancelled())
    assert pulled(house, vendor).error_code is None
    drain(house)

    assert desk.unacknowledged() == []
    assert totals(house, vendor) == {"cancelled": first.total_minor, "confirmed": second.total_minor}
    assert {status for status, _, _ in outcomes(house)} == {"done"}
    assert ask(house, "SELECT count(*) FROM raw.inbox WHERE acknowledged_at IS NULL") == [(0,)]


def busy(*_: object) -> bool:
    raise BlockingIOError
