"""Each definition on the smallest stays that show it."""

from datetime import timedelta
from fractions import Fraction

import pytest

from hotel.figures import DIFFERS, NOT_KNOWN, TIES, Cell, DailyFigures
from hotel.report_frames import INVENTORY, QUARANTINE
from reconciliation.daily import daily_figures
from reconciliation.metrics import METRICS, PAGE, page
from tests.unit.reconciliation.stays import DAY, HOUSE, Stay, day, frame, frames


def figures_of(*stays: Stay, is_open: bool = False, **others: object) -> DailyFigures:
    closed_through = DAY - timedelta(days=1) if is_open else DAY
    return daily_figures(HOUSE, DAY, frames(stays, **others), closed_through=closed_through)  # type: ignore[arg-type]


def shown(figures: DailyFigures, *codes: str) -> list[object]:
    return [figures.figure(code).cells[0].value for code in codes]


def state(figures: DailyFigures, name: str) -> str:
    return next(check.state for check in figures.checks if check.name.startswith(name))


def test_house_use_and_complimentary_occupy_but_are_not_sold() -> None:
    figures = figures_of(
        Stay(-1, 2), Stay(0, 1, use="complimentary", price=0), Stay(0, 1, use="house_use", price=0), Stay(0, 1, price=0)
    )
    codes = ("occupied_rooms", "sold_rooms", "complimentary_rooms", "house_use_rooms", "zero_price_rooms")
    assert shown(figures, *codes) == [4, 2, 1, 1, 3]


def test_both_adrs_are_shown_where_a_sold_room_has_no_price() -> None:
    figures = figures_of(Stay(0, 1, price=10_000), Stay(0, 1, price=10_001), Stay(0, 1, price=0))
    assert shown(figures, "adr", "adr_priced") == [Fraction(20_001, 3), Fraction(20_001, 2)]


def test_without_rooms_sold_there_is_no_adr() -> None:
    assert figures_of(Stay(0, 1, use="complimentary", price=0)).figure("adr").cells[0] == Cell(None, "no rooms sold")


def test_a_sharer_and_a_pseudo_room_count_nowhere() -> None:
    figures = figures_of(Stay(0, 1), Stay(0, 1, use="share"), Stay(0, 1, use="pseudo"))
    assert shown(figures, "occupied_rooms", "arrivals", "in_house") == [1, 1, 1]


def test_a_confirmed_booking_counts_until_its_date_is_closed() -> None:
    stay = Stay(0, 2, status="confirmed")
    assert shown(figures_of(stay, is_open=True), "occupied_rooms", "arrivals") == [1, 1]
    closed = figures_of(stay)
    assert shown(closed, "occupied_rooms", "arrivals") == [0, 0]
    assert state(closed, "Everyone due") == DIFFERS


def test_an_open_date_is_not_closed_and_says_who_is_still_due() -> None:
    figures = figures_of(Stay(0, 2, status="confirmed"), is_open=True)
    assert not figures.is_closed
    assert state(figures, "Everyone due") == NOT_KNOWN


def test_day_use_is_revenue_but_no_room_night_and_no_arrival() -> None:
    figures = figures_of(Stay(0, 0, total=5_000), Stay(0, 1, price=10_000))
    codes = ("day_use_rooms", "day_use_revenue", "room_revenue", "sold_revenue", "arrivals", "occupied_rooms")
    assert shown(figures, *codes) == [1, 5_000, 15_000, 10_000, 1, 1]


def test_the_tax_inside_a_day_use_price_is_not_revenue() -> None:
    assert shown(figures_of(Stay(0, 0, total=5_000, tax=400, is_tax_included=True)), "day_use_revenue") == [4_600]


@pytest.mark.parametrize(
    ("silent", "expected"),
    [
        (Stay(0, 1, is_tax_included=None), "unknown"),
        (Stay(0, 1, is_tax_included=True), "tax included, amount not stated"),
        (Stay(0, 1, is_tax_included=True, tax=60), "without tax"),
        (Stay(0, 1), "without tax"),
    ],
)
def test_one_silent_price_makes_the_tax_basis_unknown(silent: Stay, expected: str) -> None:
    assert figures_of(Stay(-1, 2), silent).tax_basis == expected


def test_cancelled_today_and_cancelled_arrivals_are_two_figures() -> None:
    figures = figures_of(
        Stay(20, 3, status="cancelled", cancelled=0, price=1_000),
        Stay(0, 2, status="cancelled", cancelled=-30),
        Stay(0, 1),
        Stay(0, 1, status="no_show"),
        Stay(0, 1, status="waitlisted"),
    )
    codes = ("cancelled_today", "cancelled_today_nights", "cancelled_today_value", "cancelled_arrivals")
    assert shown(figures, *codes) == [1, 3, 3_000, 1]
    assert figures.figure("cancellation_rate").cells[0].value == Fraction(1, 3)


def test_a_booking_of_three_rooms_is_cancelled_once() -> None:
    rooms = [Stay(9, 2, status="cancelled", cancelled=0, booking="group") for _ in range(3)]
    assert shown(figures_of(*rooms), "cancelled_today", "cancelled_today_nights") == [1, 6]


def test_one_room_out_of_a_living_booking_is_lost_nights_but_no_cancelled_booking() -> None:
    figures = figures_of(
        Stay(9, 2, status="cancelled", cancelled=0, booking="group", booking_status="confirmed"),
        Stay(9, 2, status="confirmed", booking="group"),
    )
    assert shown(figures, "cancelled_today", "cancelled_today_nights") == [0, 2]


