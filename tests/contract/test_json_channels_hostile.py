"""Whatever stands in a field of a message: it is read, refused with a reason, or told to be unreadable; nothing breaks."""

import copy
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest

from connectors.booking_engine.connector import CONNECTOR as BOOKING_ENGINE
from connectors.channex.connector import CONNECTOR as CHANNEX
from connectors.cloudbeds.connector import CONNECTOR as CLOUDBEDS
from connectors.errors import VendorChangedShape
from connectors.myallocator.connector import CONNECTOR as MYALLOCATOR
from connectors.ports import Mapper
from hotel.guests import Guest
from hotel.incoming import Incoming, Refused
from hotel.reservations import Reservation
from tests.contract import test_booking_engine, test_channex, test_channex_cards, test_cloudbeds, test_myallocator
from tests.contract.suites import BOOK, PLACE, Row

HOSTILE: tuple[Any, ...] = (
    None, "", " ", "x", "0", "-1", "NaN", "1e400", "99999999999999999999", "\u0000", "\ud7ff", "😀" * 50, "A" * 5000,
    0, -1, 1.005, 1e300, 2**70, True, [], {}, [None], {"a": 1}, [[]], "2026-02-30", "0000-00-00", "9999-12-31",
    "2026-03-01T25:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00",
)  # fmt: skip


class Case(NamedTuple):
    """A mapper, a message that it reads, and how such a message is written."""

    mapper: Mapper | None
    row: Row
    body: Callable[[Row], bytes]


def _page(row: Row) -> bytes:
    return msgspec.json.encode({"success": True, "data": [row]})


_CHANNEX = test_channex.revision(
    1,
    guarantee=test_channex_cards.CARD,
    services=[{"type": "Breakfast", "total_price": "20.00"}],
    rooms=[
        test_channex.room(
            taxes=[{"type": "tax", "is_inclusive": True, "total_price": "1.00"}],
            meta={"room_type_code": "1", "days_breakdown": [{"date": "2026-03-01", "promotion": {"id": "7"}}]},
        )
    ],
)
_CUSTOMERS = [{"CustomerFName": "Ann", "CustomerCountry": "PT", "CustomerArrivalTime": "13:00"}]
CASES = {
    "channex": Case(CHANNEX.messages, _CHANNEX, lambda row: msgspec.json.encode({"data": row})),
    "myallocator": Case(
        MYALLOCATOR.messages, test_myallocator.booking(1, Customers=_CUSTOMERS, Commission="1.00"), msgspec.json.encode
    ),
    "cloudbeds": Case(CLOUDBEDS.mappers["reservations"], msgspec.json.decode(msgspec.json.encode(test_cloudbeds.booking(1))), _page),
    "cloudbeds_guests": Case(CLOUDBEDS.mappers["guests"], msgspec.json.decode(msgspec.json.encode(test_cloudbeds.booking(1))), _page),
    "booking_engine": Case(
        BOOKING_ENGINE.messages,
        test_booking_engine.booking(guest={"first_name": "Ann"}, rooms=[{"id": 1, "nights": [{"date": "2026-03-01", "price": 1}]}]),
        test_booking_engine.event,
    ),
}  # fmt: skip


def places(told: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container of a message with each of its keys."""
    for key, value in list(told.items() if isinstance(told, dict) else enumerate(told)):
        yield told, key
        if isinstance(value, dict | list):
            yield from places(value)


def spoilt(row: Row, dice: Random) -> Row:
    """Put something else into one to three fields."""
    told = copy.deepcopy(row)
    for _ in range(dice.randint(1, 3)):
        found = list(places(told))
        holder, key = dice.choice(found)
        holder[key] = copy.deepcopy(dice.choice(HOSTILE))
    return told


@pytest.mark.parametrize("name", CASES)
def test_whatever_stands_in_a_field_nothing_breaks(name: str) -> None:
    case, dice = CASES[name], Random(name)
    assert case.mapper is not None
    outcomes: dict[str, int] = {}
    for _ in range(1500):
        body = case.body(spoilt(case.row, dice))
        try:
            rows = list(case.mapper(body, BOOK, PLACE))
        except VendorChangedShape:
            rows = []
        assert len({row.raw_ref for row in rows}) == len(rows)
        for row in rows:
            outcomes[type(row).__name__] = outcomes.get(type(row).__name__, 0) + 1
            _sound(row)
    assert outcomes["Incoming"] > 100
    assert outcomes["Refused"] > 100


def _sound(row: Incoming | Refused) -> None:
    """Hold what every row owes, however it came about."""
    if isinstance(row, Refused):
        assert all(reason.code for reason in row.reasons)
        assert 0 <= row.room_night_count <= 1_000_000
        assert abs(row.amount_minor) <= 10**15
        assert all(isinstance(value, str) for value in row.row.values())
        return
    assert row.source_version is None or isinstance(row.source_version, int)
    assert isinstance(row.row, Reservation | Guest)
    assert row.row.source_ref
    if isinstance(row.row, Reservation):
        for room in row.row.rooms:
            assert all(isinstance(night.price_minor, int) for night in room.nights)
