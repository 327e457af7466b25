"""119,390 real reservations of two hotels through our own mapping, against figures counted elsewhere, to the cent."""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from connectors.errors import FixMapping
from connectors.file_drop.client import FileDrop
from connectors.file_drop.export import EXPORTS, load_export
from connectors.file_drop.fitting import fitting_exports
from connectors.file_drop.mapping import map_rows
from connectors.file_drop.rules import Export
from connectors.ports import MappingPlace
from hotel.codebook import Codebook
from hotel.incoming import Incoming, Refused, UnmappedCode
from hotel.reservations import Reservation, Withheld, withheld

CORPUS = Path("../shared/corpus/hotel_bookings")
FULL = CORPUS / "full" / "hotel_bookings.csv.gz"
AMERICAN = CORPUS / "partial_mfarris" / "hotel_bookings.csv"

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="the public corpus does not lie beside the project")


class Mapped(NamedTuple):
    drop: FileDrop
    found: list[Incoming | Refused]

    def reservations(self) -> list[Reservation]:
        return [found.row for found in self.found if isinstance(found.row, Reservation)]


def read(path: Path, export: Export | None = None) -> Mapped:
    drop = FileDrop(path, export)
    house = {each.property_id: each for each in drop.export.house("file_drop")}
    codebook = Codebook("file_drop", house, {}, {}, settings={"export": drop.export.name})
    now = datetime(2026, 11, 20, tzinfo=UTC)
    pages = list(drop.reservations(since=now - timedelta(days=1), until=now))
    return Mapped(drop, [row for page in pages for row in map_page(drop.export, page.body, codebook, page.first_row)])


def map_page(export: Export, body: bytes, codebook: Codebook, first_row: int) -> Iterator[Incoming | Refused]:
    return map_rows(export, body, codebook, MappingPlace("p:1:1", first_row))


@pytest.fixture(scope="module")
def full() -> Mapped:
    return read(FULL)


@pytest.fixture(scope="module")
def stays(full: Mapped) -> list[Reservation]:
    return full.reservations()


@pytest.fixture(scope="module")
def american() -> Mapped:
    return read(AMERICAN)


def guests(stay: Reservation) -> int:
    return (stay.adult_count or 0) + (stay.child_count or 0) + (stay.infant_count or 0)


def is_held_back(stay: Reservation) -> bool:
    """Tell what the gate will hold: no guests, or a negative price."""
    return guests(stay) == 0 or any(night.price_minor < 0 for room in stay.rooms for night in room.nights)


def loading(stays: list[Reservation]) -> list[Reservation]:
    return [stay for stay in stays if not is_held_back(stay)]


def test_every_row_of_the_file_becomes_a_reservation(full: Mapped, stays: list[Reservation]) -> None:
    assert full.drop.export.name == "hotel_bookings"
    assert len(full.found) == len(stays) == full.drop.facts[0].row_count == 119_390
    assert Counter(stay.property_id for stay in stays) == {"city-hotel": 79_330, "resort-hotel": 40_060}
    assert full.drop.facts[0].extra_columns == ()


def test_the_position_in_the_file_is_the_reference_of_hotel_and_channel(full: Mapped, stays: list[Reservation]) -> None:
    positions = [str(position) for position in range(1, 119_391)]
    assert [stay.source_ref for stay in stays] == [stay.channel_ref for stay in stays] == positions
    assert [found.raw_ref for found in full.found] == [f"p:1:1:{number}" for number in range(119_390)]


def test_statuses_and_codes_are_ours(full: Mapped, stays: list[Reservation]) -> None:
    statuses = Counter(stay.status for stay in stays)
    assert statuses == {"checked_out": 75_166, "cancelled": 43_017, "no_show": 1_207}
    channels = {"ta_to": 97_870, "direct": 14_645, "corporate": 6_677, "gds": 193, "unmapped": 5}
    assert Counter(stay.channel_code for stay in stays) == channels
    assert Counter(stay.guarantee_code for stay in stays) == {"none": 104_641, "non_refundable": 14_587, "deposit": 162}
    assert Counter(code for found in full.found if isinstance(found, Incoming) for code in found.unmapped) == {
        UnmappedCode("meal_plan", "Undefined"): 1_169,
        UnmappedCode("channel", "Undefined"): 5,
        UnmappedCode("market_segment", "Undefined"): 2,
    }


