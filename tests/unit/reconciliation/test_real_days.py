"""The figures of the real hotels, against a computation of their own from the CSV: plain rows and Decimal."""

import csv
import gzip
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import pytest

from hotel.figures import NOT_KNOWN, TIES, DailyFigures, Span, report_spans
from hotel.money import rounded
from hotel.properties import Property
from reconciliation.daily import daily_figures
from reconciliation.frames import DailyFrames
from reconciliation.movements import counted_rooms, lost_cells
from reconciliation.nights import night_cells, occupied_nights
from tests.unit.reconciliation.real_stays import CITY, CSV, NAMES, RESORT, frames_of, read_rows

pytestmark = pytest.mark.skipif(not CSV.exists(), reason="the corpus of real reservations is not here")

AUGUST_15 = date(2016, 8, 15)
LONG_AGO = date(2018, 1, 1)
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


class Row(NamedTuple):
    hotel: str
    status: str
    arrival: date
    departure: date
    status_on: date
    rate: Decimal
    is_bound: bool

    @property
    def nights(self) -> int:
        return (self.departure - self.arrival).days


def read_csv() -> Iterator[Row]:
    with gzip.open(CSV, "rt", newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            guests = sum(int(line[name]) for name in ("adults", "children", "babies") if line[name] != "NA")
            rate = Decimal(line["adr"])
            if guests == 0 or rate < 0:
                continue
            month = MONTHS.index(line["arrival_date_month"]) + 1
            arrival = date(int(line["arrival_date_year"]), month, int(line["arrival_date_day_of_month"]))
            nights = int(line["stays_in_weekend_nights"]) + int(line["stays_in_week_nights"])
            yield Row(
                line["hotel"],
                line["reservation_status"],
                arrival,
                arrival + timedelta(days=nights),
                date.fromisoformat(line["reservation_status_date"]),
                rate,
                line["deposit_type"] == "Non Refund",
            )


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(read_csv())


@pytest.fixture(scope="module")
def whole() -> dict[str, DailyFrames]:
    frame = read_rows()
    return {house.property_id: frames_of(frame, house) for house in (CITY, RESORT)}


def report(whole: dict[str, DailyFrames], house: Property, business_on: date = AUGUST_15) -> DailyFigures:
    return daily_figures(house, business_on, whole[house.property_id], closed_through=LONG_AGO)


def value(figures: DailyFigures, code: str, span: int = 0) -> int:
    found = figures.figure(code).cells[span].value
    assert isinstance(found, int)
    return found


@pytest.mark.parametrize(
    ("house", "expected"),
    [
        (CITY, (212, 2, 2_695_856, 225, 64, 77, 212, 31, 104, 35, 0)),
        (RESORT, (179, 0, 3_323_308, 183, 47, 51, 179, 6, 43, 28, 1)),
    ],
)
def test_the_figures_of_15_august_2016_are_known(
    whole: dict[str, DailyFrames], house: Property, expected: tuple[int, ...]
) -> None:
    codes = (
        "occupied_rooms", "zero_price_rooms", "room_revenue", "in_house_before", "arrivals", "departures", "in_house",
        "cancelled_today", "cancelled_today_nights", "cancelled_arrivals", "day_use_rooms",
    )  # fmt: skip
    figures = report(whole, house)
    assert tuple(value(figures, code) for code in codes) == expected
    assert figures.figure("sold_rooms").cells[0].value == expected[0]


@pytest.mark.parametrize(("house", "adr", "adr_priced"), [(CITY, "127.16", "128.37"), (RESORT, "185.66", "185.66")])
def test_adr_is_revenue_over_rooms_rounded_once(
    whole: dict[str, DailyFrames], house: Property, adr: str, adr_priced: str
) -> None:
    figures = report(whole, house)
    for code, wanted in (("adr", adr), ("adr_priced", adr_priced)):
        found = figures.figure(code).cells[0].value
        assert found is not None
        assert rounded(Fraction(found) / 100, 2) == Decimal(wanted)


def test_without_room_counts_occupancy_and_revpar_are_not_known(whole: dict[str, DailyFrames]) -> None:
    figures = report(whole, CITY)
    for code in ("available_rooms", "out_of_order_rooms", "occupancy_paid", "occupancy_total", "revpar"):
        assert [tuple(cell) for cell in figures.figure(code).cells] == [(None, "no inventory loaded")] * 4


def test_the_real_day_ties_and_says_that_its_tax_basis_is_unknown(whole: dict[str, DailyFrames]) -> None:
    states = {check.name: check.state for check in report(whole, CITY).checks}
    assert states["In house rolls forward (rooms)"] == TIES
    assert states["In house rolls forward (persons)"] == TIES
    assert states["Splits add up"] == TIES
    assert states["Tax basis"] == NOT_KNOWN


@pytest.mark.parametrize("house", [CITY, RESORT])
@pytest.mark.parametrize("business_on", [AUGUST_15, date(2016, 2, 29), date(2016, 12, 31), date(2017, 8, 31)])
def test_every_span_agrees_with_a_computation_of_its_own(
    whole: dict[str, DailyFrames], rows: list[Row], house: Property, business_on: date
) -> None:
    figures = report(whole, house, business_on)
    own = [row for row in rows if row.hotel == NAMES[house.property_id]]
    for number, span in enumerate(report_spans(business_on)):
        if span.first_on < date(2015, 7, 1):
            assert {cell.note for figure in figures.figures[:30] for cell in figure.cells[number : number + 1]} == {
                "no data before 2015-07-01"
            }
            continue
        for code, wanted in plain_figures(own, span).items():
            assert value(figures, code, number) == wanted, (code, span)


def plain_figures(rows: list[Row], span: Span) -> dict[str, int]:
    days = [span.first_on + timedelta(days=n) for n in range((span.last_on - span.first_on).days + 1)]
    stayed = [row for row in rows if row.status == "Check-Out"]
    at_home = [row for day in days for row in stayed if row.arrival <= day < row.departure]
    cancelled = [row for row in rows if row.status == "Canceled"]
    today = [row for row in cancelled if span.first_on <= row.status_on <= span.last_on]
    no_shows = [row for row in rows if row.status == "No-Show" and span.first_on <= row.arrival <= span.last_on]
    return {
        "occupied_rooms": len(at_home),
        "room_revenue": int(sum(row.rate for row in at_home) * 100),
        "arrivals": sum(row.arrival in days and row.nights > 0 for row in stayed),
        "departures": sum(row.departure in days and row.nights > 0 for row in stayed),
        "day_use_rooms": sum(row.arrival in days and row.nights == 0 for row in stayed),
        "cancelled_today": len(today),
        "cancelled_today_nights": sum(row.nights for row in today),
        "cancelled_today_value": int(sum(row.rate * row.nights for row in today) * 100),
        "exposure": int(sum(row.rate * row.nights for row in today if row.is_bound) * 100),
        "cancelled_arrivals": sum(row.arrival in days for row in cancelled),
        "no_shows": len(no_shows),
        "no_show_value": int(sum(row.rate * row.nights for row in no_shows) * 100),
    }


def test_the_whole_of_both_hotels_is_right_to_the_cent(whole: dict[str, DailyFrames]) -> None:
    ever = Span("ever", date(2014, 1, 1), date(2018, 12, 31))
    totals: list[list[int | Fraction | None]] = []
    for house in (CITY, RESORT):
        frames = whole[house.property_id]
        night = night_cells(occupied_nights(frames.nights, LONG_AGO), "EUR")
        lost = lost_cells(counted_rooms(frames.rooms), ever, "EUR")
        totals.append(
            [
                *(night[code].value for code in ("occupied_rooms", "night_revenue")),
                *(lost[code].value for code in ("exposure", "no_shows", "no_show_nights", "no_show_value")),
            ]
        )
    assert [part[:3] for part in totals] == [
        [134_468, 1_438_534_200, 315_993_684],
        [119_814, 1_160_163_403, 43_692_919],
    ]
    no_shows = [[int(value or 0) for value in part[3:]] for part in totals]
    assert [a + b for a, b in zip(*no_shows, strict=True)] == [1_206, 4_474, 44_948_101]
