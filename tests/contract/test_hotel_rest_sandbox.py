"""A whole world pulled over HTTP comes out as it is: every booking, room, night and guest of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.hotel_rest.connector import CONNECTOR as THIS
from connectors.ports import Account, MappingPlace
from hotel.codebook import Codebook
from hotel.guests import Guest, fold_name
from hotel.incoming import Incoming, Refused
from hotel.reservations import Reservation, Room
from sandbox.server.running import running
from sandbox.world.build import build
from sandbox.world.timeline import Record
from sandbox.world.view import World
from tests.contract.fakes import memory_ports
from tests.contract.suites import EVERY_FIELD

OAUTH = {"client_id": "sandbox-client", "client_secret": "sandbox-client-key"}
BEGINNING, END = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return build(seed=11, size=60, flawed_per_mille=100)


@pytest.fixture(scope="module")
def pulled(world: World) -> dict[str, list[Incoming | Refused]]:
    with running(world) as sandbox:
        return {dataset: list(_pull(world, sandbox.url, dataset)) for dataset in ("guests", "reservations")}


def _pull(world: World, url: str, dataset: str) -> Iterator[Incoming | Refused]:
    houses = {house.place.property_id: house.place for house in world.houses}
    source = world.guests[0].versions[0].row.source
    book = Codebook(source, houses, {name: name for name in houses}, {}, frozenset(EVERY_FIELD))
    for name in houses:
        account = Account(source, name, name, {"base_url": url, "page_rows": 7}, allow_private_hosts=True)
        client = THIS.open(account, OAUTH, memory_ports())
        pages = list(getattr(client, dataset)(since=BEGINNING, until=END))
        client.close()
        assert len(pages) > 1
        assert sum(page.row_count for page in pages) == pages[-1].expected_count
        for page in pages:
            yield from THIS.mappers[dataset](page.body, book, MappingPlace(f"p:1:{page.number}", page.first_row, name))


def now_told(world: World, records: tuple[Record, ...]) -> dict[str, Any]:
    known = {(record.property_id, record.ref): record.revision_at(world.now) for record in records}
    return {
        f"{record.property_id} {record.ref}": (record, record.versions[revision - 1].row, revision)
        for record in records
        if (revision := known[record.property_id, record.ref])
    }


def key(row: Incoming | Refused) -> str:
    told = row.row if isinstance(row, Incoming) else row
    assert isinstance(told, Reservation | Guest | Refused)
    return f"{told.property_id} {told.source_ref}"


def test_every_booking_comes_out_as_it_went_in(world: World, pulled: dict[str, list[Incoming | Refused]]) -> None:
    told = now_told(world, world.reservations)
    good = [row for row in pulled["reservations"] if isinstance(row, Incoming)]

    assert sorted(map(key, pulled["reservations"])) == sorted(told)
    for row in good:
        record, reservation, revision = told[key(row)]
        assert row.source_version == revision
        if record.flaw is None:
            assert isinstance(row.row, Reservation)
            assert _comparable(row.row) == _comparable(reservation)


def _comparable(reservation: Reservation) -> Reservation:
    """Leave out what the contract does not carry: taxes and cancellations of single rooms, people per night."""
    return reservation._replace(rooms=tuple(map(_comparable_room, reservation.rooms)))


def _comparable_room(room: Room) -> Room:
    nights = tuple(night._replace(adult_count=None, child_count=None) for night in room.nights)
    return room._replace(nights=nights, tax_minor=None, cancelled_at=None, cancelled_on=None)


def test_only_rows_told_wrong_are_refused(world: World, pulled: dict[str, list[Incoming | Refused]]) -> None:
    flaws = {name: record.flaw for name, (record, _, _) in now_told(world, world.reservations).items()}
    refused = {key(row): row.reasons[0].code for row in pulled["reservations"] if isinstance(row, Refused)}

    for name, code in refused.items():
        assert flaws[name]
        assert code in {"decimals_exceed_currency", "currency_unknown", "status_unknown"}


def test_every_guest_comes_out_with_the_name_folded(world: World, pulled: dict[str, list[Incoming | Refused]]) -> None:
    told = now_told(world, world.guests)

    assert sorted(map(key, pulled["guests"])) == sorted(told)
    for row in pulled["guests"]:
        assert isinstance(row, Incoming)
        assert isinstance(row.row, Guest)
        _, guest, _ = told[key(row)]
        assert (row.row.first_name, row.row.last_name, row.row.email) == (
            guest.first_name,
            guest.last_name,
            guest.email,
        )
        assert row.row.folded_name == fold_name(row.row.full_name or "")