def test_booked_and_assigned_room_types_are_kept_apart(stays: list[Reservation]) -> None:
    rooms = [stay.rooms[0] for stay in loading(stays)]
    assert sum(room.room_type_code != room.assigned_room_type_code for room in rooms) == 14_795


def test_null_texts_are_unknown(stays: list[Reservation]) -> None:
    assert sum(stay.child_count is None for stay in stays) == 4
    assert sum(stay.agent_ref is None for stay in stays) == 16_340
    assert sum(stay.company_ref is None for stay in stays) == 112_593


@pytest.mark.parametrize(
    ("property_id", "revenue_minor", "room_night_count"),
    [("city-hotel", 1_438_534_200, 134_468), ("resort-hotel", 1_160_163_403, 119_814)],
)
def test_checked_out_nights_and_revenue_agree_to_the_cent(
    stays: list[Reservation], property_id: str, revenue_minor: int, room_night_count: int
) -> None:
    nights = [
        night
        for stay in loading(stays)
        if stay.property_id == property_id and stay.status == "checked_out"
        for night in stay.rooms[0].nights
    ]
    assert (sum(night.price_minor for night in nights), len(nights)) == (revenue_minor, room_night_count)
    assert {night.currency for night in nights} == {"EUR"}
    assert {night.use for night in nights} == {"sold"}


@pytest.mark.parametrize(
    ("property_id", "occupied_count", "revenue_minor", "free_count"),
    [("city-hotel", 212, 2_695_856, 2), ("resort-hotel", 179, 3_323_308, 0)],
)
def test_one_night_agrees_to_the_cent(
    stays: list[Reservation], property_id: str, occupied_count: int, revenue_minor: int, free_count: int
) -> None:
    prices = [
        night.price_minor
        for stay in loading(stays)
        if stay.property_id == property_id and stay.status == "checked_out"
        for night in stay.rooms[0].nights
        if night.stay_on == date(2016, 8, 15)
    ]
    assert (len(prices), sum(prices), prices.count(0)) == (occupied_count, revenue_minor, free_count)


def test_totals_are_the_sums_of_their_nights(stays: list[Reservation]) -> None:
    assert all(
        stay.total_minor == stay.rooms[0].total_minor == sum(night.price_minor for night in stay.rooms[0].nights)
        and [night.stay_on for night in stay.rooms[0].nights]
        == [stay.arrival_on + timedelta(days=n) for n in range((stay.departure_on - stay.arrival_on).days)]
        for stay in stays
        if stay.arrival_on and stay.departure_on
    )


def test_lost_bookings_keep_their_nights_and_prices(stays: list[Reservation]) -> None:
    lost = [stay for stay in loading(stays) if stay.status == "no_show"]
    assert (len(lost), sum(len(stay.rooms[0].nights) for stay in lost)) == (1_206, 4_474)
    assert sum(stay.total_minor or 0 for stay in lost) == 44_948_101


def test_stays_without_nights_are_day_use_at_no_price(stays: list[Reservation]) -> None:
    day_use = [stay for stay in loading(stays) if stay.arrival_on == stay.departure_on]
    assert Counter(stay.status for stay in day_use) == {"checked_out": 622, "no_show": 13, "cancelled": 10}
    assert all(stay.rooms[0].is_day_use and stay.total_minor == 0 for stay in day_use)


def test_dates_by_status_tell_who_left_early_who_cancelled_when_and_who_never_came(stays: list[Reservation]) -> None:
    left_early = [
        stay
        for stay in loading(stays)
        if stay.checked_out_on and stay.departure_on and stay.checked_out_on < stay.departure_on
    ]
    # Three of them repeat another row, which makes them bookings of their own: 23 differ.
    assert (len(left_early), len({stay._replace(source_ref="", channel_ref="") for stay in left_early})) == (26, 23)
    after = [
        night.price_minor
        for stay in left_early
        for night in stay.rooms[0].nights
        if stay.checked_out_on and night.stay_on >= stay.checked_out_on
    ]
    assert (len(after), sum(after)) == (196, 1_679_506)
    assert all((stay.cancelled_on is not None) == (stay.status == "cancelled") for stay in stays)
    assert all(stay.no_show_on == (stay.arrival_on if stay.status == "no_show" else None) for stay in stays)
    on = date(2016, 8, 15)
    assert Counter(stay.property_id for stay in loading(stays) if stay.cancelled_on == on) == {
        "city-hotel": 31,
        "resort-hotel": 6,
    }


