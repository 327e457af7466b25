"""The file drop as flows meet it: one account, any of its file kinds, the same reservations."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from connectors.errors import FixMapping
from connectors.file_drop.client import FileDrop
from connectors.file_drop.connector import CONNECTOR
from connectors.file_drop.export import load_export
from connectors.file_drop.fitting import fitting_exports
from connectors.ports import Account, MappingPlace, ReservationSource
from hotel.codebook import Codebook
from hotel.incoming import Incoming, Refused
from hotel.reservations import Reservation
from tests.contract.fakes import memory_ports

BOOKING = {
    "hotel": "City Hotel",
    "lead_time": 3,
    "arrival_date_year": 2026,
    "arrival_date_month": "August",
    "arrival_date_day_of_month": 1,
    "stays_in_weekend_nights": 2,
    "stays_in_week_nights": 1,
    "adults": 2,
    "children": 0,
    "babies": 0,
    "meal": "BB",
    "market_segment": "Direct",
    "distribution_channel": "Direct",
    "is_repeated_guest": 1,
    "previous_cancellations": 0,
    "previous_bookings_not_canceled": 4,
    "reserved_room_type": "A",
    "assigned_room_type": "B",
    "booking_changes": 0,
    "deposit_type": "No Deposit",
    "agent": "NULL",
    "company": 40,
    "days_in_waiting_list": 0,
    "customer_type": "Transient",
    "adr": 75.25,
    "required_car_parking_spaces": 0,
    "total_of_special_requests": 1,
    "reservation_status": "Check-Out",
    "reservation_status_date": "2026-08-04",
}
WALK_IN = BOOKING | {"lead_time": 0, "children": None, "adr": 0, "agent": 9, "distribution_channel": "Undefined"}
SPOILT = BOOKING | {"adr": "n/a", "adults": "two"}
BOOKINGS = [BOOKING, WALK_IN, SPOILT]


def as_csv(bookings: list[dict[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(BOOKING))
    writer.writeheader()
    writer.writerows(bookings)
    return text.getvalue().encode()


def as_json_lines(bookings: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(booking) for booking in bookings).encode()


def as_workbook(bookings: list[dict[str, Any]]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "d mmm yyyy"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(BOOKING))
        for number, booking in enumerate(bookings, 1):
            typed = booking | {"reservation_status_date": date(2026, 8, 4)}
            sheet.write_row(number, 0, typed.values())
    return content.getvalue()


KINDS: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    "stays.csv": as_csv,
    "stays.csv.gz": lambda bookings: gzip.compress(as_csv(bookings)),
    "stays.jsonl": as_json_lines,
    "stays.jsonl.gz": lambda bookings: gzip.compress(as_json_lines(bookings)),
    "stays.xlsx": as_workbook,
}


def account(path: Path, **options: str) -> Account:
    return Account("file_drop", "*", options={"path": str(path), **options})


def imported(drop: FileDrop) -> list[Incoming | Refused]:
    codebook = Codebook("file_drop", {}, {}, {}, settings={"export": drop.export.name})
    now = datetime(2026, 11, 20, tzinfo=UTC)
    return [
        row
        for page in drop.reservations(since=now, until=now)
        for row in CONNECTOR.mappers["reservations"](
            page.body, codebook, MappingPlace(f"p:1:{page.number}", page.first_row)
        )
    ]


def dropped(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(KINDS[name](BOOKINGS))
    return path


def test_the_file_drop_is_a_source_of_the_reservations_it_promises(tmp_path: Path) -> None:
    drop = CONNECTOR.open(account(dropped(tmp_path, "stays.csv")), {}, memory_ports())
    assert isinstance(drop, ReservationSource)
    assert CONNECTOR.capabilities.datasets == set(CONNECTOR.mappers) == set(CONNECTOR.capabilities.versions)
    assert CONNECTOR.capabilities.page_cap == 50_000
    assert CONNECTOR.webhooks is None


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_file_gives_the_same_reservations(tmp_path: Path, name: str) -> None:
    drop = CONNECTOR.open(account(dropped(tmp_path, name), export="hotel_bookings"), {}, memory_ports())
    plain = CONNECTOR.open(account(dropped(tmp_path, "stays.csv")), {}, memory_ports())
    good, walk_in, spoilt = imported(drop)
    assert [good, walk_in] == imported(plain)[:2]
    assert isinstance(good.row, Reservation)
    assert (good.row.total_minor, good.row.company_ref, good.row.agent_ref) == (22_575, "40", None)
    assert isinstance(walk_in.row, Reservation)
    assert (walk_in.row.child_count, walk_in.row.agent_ref, walk_in.row.channel_code) == (None, "9", "unmapped")
    assert isinstance(spoilt, Refused)
    assert [reason.code for reason in spoilt.reasons] == ["count_unreadable", "price_unreadable"]


@pytest.mark.parametrize("name", KINDS)
def test_every_row_of_every_kind_of_file_comes_back_once(tmp_path: Path, name: str) -> None:
    found = imported(FileDrop(dropped(tmp_path, name), load_export("hotel_bookings")))
    assert [row.raw_ref for row in found] == ["p:1:1:0", "p:1:1:1", "p:1:1:2"]


def test_a_workbook_whose_dates_are_dates_fits_mappings_of_any_date_order_so_one_is_named(tmp_path: Path) -> None:
    path = dropped(tmp_path, "stays.xlsx")
    assert fitting_exports(path) == ["hotel_bookings", "hotel_bookings_us"]
    with pytest.raises(FixMapping, match="several mappings fit, state which"):
        FileDrop(path)
    iso, american = (FileDrop(path, load_export(name)) for name in fitting_exports(path))
    assert imported(iso)[:2] == imported(american)[:2]


def test_an_account_without_a_place_is_refused_with_what_to_state() -> None:
    with pytest.raises(FixMapping, match="path = <a file or a folder>"):
        CONNECTOR.open(Account("file_drop", "*"), {}, memory_ports())


def test_an_account_whose_mapping_does_not_exist_is_refused_with_what_there_is(tmp_path: Path) -> None:
    path = dropped(tmp_path, "stays.csv")
    with pytest.raises(FixMapping, match="there is no such mapping; there are: hotel_bookings, hotel_bookings_us"):
        CONNECTOR.open(account(path, export="fidelio"), {}, memory_ports())
