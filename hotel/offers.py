"""Whether a stay may be sold at a rate plan, and what a night of it costs: the one place that decides."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple

from hotel.rooms import Rate

CLOSED: Final = "closed"
CLOSED_TO_ARRIVAL: Final = "closed_to_arrival"
CLOSED_TO_DEPARTURE: Final = "closed_to_departure"
STAY_TOO_SHORT: Final = "stay_too_short"
STAY_TOO_LONG: Final = "stay_too_long"
TOO_SOON: Final = "too_soon"
TOO_FAR_AHEAD: Final = "too_far_ahead"


class Stay(NamedTuple):
    """Dates somebody asks for, and the hotel's today."""

    arrival_on: date
    departure_on: date
    today: date

    @property
    def night_count(self) -> int:
        """Count the nights."""
        return (self.departure_on - self.arrival_on).days

    def __contains__(self, stay_on: object) -> bool:
        return isinstance(stay_on, date) and self.arrival_on <= stay_on < self.departure_on


def objection(stay: Stay, rates: Iterable[Rate]) -> str | None:
    """Tell what keeps a stay from being sold, None where nothing does.

    `rates` are those of one rate plan and room type for the nights and the departure date; of several occupancies the
    strictest counts, and what is not told restricts nothing.
    """
    told = list(rates)
    nights = [rate for rate in told if rate.stay_on in stay]
    arrival = [rate for rate in nights if rate.stay_on == stay.arrival_on]
    if any(rate.is_stop_sell for rate in nights):
        return CLOSED
    if any(rate.is_closed_to_arrival for rate in arrival):
        return CLOSED_TO_ARRIVAL
    if any(rate.is_closed_to_departure for rate in told if rate.stay_on == stay.departure_on):
        return CLOSED_TO_DEPARTURE
    return _length(stay, nights, arrival) or _advance(stay, arrival)


def night_rate(rates: Iterable[Rate], adult_count: int) -> Rate | None:
    """Choose the price of one night for so many adults: theirs, else the room's; None where neither is told."""
    by_occupancy = {rate.occupancy_count: rate for rate in rates}
    return by_occupancy.get(adult_count) or by_occupancy.get(0)


def _length(stay: Stay, nights: Sequence[Rate], arrival: Sequence[Rate]) -> str | None:
    least = [rate.min_stay_arrival_count or 0 for rate in arrival] + [
        rate.min_stay_through_count or 0 for rate in nights
    ]
    most = [rate.max_stay_count for rate in nights if rate.max_stay_count]
    if stay.night_count < max(least, default=0):
        return STAY_TOO_SHORT
    return STAY_TOO_LONG if most and stay.night_count > min(most) else None


def _advance(stay: Stay, arrival: Sequence[Rate]) -> str | None:
    days = (stay.arrival_on - stay.today).days
    if any(rate.min_advance_day_count is not None and days < rate.min_advance_day_count for rate in arrival):
        return TOO_SOON
    if any(rate.max_advance_day_count is not None and days > rate.max_advance_day_count for rate in arrival):
        return TOO_FAR_AHEAD
    return None
