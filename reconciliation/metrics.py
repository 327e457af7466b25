"""The one registry of figures: what each is called, which definition it follows, and what it rests on.

`python -m reconciliation.metrics` writes `docs/metrics.md` from it; a test keeps the page current.
"""

from pathlib import Path
from typing import Final, NamedTuple

from hotel.figures import BOOKINGS, MONEY, MONEY_EACH, NIGHTS, PERSONS, ROOMS, SHARE
from reconciliation.definitions import DEFINITIONS, Definition

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "metrics.md"


class Metric(NamedTuple):
    """One figure of the daily report. `unit` is one of `hotel.figures`; `basis` is printed under the report."""

    code: str
    metric_id: str
    group: str
    name: str
    unit: str
    basis: str


_ROOMS, _REVENUE, _MOVES, _LOST, _PACE = "Rooms", "Revenue", "Movements", "Cancelled and lost", "Pick-up"

METRICS: Final = (
    Metric("occupied_rooms", "K-01", _ROOMS, "Occupied rooms", ROOMS, "planned nights of stays that came (K-03)"),
    Metric("sold_rooms", "K-01", _ROOMS, "Rooms sold", ROOMS, "occupied − complimentary − house use"),
    Metric("complimentary_rooms", "K-01", _ROOMS, "Complimentary", ROOMS, "use complimentary"),
    Metric("house_use_rooms", "K-01", _ROOMS, "House use", ROOMS, "use house_use"),
    Metric("zero_price_rooms", "K-01", _ROOMS, "Occupied at zero price", ROOMS, "whatever their use"),
    Metric("available_rooms", "K-04", _ROOMS, "Rooms available", ROOMS, "usali: out of order stays in"),
    Metric("out_of_order_rooms", "K-04", _ROOMS, "Out of order", ROOMS, "as the PMS counts them"),
    Metric("occupancy_paid", "K-04", _ROOMS, "Occupancy, paid", SHARE, "sold / available, usali"),
    Metric("occupancy_total", "K-04", _ROOMS, "Occupancy, total", SHARE, "occupied / available, usali"),
    Metric(
        "occupancy_net", "K-04", _ROOMS, "Occupancy, paid, net", SHARE, "sold / (available − out of order), net_of_ooo"
    ),
    Metric("room_revenue", "K-02", _REVENUE, "Room revenue", MONEY, "expected, from reservations; day use included"),
    Metric("sold_revenue", "K-05", _REVENUE, "of rooms sold", MONEY, "what ADR and RevPAR rest on"),
    Metric("day_use_revenue", "K-06", _REVENUE, "of day use", MONEY, "room total, on the arrival date"),
    Metric("no_show_revenue", "K-07", _REVENUE, "of no-shows", MONEY, "only what was charged"),
    Metric("adr", "K-05", _REVENUE, "ADR", MONEY_EACH, "revenue of rooms sold / rooms sold"),
    Metric(
        "adr_priced",
        "K-01",
        _REVENUE,
        "ADR without zero prices",
        MONEY_EACH,
        "revenue of rooms sold / those with a price",
    ),
    Metric(
        "revpar", "K-04", _REVENUE, "RevPAR", MONEY_EACH, "revenue of rooms sold / available, usali = occupancy × ADR"
    ),
    Metric("in_house_before", "K-10", _MOVES, "In house, day before", ROOMS, "occupied at that close"),
    Metric("arrivals", "K-10", _MOVES, "Arrivals", ROOMS, "stays that came, without day use"),
    Metric("departures", "K-10", _MOVES, "Departures", ROOMS, "planned departure, without day use"),
    Metric("in_house", "K-10", _MOVES, "In house", ROOMS, "occupied at close"),
    Metric(
        "persons_in_house", "K-10", _MOVES, "Persons in house", PERSONS, "adults, children, infants; unknown counts 0"
    ),
    Metric("day_use_rooms", "K-06", _MOVES, "Day-use rooms", ROOMS, "arrival = departure, stayed"),
    Metric("cancelled_today", "K-08", _LOST, "Cancelled today", BOOKINGS, "by date of cancellation"),
    Metric("cancelled_today_nights", "K-08", _LOST, "room nights of them", NIGHTS, "by date of cancellation"),
    Metric("cancelled_today_value", "K-08", _LOST, "value of them", MONEY, "room revenue of those nights"),
    Metric("cancelled_arrivals", "K-08", _LOST, "Cancelled arrivals", BOOKINGS, "by date of arrival"),
    Metric("cancellation_rate", "K-08", _LOST, "Cancellation rate", SHARE, "cancelled / booked, by date of arrival"),
    Metric("no_shows", "K-07", _LOST, "No-shows", BOOKINGS, "by no-show date, else arrival"),
    Metric("no_show_nights", "K-07", _LOST, "room nights of them", NIGHTS, "by no-show date, else arrival"),
    Metric("no_show_value", "K-07", _LOST, "No-show value lost", MONEY, "value of the stay, not revenue"),
    Metric(
        "exposure", "K-09", _LOST, "Non-refundable exposure", MONEY, "cancelled non-refundable bookings, not revenue"
    ),
    Metric("pick_up_nights", "K-12", _PACE, "Pick-up, room nights", NIGHTS, "on the books against the latest snapshot"),
    Metric("pick_up_revenue", "K-12", _PACE, "Pick-up, revenue", MONEY, "on the books against the latest snapshot"),
)


def _section(definition: Definition) -> list[str]:
    lines = [f"## {definition.metric_id} {definition.title}", "", definition.wording, ""]
    metrics = [metric for metric in METRICS if metric.metric_id == definition.metric_id]
    if metrics:
        lines += ["| figure | shown as | unit | basis |", "|---|---|---|---|"]
        lines += [f"| `{m.code}` | {m.name} | {m.unit} | {m.basis} |" for m in metrics]
        lines.append("")
    return lines


def page() -> str:
    """Write the registry as the page `docs/metrics.md`."""
    head = [
        "# What each figure means",
        "",
        "Generated by `python -m reconciliation.metrics`. Every figure of a report carries its K id.",
        "",
    ]
    body = [line for definition in DEFINITIONS for line in _section(definition)]
    return "\n".join(head + body).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
