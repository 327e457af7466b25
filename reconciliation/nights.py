"""Figures of room nights: occupied, sold, revenue, ADR (K-01, K-02, K-05)."""

from datetime import date

import pandas as pd

from hotel.figures import Cell, NightPoint, Span
from hotel.status import COMPLIMENTARY, CONFIRMED, HOUSE_USE, OCCUPYING, SOLD, STAYED
from reconciliation.cells import Cells, ratio, total
from reconciliation.frames import between


def came(status: pd.Series, on: pd.Series, closed_through: date | None) -> pd.Series:
    """Mark what counts on a date: those who stayed and, while the date is open, those who are confirmed."""
    is_open = ~on.isna() if closed_through is None else on > pd.Timestamp(closed_through)
    return status.isin(STAYED) | ((status == CONFIRMED) & is_open)


def occupied_nights(nights: pd.DataFrame, closed_through: date | None) -> pd.DataFrame:
    """Keep the nights that occupy a room (K-01)."""
    return nights[nights["use"].isin(OCCUPYING) & came(nights["status"], nights["stay_on"], closed_through)]


def in_span(nights: pd.DataFrame, span: Span) -> pd.DataFrame:
    """Keep the nights of a span."""
    return nights[between(nights["stay_on"], span.first_on, span.last_on)]


def night_cells(occupied: pd.DataFrame, currency: str) -> Cells:
    """Count one span's occupied nights. Money is what is priced in the property's currency (K-14)."""
    own = occupied[occupied["currency"] == currency]
    sold = own[own["use"] == SOLD]
    sold_revenue = Cell(total(sold["room_revenue_minor"]))
    return {
        "occupied_rooms": Cell(len(occupied)),
        "sold_rooms": Cell(_of_use(occupied, SOLD)),
        "complimentary_rooms": Cell(_of_use(occupied, COMPLIMENTARY)),
        "house_use_rooms": Cell(_of_use(occupied, HOUSE_USE)),
        "zero_price_rooms": Cell(int((occupied["price_minor"] == 0).sum())),
        "night_revenue": Cell(total(own["room_revenue_minor"])),
        "sold_revenue": sold_revenue,
        "adr": ratio(sold_revenue, Cell(len(sold)), of_none="no rooms sold"),
        "adr_priced": ratio(sold_revenue, Cell(int((sold["price_minor"] != 0).sum())), of_none="no rooms sold"),
    }


def _of_use(nights: pd.DataFrame, use: str) -> int:
    return int((nights["use"] == use).sum())


def in_other_currencies(occupied: pd.DataFrame, currency: str) -> dict[str, tuple[int, int]]:
    """Give rooms and money (minor units) per currency other than the property's, by currency."""
    other = occupied[occupied["currency"] != currency]
    return {
        str(code): (len(rows), total(rows["room_revenue_minor"])) for code, rows in other.groupby("currency", sort=True)
    }


def tax_basis(occupied: pd.DataFrame) -> str:
    """Say what the prices hold of tax: `unknown` as soon as one source is silent (K-02)."""
    included = occupied["is_tax_included"]
    if included.isna().any():
        return "unknown"
    if (included & occupied["tax_minor"].isna()).any():
        return "tax included, amount not stated"
    return "without tax"


def night_points(
    occupied: pd.DataFrame, currency: str, business_on: date, loaded_from: date | None
) -> list[NightPoint]:
    """Give the 31 nights up to the business date, each beside the same weekday a year before."""
    own = occupied["room_revenue_minor"].where(occupied["currency"] == currency, 0)
    rooms = occupied.groupby("stay_on").size()
    revenue = own.groupby(occupied["stay_on"]).sum()
    points = []
    for stay_on in pd.date_range(end=business_on, periods=31):
        before = stay_on - pd.Timedelta(days=364)
        is_known = loaded_from is not None and before.date() >= loaded_from
        points.append(
            NightPoint(
                stay_on.date(),
                int(rooms.get(stay_on, 0)),
                int(revenue.get(stay_on, 0)),
                int(rooms.get(before, 0)) if is_known else None,
                int(revenue.get(before, 0)) if is_known else None,
            )
        )
    return points
