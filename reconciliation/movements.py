"""Who came, who left, who is in house, and who will not come: arrivals to no-shows (K-06 to K-10)."""

from datetime import date, timedelta

import pandas as pd

from hotel.figures import PERSONS, ROOMS, Cell, RollForward, Span
from hotel.status import CANCELLED, NO_SHOW, WAITLISTED
from reconciliation.cells import DOES_NOT_APPLY, Cells, ratio, total
from reconciliation.frames import between
from reconciliation.nights import came


def counted_rooms(rooms: pd.DataFrame) -> pd.DataFrame:
    """Leave out sharers and pseudo rooms, whose nights count nowhere."""
    return rooms[rooms["is_counted"].fillna(value=True).astype(bool)]


def _arriving(rooms: pd.DataFrame, span: Span, closed_through: date | None) -> pd.DataFrame:
    is_due = between(rooms["arrival_on"], span.first_on, span.last_on)
    return rooms[is_due & came(rooms["status"], rooms["arrival_on"], closed_through)]


def stays(rooms: pd.DataFrame) -> "pd.Series[bool]":
    """Mark rooms with a night; the others are day use (K-06)."""
    return rooms["arrival_on"] < rooms["departure_on"]


def day_use(rooms: pd.DataFrame, span: Span, closed_through: date | None) -> pd.DataFrame:
    """Keep a span's day-use rooms and give them `revenue_minor`: the room's total without the tax inside it."""
    found = _arriving(rooms, span, closed_through)
    found = found[~stays(found)]
    tax_inside = found["tax_minor"].where(found["is_tax_included"].fillna(value=False).astype(bool), 0).fillna(0)
    return found.assign(revenue_minor=(found["total_minor"].fillna(0) - tax_inside).astype("int64"))


def _departing(rooms: pd.DataFrame, span: Span, closed_through: date | None) -> pd.DataFrame:
    leaves = between(rooms["departure_on"], span.first_on, span.last_on) & stays(rooms)
    # A guest who has not come cannot leave: who is only confirmed leaves on an open date after an open night.
    last_night = rooms["departure_on"] - pd.Timedelta(days=1)
    return rooms[leaves & came(rooms["status"], last_night, closed_through)]


def movement_cells(
    rooms: pd.DataFrame, occupied: pd.DataFrame, span: Span, closed_through: date | None, currency: str
) -> Cells:
    """Count a span's arrivals, departures and day use; who is in house is known of single days only.

    `occupied` holds the occupied nights of the span and of the night before it.
    """
    arriving = _arriving(rooms, span, closed_through)
    used = day_use(rooms, span, closed_through)
    last = occupied[occupied["stay_on"] == pd.Timestamp(span.last_on)]
    before = occupied["stay_on"] == pd.Timestamp(span.first_on - timedelta(days=1))
    is_day = span.first_on == span.last_on
    return {
        "arrivals": Cell(int(stays(arriving).sum())),
        "departures": Cell(len(_departing(rooms, span, closed_through))),
        "day_use_rooms": Cell(len(used)),
        "day_use_revenue": Cell(total(used["revenue_minor"][used["currency"] == currency])),
        "in_house_before": Cell(int(before.sum())) if is_day else DOES_NOT_APPLY,
        "in_house": Cell(len(last)) if is_day else DOES_NOT_APPLY,
        "persons_in_house": Cell(total(last["person_count"])) if is_day else DOES_NOT_APPLY,
    }


def roll_forwards(
    rooms: pd.DataFrame, occupied: pd.DataFrame, day: Span, closed_through: date | None, *, is_before_loaded: bool
) -> tuple[RollForward, RollForward]:
    """Lead in house from the day before to the day, in rooms and in persons (K-10)."""
    arriving = _arriving(rooms, day, closed_through)
    arriving = arriving[stays(arriving)]
    departing = _departing(rooms, day, closed_through)
    last = occupied[occupied["stay_on"] == pd.Timestamp(day.last_on)]
    before = occupied[occupied["stay_on"] == pd.Timestamp(day.first_on - timedelta(days=1))]
    persons = [total(part["person_count"]) for part in (before, arriving, departing, last)]
    counts = [len(part) for part in (before, arriving, departing, last)]
    return tuple(  # type: ignore[return-value]  # two units, two roll-forwards
        RollForward(unit, parts[0] if is_before_loaded else None, *parts[1:])
        for unit, parts in ((ROOMS, counts), (PERSONS, persons))
    )


def lost_cells(rooms: pd.DataFrame, span: Span, currency: str) -> Cells:
    """Count a span's cancellations by both dates, its no-shows, and what they were worth (K-07 to K-09)."""
    cancelled = rooms[rooms["status"] == CANCELLED]
    today = cancelled[between(cancelled["cancelled_on"], span.first_on, span.last_on)]
    due = rooms[between(rooms["arrival_on"], span.first_on, span.last_on)]
    no_show = rooms[rooms["status"] == NO_SHOW]
    no_show = no_show[between(no_show["no_show_on"].fillna(no_show["arrival_on"]), span.first_on, span.last_on)]
    cancelled_arrivals = Cell(_bookings(due, CANCELLED))
    booked = Cell(int(due["booking_ref"][due["status"] != WAITLISTED].nunique()))
    bound = today[today["is_non_refundable"].fillna(value=False).astype(bool)]
    return {
        "cancelled_today": Cell(_bookings(today, CANCELLED)),
        "cancelled_today_nights": Cell(total(today["night_count"])),
        "cancelled_today_value": Cell(_value(today, currency)),
        "cancelled_arrivals": cancelled_arrivals,
        "cancellation_rate": ratio(cancelled_arrivals, booked, of_none="no bookings due"),
        "no_shows": Cell(_bookings(no_show, NO_SHOW)),
        "no_show_nights": Cell(total(no_show["night_count"])),
        "no_show_value": Cell(_value(no_show, currency)),
        "exposure": Cell(_value(bound, currency)),
    }


def _bookings(rooms: pd.DataFrame, status: str) -> int:
    return int(rooms["booking_ref"][rooms["booking_status"] == status].nunique())


def _value(rooms: pd.DataFrame, currency: str) -> int:
    return total(rooms["value_minor"][rooms["currency"] == currency])


def not_arrived(rooms: pd.DataFrame, day: Span) -> int:
    """Count rooms due on a date whose bookings are still only confirmed."""
    due = between(rooms["arrival_on"], day.first_on, day.last_on)
    return int((due & (rooms["status"] == "confirmed")).sum())
