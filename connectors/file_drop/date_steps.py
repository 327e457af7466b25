"""How a date of ours is read from a row: whole, from its parts, or counted from another date of ours."""

from datetime import date, timedelta
from typing import NoReturn

from connectors.file_drop.rules import DateRule
from connectors.file_drop.steps import Binding, Known, Row, Step, count_step
from connectors.file_drop.values import Memo, Unreadable
from hotel.incoming import Reason

_REQUIRED = frozenset({"arrival_on", "departure_on"})


def date_step(binding: Binding, field: str, rule: DateRule) -> Step:
    """Read a date; an arrival or departure must be there, any other only has to where `when_status` holds."""
    make = _shifted if rule.base else _from_parts if rule.year else _whole
    step = make(binding, rule)
    if rule.when_status:
        return lambda row, known: step(row, known) if known["status"] == rule.when_status else None
    if field not in _REQUIRED:
        return step
    columns = "+".join(rule.columns())
    return lambda row, known: step(row, known) or _missing(columns)


def _missing(columns: str) -> NoReturn:
    raise Unreadable(Reason("value_missing", columns))


def _whole(binding: Binding, rule: DateRule) -> Step:
    column, at = rule.column, binding.at[rule.column]
    stated = binding.export.date_formats()[column]
    memo = Memo[str, date | None](lambda text: binding.reader.day(column, text, stated))
    return lambda row, _known: memo[row[at]]


def _from_parts(binding: Binding, rule: DateRule) -> Step:
    columns = "+".join(rule.columns())
    year, month, day = (binding.at[column] for column in (rule.year, rule.month, rule.day))
    memo = Memo[tuple[str, str, str], date](lambda parts: binding.reader.day_of_parts(columns, *parts))
    return lambda row, _known: memo[row[year], row[month], row[day]]


def _shifted(binding: Binding, rule: DateRule) -> Step:
    columns = "+".join(rule.columns())
    plus = [count_step(binding, column) for column in rule.plus_days]
    minus = [count_step(binding, column) for column in rule.minus_days]

    def shift(base_and_days: tuple[date, int]) -> date:
        try:
            return base_and_days[0] + timedelta(days=base_and_days[1])
        except OverflowError:
            raise Unreadable(Reason("date_unreadable", columns)) from None

    memo = Memo[tuple[date, int], date](shift)

    def step(row: Row, known: Known) -> date | None:
        base = known[rule.base]
        added, taken = [count(row, known) for count in plus], [count(row, known) for count in minus]
        if base is None or None in added or None in taken:
            return None
        return memo[base, sum(added) - sum(taken)]

    return step
