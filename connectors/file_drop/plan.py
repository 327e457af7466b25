"""A mapping bound to one file's header: the steps that read a row, in the order in which they need each other."""

from collections import Counter
from collections.abc import Iterator, Sequence

from connectors.errors import FixMapping
from connectors.file_drop.date_steps import date_step
from connectors.file_drop.rules import Export
from connectors.file_drop.steps import (
    Binding,
    Step,
    code_step,
    count_step,
    currency_step,
    flag_step,
    price_step,
    property_step,
    status_step,
    text_step,
)


def check_header(export: Export, header: Sequence[str]) -> None:
    """Refuse a header that lacks a column of the mapping or has one twice."""
    where = f"in exports/{export.name}.toml"
    missing = [column for column in export.columns() if column not in header]
    if missing:
        other = next((mark for mark in ";\t|," if len(header) == 1 and mark in header[0]), None)
        hint = f'; the header reads as one column: state delimiter = "{other}" {where}' if other else ""
        msg = f"columns missing: {', '.join(missing)}: export them or map others {where}{hint}"
        raise FixMapping(msg)
    counts = Counter(header)
    doubled = [column for column in export.columns() if counts[column] > 1]
    if doubled:
        msg = f"columns that stand twice in the header: {', '.join(doubled)}: rename one, then map it {where}"
        raise FixMapping(msg)


def plan(binding: Binding) -> list[tuple[str, Step]]:
    """List our fields and how each is read: what others are made from comes first."""
    return list(_steps(binding))


def _steps(binding: Binding) -> Iterator[tuple[str, Step]]:
    export = binding.export
    codes, dates = export.code_rules(), export.date_rules()
    yield "property_id", property_step(binding)
    yield "currency", currency_step(binding)
    yield from ((field, text_step(binding, field, rule)) for field, rule in export.text_rules().items())
    yield "status", status_step(binding, codes.pop("status"))
    yield from ((field, code_step(binding, field, rule)) for field, rule in codes.items())
    for field in sorted(dates, key=lambda field: bool(dates[field].base)):
        yield field, date_step(binding, field, dates[field])
    yield from ((field, count_step(binding, column)) for field, column in export.counts.items())
    yield from ((field, flag_step(binding, rule)) for field, rule in export.flags.items())
    yield "price_minor", price_step(binding)
