"""One row that no column can hold, among good ones of the same page: it waits alone, the others are in (laws 7 and 15)."""

import hashlib
import random
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine

from connectors.ports import Page
from operations.load_batch import load_batch
from storage.pages import complete_batch, open_batch, save_page
from tests.contract.suites import Row
from tests.contract.test_hotel_rest import stay
from tests.hostile.house import ask
from tests.hostile.kinds import HOTEL_NUMBER

# Nothing that compression makes short.
LONG = random.Random(5).randbytes(5_000).hex()
SPOILT: dict[str, Row] = {
    "a reference no index takes": {"id": LONG},
    "the same, refused": {"id": LONG, "status": "Sleepover"},
    "a reference with NUL, refused": {"id": "a\0b", "status": "Sleepover"},
    "a channel no index takes": {"channel": LONG},
    "a number of the channel no index takes": {"channelRef": LONG},
    "a version that is yes": {"revision": True},
    "a version too large": {"revision": 10**30},
    "a version too large, unreadable": {"revision": 10**30, "totalPrice": []},
    "a version too small, unreadable": {"revision": -(10**30), "totalPrice": []},
    "a count too large": {"adults": 10**30},
    "a count too large for its column": {"adults": 2**15},
    "an amount too large": {"totalPrice": "9" * 30},
    "an amount too large, refused": {"totalPrice": "9" * 30, "status": "Sleepover"},
    "the end of time": {"bookedAt": "9999-12-31T23:59:59-14:00"},
    "the beginning of time": {"bookedAt": "0001-01-01T00:00:00+14:00"},
    "no reference": {"id": " "},
    "nothing at all": {},
}


def spoilt(row: Row, name: str) -> Row:
    if name == "nothing at all":
        return {}
    return row | SPOILT[name]


def loaded(house: Engine, rows: list[Row], dataset: str = "reservations") -> Any:
    body = msgspec.json.encode({"items": rows, "total": len(rows)})
    page = Page(1, body, "application/json", hashlib.sha256(body).digest(), len(rows), is_last=True)
    kind = "hotel_rest"
    with house.begin() as connection:
        batch_id = open_batch(connection, source=kind, property_id="city-hotel", dataset=dataset, kind=kind)
        save_page(connection, batch_id, page)
        complete_batch(connection, batch_id)
    return load_batch(house, batch_id)


@pytest.mark.parametrize("name", SPOILT)
def test_a_row_no_column_can_hold_takes_no_other_of_its_page_along(house: Engine, name: str) -> None:
    good = [stay(number, "EUR", ["10.00"]) | {"propertyId": HOTEL_NUMBER} for number in range(3)]
    bad = spoilt(stay(99, "EUR", ["10.00"]) | {"propertyId": HOTEL_NUMBER}, name)

    summary = loaded(house, [*good, bad])

    assert ask(house, "SELECT source_ref FROM core.reservations ORDER BY 1") == [("R-0",), ("R-1",), ("R-2",)]
    assert summary.properties[0].quarantined_count == 1
    assert ask(house, "SELECT count(*) FROM ops.quarantine WHERE status = 'open'") == [(1,)]


def test_a_room_type_no_index_takes_is_no_code(house: Engine) -> None:
    good, bad = (stay(number, "EUR", ["10.00"]) | {"propertyId": HOTEL_NUMBER} for number in (1, 2))
    bad["rooms"][0]["roomType"] = LONG

    loaded(house, [good, bad])

    assert ask(house, "SELECT source_ref FROM core.reservations") == [("R-1",)]
    assert ask(house, "SELECT reasons FROM ops.quarantine") == [(["code_too_long"],)]
