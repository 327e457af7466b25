"""What a daily report says: figures with their basis, splits, checks, and what is not known. Numbers, not text.

Money is integer minor units of the report's currency; quotients are exact fractions, rounded once where they are shown.
"""

from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, NamedTuple

ROOMS: Final = "rooms"
NIGHTS: Final = "room nights"
PERSONS: Final = "persons"
BOOKINGS: Final = "bookings"
MONEY: Final = "money"
MONEY_EACH: Final = "money each"
SHARE: Final = "share"

TIES: Final = "ties"
DIFFERS: Final = "differs"
NOT_KNOWN: Final = "not known"

PRELIMINARY: Final = 0

Amounts = tuple[tuple[str, int], ...]


class Cell(NamedTuple):
    """One figure over one span of dates. `value` None is not known and `note` says why; no note: it does not apply."""

    value: int | Fraction | None
    note: str = ""


class Span(NamedTuple):
    """A column of the report: both dates are in."""

    name: str
    first_on: date
    last_on: date


def report_spans(business_on: date) -> tuple[Span, ...]:
    """Give the columns of a daily report: the day, the month to date, and both last year (K-13).

    A day is compared with the same weekday 364 days before, a month with the same days of the calendar month.
    """
    weekday_before = business_on - timedelta(days=364)
    year, month = business_on.year - 1, business_on.month
    last_day = min(business_on.day, monthrange(year, month)[1])
    return (
        Span("day", business_on, business_on),
        Span("month to date", business_on.replace(day=1), business_on),
        Span("day last year", weekday_before, weekday_before),
        Span("month to date last year", date(year, month, 1), date(year, month, last_day)),
    )


class Figure(NamedTuple):
    """One line of the report: its K id, what it counts, its cells in the order of the report's spans, its basis."""

    code: str
    metric_id: str
    group: str
    name: str
    unit: str
    cells: tuple[Cell, ...]
    basis: str


class SplitLine(NamedTuple):
    """One segment, channel or room type; money with the day-use money of that line."""

    code: str
    room_count: int
    revenue_minor: int
    month_room_count: int
    month_revenue_minor: int


class Split(NamedTuple):
    """Occupied rooms and room revenue by one code (K-11), the largest first. Its lines add up to the totals."""

    code: str
    name: str
    lines: tuple[SplitLine, ...]


class RollForward(NamedTuple):
    """In house at the close of the day before, what moved, in house at the close (K-10). None: not known."""

    unit: str
    before_count: int | None
    arrival_count: int
    departure_count: int
    in_house_count: int

    @property
    def difference(self) -> int | None:
        """Say by how much the close misses what the movements lead to; None without the day before."""
        if self.before_count is None:
            return None
        return self.in_house_count - (self.before_count + self.arrival_count - self.departure_count)


class Movement(NamedTuple):
    """A change of what is on the books: room nights and money in minor units."""

    room_night_count: int
    revenue_minor: int


class PickUpMonth(NamedTuple):
    """One month of stay dates: on the books at both snapshots."""

    month_on: date
    before: Movement
    after: Movement


class PickUp(NamedTuple):
    """On the books now against the latest snapshot before (K-12), over the stay dates both cover.

    `unexplained` is what the split does not account for: it is printed wherever it is not zero.
    """

    before_on: date
    after_on: date
    before_kind: str
    after_kind: str
    first_stay_on: date
    last_stay_on: date
    total: Movement
    new: Movement
    cancelled: Movement
    modified: Movement
    unexplained: Movement
    months: tuple[PickUpMonth, ...]


class WithheldLine(NamedTuple):
    """What quarantine keeps out: `earning_row_count` of the rows would have counted."""

    scope: str
    row_count: int
    earning_row_count: int
    room_night_count: int
    amounts: Amounts


class NightPoint(NamedTuple):
    """One night of the trend and the night 364 days before; None where nothing is loaded for it."""

    stay_on: date
    room_count: int
    revenue_minor: int
    last_year_room_count: int | None
    last_year_revenue_minor: int | None


class Check(NamedTuple):
    """Something the report asserts of itself; `state` is `ties`, `differs` or `not known`."""

    name: str
    state: str
    sentence: str


class DailyFigures(NamedTuple):
    """One property's business date in figures. Without version: the same data give the same figures."""

    property_id: str
    property_name: str
    business_on: date
    currency: str
    is_closed: bool
    closed_by: str
    tax_basis: str
    spans: tuple[Span, ...]
    figures: tuple[Figure, ...]
    splits: tuple[Split, ...]
    roll_forwards: tuple[RollForward, ...]
    pick_up: PickUp | None
    pick_up_note: str
    withheld: tuple[WithheldLine, ...]
    withheld_reasons: tuple[tuple[str, int], ...]
    nights: tuple[NightPoint, ...]
    checks: tuple[Check, ...]

    def figure(self, code: str) -> Figure:
        """Give one figure by its code; KeyError where the report has none of that name."""
        for figure in self.figures:
            if figure.code == code:
                return figure
        raise KeyError(code)


class Change(NamedTuple):
    """One figure that differs from the previous final version, as both were shown."""

    place: str
    before: str
    after: str


class DailyReport(NamedTuple):
    """Figures with their edition: version 0 is preliminary, 1 and up are final (K-24)."""

    figures: DailyFigures
    version: int
    changes: tuple[Change, ...] = ()

    @property
    def status(self) -> str:
        """Name the edition: `preliminary` or `final v2`."""
        return "preliminary" if self.version == PRELIMINARY else f"final v{self.version}"
