"""A report to render: every kind of figure, known and not, and texts that mean harm."""

from datetime import timedelta

from hotel.figures import Change, DailyReport
from hotel.report_frames import CHANGES, INVENTORY, ON_THE_BOOKS, QUARANTINE, SNAPSHOTS
from reconciliation.daily import daily_figures
from reports.json_report import render_json
from reports.page import render_page
from reports.workbook import render_workbook
from tests.unit.reconciliation.stays import DAY, HOUSE, Stay, day, frame, frames

RENDERERS = {"html": render_page, "json": render_json, "xlsx": render_workbook}
FORMULA = '=HYPERLINK("http://example.test","click")'
SCRIPT = "<script>alert(1)</script>"
STAYS = (
    Stay(-2, 4, price=12_345, segment=FORMULA),
    Stay(0, 1, price=0, segment=None),
    Stay(0, 1, use="complimentary", price=0, channel="@SUM(1)"),
    Stay(0, 0, total=4_999, room_type=SCRIPT),
    Stay(-1, 1),
    Stay(5, 2, status="cancelled", cancelled=0, is_non_refundable=True),
    Stay(0, 3, status="no_show"),
    Stay(-364, 2, price=9_999),
    Stay(-365, 1, price=8_888),
)


def report(
    *, version: int = 1, currency: str = "EUR", stays: tuple[Stay, ...] = STAYS, changes: tuple[Change, ...] = ()
) -> DailyReport:
    """Make a report of the sample stays in a currency; version 0 is of a day that is not closed."""
    before = DAY - timedelta(days=1)
    known = frames(
        [stay._replace(currency=currency) for stay in stays],
        inventory=frame(INVENTORY, [{"stay_on": DAY, "physical_count": 7, "out_of_order_count": 1}]),
        snapshots=frame(
            SNAPSHOTS,
            [{"snapshot_on": on, "kind": "captured", "horizon_on": on + timedelta(500)} for on in (before, DAY)],
        ),
        on_the_books=frame(
            ON_THE_BOOKS,
            [
                {
                    "snapshot_on": on,
                    "stay_on": DAY,
                    "currency": currency,
                    "room_count": n,
                    "room_revenue_minor": 100 * n,
                }
                for on, n in ((before, 4), (DAY, 6))
            ],
        ),
        changes=frame(CHANGES, [{"kind": "created", "currency": currency, "room_count": 2, "room_revenue_minor": 150}]),
        quarantine=frame(
            QUARANTINE,
            [
                {"reason": "+no_guests", "currency": currency, "room_night_count": 2, "amount_minor": -6_380}
                | {"day_room_night_count": 1, "day_amount_minor": -3_190, "is_day_known": True, "is_earning": True}
            ],
        ),
    )
    house = HOUSE._replace(currency=currency, name=f"Sea & View {SCRIPT}")
    figures = daily_figures(house, DAY, known, closed_through=DAY if version else day(-1))
    return DailyReport(figures, version, changes)