def test_a_no_show_counts_on_its_own_date_else_on_arrival() -> None:
    figures = figures_of(
        Stay(-1, 3, status="no_show", no_show=0, price=1_000),
        Stay(0, 1, status="no_show"),
        Stay(-1, 2, status="no_show"),
    )
    assert shown(figures, "no_shows", "no_show_nights", "no_show_value") == [2, 4, 13_000]
    assert figures.figure("no_show_revenue").cells[0] == Cell(None, "no charges loaded")


def test_a_cancelled_non_refundable_booking_is_exposure_not_revenue() -> None:
    figures = figures_of(Stay(9, 2, status="cancelled", cancelled=0, is_non_refundable=True))
    assert shown(figures, "exposure", "room_revenue") == [20_000, 0]


def test_other_currencies_count_as_rooms_and_stay_out_of_revenue() -> None:
    figures = figures_of(Stay(0, 1, price=8_000), Stay(0, 1, currency="USD", price=9_000))
    assert shown(figures, "occupied_rooms", "room_revenue", "adr") == [2, 8_000, 8_000]
    assert figures.figure("revpar").cells[0].value is None
    assert state(figures, "All revenue is in EUR") == NOT_KNOWN


def test_unknown_persons_count_nought_and_are_flagged() -> None:
    figures = figures_of(Stay(0, 1, persons=2), Stay(0, 1, persons=0, are_persons_known=False))
    assert shown(figures, "persons_in_house") == [2]
    assert state(figures, "Persons are known") == NOT_KNOWN


def test_last_year_is_364_days_before_and_the_month_is_the_calendar_month() -> None:
    figures = figures_of(Stay(-364, 1, price=100), Stay(-365, 1, price=10), Stay(0, 1))
    occupied = figures.figure("occupied_rooms").cells
    assert [cell.value for cell in occupied] == [1, 1, 1, 1]
    assert [cell.value for cell in figures.figure("room_revenue").cells[2:]] == [100, 10]


def test_the_first_day_loaded_does_not_claim_that_the_house_was_empty_before() -> None:
    figures = figures_of(Stay(0, 1), loaded_from=DAY)
    assert figures.figure("in_house_before").cells[0] == Cell(None, "the day before is not loaded")
    assert state(figures, "In house rolls forward (rooms)") == NOT_KNOWN


def test_codes_a_source_has_none_of_are_a_line_of_their_own() -> None:
    figures = figures_of(Stay(0, 1, channel=None), Stay(0, 1, channel="unmapped"))
    assert {line.code for line in figures.splits[1].lines} == {"none", "unmapped"}


def test_configured_rooms_make_occupancy_known_but_not_out_of_order() -> None:
    figures = daily_figures(HOUSE._replace(room_count=4), DAY, frames([Stay(0, 1)]), closed_through=DAY)
    assert figures.figure("occupancy_paid").cells[0].value == Fraction(1, 4)
    assert figures.figure("occupancy_net").cells[0] == Cell(None, "no inventory loaded")
    assert state(figures, "RevPAR") == TIES


def test_out_of_order_rooms_leave_only_the_net_basis() -> None:
    inventory = frame(INVENTORY, [{"stay_on": DAY, "physical_count": 100, "out_of_order_count": 5}])
    figures = figures_of(*[Stay(0, 1)] * 30, inventory=inventory)
    assert shown(figures, "occupancy_paid", "occupancy_net") == [Fraction(30, 100), Fraction(30, 95)]


def test_a_date_without_a_count_makes_the_month_unknown_not_smaller() -> None:
    inventory = frame(
        INVENTORY, [{"stay_on": day(-n), "physical_count": 10, "out_of_order_count": None} for n in range(10)]
    )
    figures = figures_of(Stay(0, 1), inventory=inventory)
    assert figures.figure("available_rooms").cells[:2] == (Cell(10), Cell(None, "inventory for 10 of 18 dates"))


def test_what_quarantine_withholds_is_told_for_the_date_and_in_all() -> None:
    held = {"reason": "no_guests", "currency": "EUR", "is_day_known": True, "is_earning": True}
    rows = [
        held | {"room_night_count": 3, "amount_minor": 300, "day_room_night_count": 1, "day_amount_minor": 100},
        held
        | {"room_night_count": 0, "amount_minor": 0, "day_room_night_count": 0, "day_amount_minor": 0}
        | {"is_earning": False},
        held
        | {"reason": "unreadable", "room_night_count": 2, "amount_minor": -50, "day_room_night_count": 0}
        | {"day_amount_minor": 0, "is_day_known": False},
    ]
    figures = figures_of(Stay(0, 1), quarantine=frame(QUARANTINE, rows))
    assert [tuple(line) for line in figures.withheld] == [
        ("business date", 1, 1, 1, (("EUR", 100),)),
        ("all", 3, 2, 5, (("EUR", 250),)),
        ("of all, dates not known", 1, 1, 2, (("EUR", -50),)),
    ]
    assert figures.withheld_reasons == (("no_guests", 2), ("unreadable", 1))


def test_the_trend_ends_on_the_business_date_and_knows_last_year_only_from_the_first_arrival_on() -> None:
    figures = figures_of(Stay(0, 1), Stay(-365, 2, price=7), loaded_from=day(-365))
    assert len(figures.nights) == 31
    assert figures.nights[-1] == (DAY, 1, 10_000, 1, 7)
    assert figures.nights[-3].last_year_room_count is None


def test_the_page_of_metrics_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m reconciliation.metrics"


def test_every_figure_is_registered_once_and_computed() -> None:
    codes = [metric.code for metric in METRICS]
    assert len(codes) == len(set(codes))
    assert [figure.code for figure in figures_of(Stay(0, 1)).figures] == codes
