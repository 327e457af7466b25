"""When a room is stayed in, and which nights a rate is for: dates as told, by the rule that fits them."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final, NamedTuple

from connectors.protocols.opentravel.dialect import Dialect
from connectors.protocols.opentravel.values import count, day, flag, nights_of, until
from connectors.protocols.safe_xml import child, told
from connectors.reading import RefuseError

Element = Any  # lxml has no types of its own

# A wrong century must not fill the memory; what is merely long is for the gate.
LONGEST_STAY_NIGHTS: Final = 3660
_DAY: Final = timedelta(days=1)
_TIME_UNITS: Final = {None: 1, "Day": 1, "Week": 7}


class Stay(NamedTuple):
    """Dates of a stay; departure exclusive."""

    arrival_on: date
    departure_on: date

    @property
    def night_count(self) -> int:
        """Nights; not positive for a day use and for dates in the wrong order."""
        return (self.departure_on - self.arrival_on).days


class Range(NamedTuple):
    """The dates of one rate as told: `last_on` is a night or the day after, as `is_exclusive` says; None: not told."""

    first_on: date | None
    last_on: date | None = None
    is_exclusive: bool | None = None
    units: int | None = None


def stay_of(*elements: Element | None) -> Stay | None:
    """Read the first TimeSpan that fixes both dates. One that only names a window refuses the row: nothing is fixed yet."""
    for element in elements:
        span = child(element, "TimeSpan")
        if span is None:
            continue
        stay = _stay(span)
        if stay is not None:
            return stay
        if child(span, "StartDateWindow") is not None or child(span, "DateWindowRange") is not None:
            code = "dates_not_fixed"
            raise RefuseError(code, "TimeSpan")
    return None


def checked(stay: Stay) -> Stay:
    """Give a stay of a length that can be meant."""
    if stay.night_count > LONGEST_STAY_NIGHTS:
        code = "stay_too_long"
        raise RefuseError(code, "TimeSpan@End", stay.departure_on)
    return stay


def range_of(*elements: Element | None) -> Range:
    """Read the dates of a rate from the first element that has them: the Rate, else its RoomRate."""
    for element in elements:
        first_on = day(told(element, "EffectiveDate"), "EffectiveDate")
        if first_on is not None:
            last_on = until(told(element, "ExpireDate"), "ExpireDate")
            return Range(first_on, last_on, flag(told(element, "ExpireDateExclusiveInd")), _units(element))
    return Range(None, units=_units(elements[0]))


def one_night(each: Range) -> Range:
    """Let a rate that tells no last date be for the night of its first."""
    if each.first_on is None or each.last_on is not None or each.units is not None:
        return each
    return each._replace(last_on=each.first_on, is_exclusive=False)


def nights_of_ranges(ranges: Sequence[Range], stay: Stay, dialect: Dialect) -> list[list[date]] | None:
    """Give the nights of each rate; None where they cannot be meant, or can be meant in two ways.

    By the dialect's rule; without one by the rule that prices every night of the stay, else by what the ranges show.
    """
    if dialect.expire_date != "fit":
        return _nights(ranges, stay, is_exclusive=dialect.expire_date == "exclusive")
    readings = [_nights(ranges, stay, is_exclusive=each) for each in (True, False)]
    exact = (nights for nights in readings if nights and sum(map(len, nights)) == stay.night_count)
    rule = _rule(ranges, dialect)
    by_rule = readings[0] if rule or readings[0] == readings[1] else readings[1] if rule is False else None
    return next(exact, by_rule)


def stay_of_ranges(ranges: Sequence[Range], dialect: Dialect) -> Stay | None:
    """Give the stay that rates cover, where no other dates are told; refuses dates that can be read in two ways."""
    dated = [each for each in ranges if each.first_on and each.last_on]
    if not dated or len(dated) != len(ranges):
        return None
    rule = _rule(dated, dialect)
    firsts = [each.first_on for each in dated if each.first_on]
    lasts = [each.last_on for each in dated if each.last_on]
    exclusive = dated[-1].is_exclusive if dated[-1].is_exclusive is not None else rule
    if exclusive is None:
        code = "rate_dates_ambiguous"
        raise RefuseError(code, "Rate@ExpireDate", max(lasts))
    return Stay(min(firsts), max(lasts) + (timedelta(0) if exclusive else _DAY))


def nights_of_stay(stay: Stay) -> list[date]:
    """List the nights of a stay."""
    return [stay.arrival_on + n * _DAY for n in range(stay.night_count)]


def _stay(span: Element) -> Stay | None:
    start = day(told(span, "Start"), "TimeSpan@Start")
    end = day(told(span, "End"), "TimeSpan@End")
    length = nights_of(told(span, "Duration"), "TimeSpan@Duration") if not (start and end) else None
    if start and end is None and length is not None:
        end = start + length * _DAY
    if end and start is None and length is not None:
        start = end - length * _DAY
    return checked(Stay(start, end)) if start and end else None


def _units(element: Element | None) -> int | None:
    """Count the nights that UnitMultiplier tells; None where it tells none or not in days."""
    multiplier = count(told(element, "UnitMultiplier"), "UnitMultiplier")
    per_unit = _TIME_UNITS.get(told(element, "RateTimeUnit"))
    nights = multiplier * per_unit if multiplier and per_unit else 0
    return nights if 0 < nights <= LONGEST_STAY_NIGHTS else None


def _rule(ranges: Sequence[Range], dialect: Dialect) -> bool | None:
    """Say whether last dates are exclusive: as stated, else as neighbours or told counts of nights show."""
    if dialect.expire_date != "fit":
        return dialect.expire_date == "exclusive"
    ordered = sorted(ranges, key=lambda each: each.first_on or date.min)
    for before, after in pairwise(ordered):
        if before.last_on == after.first_on:
            return True
        if before.last_on and after.first_on and before.last_on + _DAY == after.first_on:
            return False
    for each in ranges:
        if each.units and each.first_on and each.last_on:
            length = (each.last_on - each.first_on).days
            if each.units in {length, length + 1}:
                return each.units == length
    return None


def _nights(ranges: Sequence[Range], stay: Stay, *, is_exclusive: bool) -> list[list[date]] | None:
    """List the nights of each rate by one rule; None where two claim a night or one lies outside the stay."""
    if any(each.first_on is None for each in ranges):
        return _undated(ranges, stay)
    spans = [_span(each, ranges, stay, is_exclusive=is_exclusive) for each in ranges]
    if len(spans) == 1 and spans[0].arrival_on <= stay.arrival_on and stay.departure_on <= spans[0].departure_on:
        return [nights_of_stay(stay)]  # a rate that is good for longer than anybody stays
    if any(span.arrival_on < stay.arrival_on or stay.departure_on < span.departure_on for span in spans):
        return None
    found = [nights_of_stay(span) for span in spans]
    claimed = [night for nights in found for night in nights]
    return found if len(set(claimed)) == len(claimed) else None


def _undated(ranges: Sequence[Range], stay: Stay) -> list[list[date]] | None:
    """Give the nights of rates without dates: one is for all, several must be one a night, or as long as they say."""
    nights = nights_of_stay(stay)
    if len(ranges) == 1:
        return [nights]
    lengths = [each.units or 1 for each in ranges]
    if any(each.first_on for each in ranges) or sum(lengths) != len(nights):
        return None
    starts = [sum(lengths[:n]) for n in range(len(lengths))]
    return [nights[start : start + length] for start, length in zip(starts, lengths, strict=True)]


def _span(each: Range, ranges: Sequence[Range], stay: Stay, *, is_exclusive: bool) -> Stay:
    """Give the dates that a rate claims, by one rule."""
    first_on = each.first_on or stay.arrival_on
    if each.last_on is None:
        # Until the next rate begins, or to the end of the stay.
        later = [other.first_on for other in ranges if other.first_on and other.first_on > first_on]
        end = first_on + (each.units or 0) * _DAY if each.units else min(later, default=stay.departure_on)
    else:
        exclusive = each.is_exclusive if each.is_exclusive is not None else is_exclusive
        end = each.last_on + (timedelta(0) if exclusive and each.last_on > first_on else _DAY)
    return Stay(first_on, end)