def test_what_the_gate_will_hold_is_known_in_nights_and_money(stays: list[Reservation]) -> None:
    held = [stay for stay in stays if is_held_back(stay)]
    lost: list[Withheld] = [withheld(stay) for stay in held]
    assert (len(held), sum(guests(stay) == 0 for stay in held)) == (181, 180)
    assert sum(stay.status == "checked_out" for stay in held) == 156
    assert (sum(each.room_night_count for each in lost), sum(each.amount_minor for each in lost)) == (758, 928_438)


def test_the_american_export_says_the_same_of_the_rows_they_share(full: Mapped, american: Mapped) -> None:
    assert american.drop.export.name == "hotel_bookings_us"
    assert len(american.found) == american.drop.facts[0].row_count == 14_938
    assert not any(isinstance(found, Refused) for found in american.found)
    assert american.found[:9_999] == full.found[:9_999]


def test_each_file_fits_one_mapping() -> None:
    assert (fitting_exports(FULL), fitting_exports(AMERICAN)) == (["hotel_bookings"], ["hotel_bookings_us"])


def test_without_its_date_order_the_american_export_is_refused_with_what_to_state(tmp_path: Path) -> None:
    for path in EXPORTS.glob("*.toml"):
        stated = path.read_text().splitlines(keepends=True)
        (tmp_path / path.name).write_text("".join(line for line in stated if not line.startswith("date_format")))
    with pytest.raises(FixMapping) as refusal:
        read(AMERICAN, load_export("hotel_bookings_us", tmp_path))
    assert str(refusal.value) == (
        "reservation_status_date: '7/1/2015' can be month/day or day/month: "
        'state date_format = "m/d/yyyy" or "d/m/yyyy" in exports/hotel_bookings_us.toml'
    )


def test_with_the_wrong_date_order_the_american_export_is_refused(tmp_path: Path) -> None:
    for path in EXPORTS.glob("*.toml"):
        (tmp_path / path.name).write_text(path.read_text().replace("m/d/yyyy", "d/m/yyyy"))
    with pytest.raises(FixMapping, match='most of the first dates do not read as date_format = "d/m/yyyy"'):
        read(AMERICAN, load_export("hotel_bookings_us", tmp_path))


def test_the_pages_hold_the_file_s_own_texts(tmp_path: Path) -> None:
    drop = FileDrop(AMERICAN, page_rows=4_000)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    pages = list(drop.reservations(since=now, until=now))
    assert [page.row_count for page in pages] == [4_000, 4_000, 4_000, 2_938]
    found = [row for page in pages for row in list(csv.reader(io.StringIO(page.body.decode(), newline="")))[1:]]
    with AMERICAN.open(newline="") as file:
        assert found == list(csv.reader(file))[1:]


def test_a_copy_that_is_not_whole_yet_is_refused(tmp_path: Path) -> None:
    packed = FULL.read_bytes()
    (tmp_path / "cut.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(Exception, match=r"cut\.csv\.gz is cut off"):
        FileDrop(tmp_path / "cut.csv.gz")


def test_a_row_spoilt_in_the_middle_is_refused_alone(tmp_path: Path) -> None:
    lines = gzip.decompress(FULL.read_bytes()).splitlines(keepends=True)[:2_001]
    lines[1_000] = lines[1_000].replace(b",2015,", b",20I5,")
    (tmp_path / "spoilt.csv").write_bytes(b"".join(lines))
    found = read(tmp_path / "spoilt.csv").found
    (bad,) = [each for each in found if isinstance(each, Refused)]
    assert (len(found), bad.source_ref, bad.property_id) == (2_000, "1000", "resort-hotel")
    assert [(reason.code, reason.shape) for reason in bad.reasons] == [("date_unreadable", "99A9-Aaaaaa-9")]
