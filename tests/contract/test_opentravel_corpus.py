"""The public corpus: every message of it is read, or refused with a reason, by configuration alone."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connectors.errors import VendorChangedShape
from connectors.protocols.opentravel.dialect import Dialect, dialect_from
from connectors.protocols.opentravel.messages import RESERVATIONS, opened
from connectors.protocols.opentravel.reading import map_reservations
from connectors.protocols.opentravel.splitting import split
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming, Refused
from hotel.reservations import Reservation
from tests.contract import opentravel_corpus as corpus
from tests.contract.suites import PLACE

pytestmark = pytest.mark.skipif(
    not corpus.CORPUS.is_dir(), reason="the public messages lie beside the project, in ../shared/corpus"
)
TOLD = re.compile(rb"<(?:\w+:)?(?:" + "|".join(sorted(RESERVATIONS)).encode() + rb"|OTA_CancelRQ)[\s>]")
CODE = re.compile(r"[a-z_]+")


def reservation_messages() -> Iterator[Path]:
    for path in corpus.files():
        if path.suffix == ".xml" and TOLD.search(path.read_bytes()):
            yield path


def found(name: str) -> Path:
    (path,) = (path for path in corpus.files() if path.name == name)
    return path


def booking(name: str) -> Reservation:
    rows = [row.row for row in corpus.rows_of(found(name)) if isinstance(row, Incoming)]
    (row,) = (row for row in rows if isinstance(row, Reservation))
    return row


def test_the_table_is_that_of_a_fresh_run() -> None:
    assert corpus.TABLE.read_text() == corpus.table()


def test_every_reservation_of_every_message_is_read_or_refused_with_a_reason() -> None:
    read_count, refused_count, broken = 0, 0, []
    for path in reservation_messages():
        try:
            items = len(opened(path.read_bytes()).items)
            rows = corpus.rows_of(path)
        except VendorChangedShape:
            broken.append(path)
            continue
        bookings = [row for row in rows if isinstance(row, Incoming) and isinstance(row.row, Reservation)]
        refused = [row for row in rows if isinstance(row, Refused)]
        assert len(bookings) + len(refused) == items, path
        assert all(row.reasons and CODE.fullmatch(row.reasons[0].code) for row in refused), path
        assert len({row.raw_ref for row in rows}) == len(rows), path
        read_count += len(bookings)
        refused_count += len(refused)

    assert all(".notwellformed." in path.name for path in broken)
    assert (read_count, refused_count) == (18, 19)


def test_what_is_read_is_whole() -> None:
    for path in reservation_messages():
        if ".notwellformed." in path.name:
            continue
        for row in corpus.rows_of(path):
            if not isinstance(row, Incoming) or not isinstance(row.row, Reservation) or row.action == CANCEL:
                continue
            for room in row.row.rooms:
                assert room.arrival_on
                assert room.departure_on
                assert [night.stay_on.toordinal() for night in room.nights] == list(
                    range(room.arrival_on.toordinal(), room.departure_on.toordinal())
                ), path


def test_a_page_says_in_parts_what_it_says_whole() -> None:
    for path in reservation_messages():
        if ".notwellformed." in path.name:
            continue
        dialect = corpus.dialect_of(path)
        parts = split(path.read_bytes(), dialect)
        rows = [
            row._replace(raw_ref="")
            for part in parts
            for row in map_reservations(part.body, corpus.CORPUS_BOOK, PLACE, dialect)
        ]
        whole = [row._replace(raw_ref="") for row in corpus.rows_of(path)]
        assert [row for row in rows if isinstance(row, Incoming)] == [
            row for row in whole if isinstance(row, Incoming)
        ], path
        assert len(rows) == len(whole), path


def test_an_alpinebits_reservation_is_read_to_the_cent() -> None:
    row = booking("GuestRequests-OTA_ResRetrieveRS-reservation.xml")
    (room,) = row.rooms

    assert (row.source_ref, row.channel_ref, row.channel_code) == (
        "6b34fe24ac2ff810",
        "6b34fe24ac2ff810",
        "www.example.com",
    )
    assert (row.arrival_on, row.departure_on, row.total_minor, row.currency) == (
        date(2012, 1, 1),
        date(2012, 1, 12),
        29_900,
        "EUR",
    )
    assert sum(night.price_minor for night in room.nights) == 29_900
    assert (room.room_type_code, room.rate_plan_code, room.meal_plan_code) == ("bigsuite", "123456-xyz", "1")
    assert (room.adult_count, room.child_count, room.child_ages) == (2, 2, (9, 3))
    assert (str(row.commission_rate), row.agent_ref) == ("0.15", "123")


def test_a_travelgate_reservation_counts_one_room_not_what_is_left_to_sell() -> None:
    row = booking("hotelresnotif--01-OTA_HotelResRS.xml")
    (room,) = row.rooms

    assert [night.price_minor for night in room.nights] == [20_137, 21_919, 13_009, 15_682, 16_573]
    assert sum(night.price_minor for night in room.nights) == row.total_minor == 87_320
    assert (row.source_ref, row.collect, room.adult_count) == ("**clientLocator**", "channel", 2)


def test_a_channel_managers_cancel_says_nothing_of_the_stay() -> None:
    row = booking("pms-reservation-sample--02-OTA_ResRetrieveRS.xml")

    assert (row.status, row.rooms, row.total_minor, row.arrival_on) == ("cancelled", (), None, None)
    assert str(row.cancelled_on) == "2019-09-20"


def test_guests_of_the_corpus_are_tied_to_their_bookings() -> None:
    rows = [
        row.row
        for path in reservation_messages()
        if ".notwellformed." not in path.name
        for row in corpus.rows_of(path)
        if isinstance(row, Incoming)
    ]
    refs = {row.source_ref for row in rows if isinstance(row, Reservation)}
    guests = [row for row in rows if isinstance(row, Guest)]

    assert guests
    assert all(guest.source_ref.rpartition(":")[0] in refs for guest in guests)


def test_a_partners_whole_dialect_is_plain_settings() -> None:
    dialects = [dialect_from(settings) for settings in corpus.DIALECTS.values()]

    assert all(isinstance(dialect, Dialect) for dialect in dialects)
    assert len(set(map(repr, dialects))) == len(corpus.DIALECTS) - 1
