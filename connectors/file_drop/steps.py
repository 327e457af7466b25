"""How one field of ours is read from a row: each rule of the TOML becomes one function of the row."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from connectors.errors import FixMapping
from connectors.file_drop.rules import CodeRule, Export, TextRule
from connectors.file_drop.values import Memo, Reader, Unreadable
from hotel.codebook import Codebook, code_or_unmapped
from hotel.incoming import Reason, UnmappedCode, shape_of
from hotel.money import is_currency
from hotel.status import RESERVATION_STATUSES

Row = Sequence[str]
Known = dict[str, Any]  # our field -> its value, of one row; also `row` (its position) and `unmapped`
Step = Callable[[Row, Known], Any]


class Binding(NamedTuple):
    """A mapping and what it is bound to. `at`: column -> its place in a row; `property_id`: of files that name none."""

    export: Export
    at: Mapping[str, int]
    reader: Reader
    codebook: Codebook
    property_id: str | None = None


def property_step(binding: Binding) -> Step:
    """Read whose reservation it is: from the hotel's column, else the account's or the mapping's only property."""
    column, rules = binding.export.hotel, binding.export.properties
    if not column:
        only = binding.property_id or (next(iter(rules)) if len(rules) == 1 else None)
        if not only:
            msg = f"state the hotel's column, or one property, in exports/{binding.export.name}.toml"
            raise FixMapping(msg)
        return lambda _row, _known: only
    refs = {rule.ref: property_id for property_id, rule in rules.items()} | dict(binding.codebook.hotel_refs)

    def read(text: str) -> str:
        ref = binding.reader.required(column, text)
        if ref not in refs:
            raise Unreadable(Reason("property_unknown", column, shape_of(ref)))
        return refs[ref]

    at, memo = binding.at[column], Memo(read)
    return lambda row, _known: memo[row[at]]


def currency_step(binding: Binding) -> Step:
    """Read the currency of the row's money."""
    rule = binding.export.currency_rule()
    if rule.constant:
        return lambda _row, _known: rule.constant

    def read(text: str) -> str:
        ref = binding.reader.required(rule.column, text)
        code = rule.map.get(ref, ref)
        if not is_currency(code):
            raise Unreadable(Reason("currency_unknown", rule.column, shape_of(ref)))
        return code

    at, memo = binding.at[rule.column], Memo(read)
    return lambda row, _known: memo[row[at]]


def text_step(binding: Binding, field: str, rule: TextRule) -> Step:
    """Read a reference: a column, several by a template, or the row's position."""
    reader = binding.reader
    if rule.row:
        return lambda _row, known: known["row"]
    if rule.template:
        ats = {name: binding.at[name] for name in rule.columns()}
        return lambda row, _known: rule.fill({name: reader.required(name, row[at]) for name, at in ats.items()})
    column, at = rule.column, binding.at[rule.column]
    if field == "source_ref":
        return lambda row, _known: reader.required(column, row[at])
    return lambda row, _known: reader.text(row[at])


def status_step(binding: Binding, rule: CodeRule) -> Step:
    """Read the status, which must be one of ours: all else that happens to a row depends on it."""
    if rule.constant:
        return lambda _row, _known: rule.constant
    by_property, at = _codes(binding, "status", rule), binding.at[rule.column]

    def step(row: Row, known: Known) -> str:
        status = by_property[known["property_id"]][row[at]]
        if status not in RESERVATION_STATUSES:
            raise Unreadable(Reason("status_unknown", rule.column, shape_of(row[at].strip())))
        return str(status)

    return step


def code_step(binding: Binding, field: str, rule: CodeRule) -> Step:
    """Read a code; one that nobody has mapped becomes `unmapped` and is noted."""
    if rule.constant:
        return lambda _row, _known: rule.constant
    by_property, at = _codes(binding, field, rule), binding.at[rule.column]

    def step(row: Row, known: Known) -> str | None:
        found = by_property[known["property_id"]][row[at]]
        return found if found is None else code_or_unmapped(found, known["unmapped"])

    return step


def _codes(binding: Binding, field: str, rule: CodeRule) -> Memo[str, Memo[str, str | UnmappedCode | None]]:
    """Look a property's codes up: in the mapping's own map first, then in the house's."""
    name = field.removeprefix("assigned_").removesuffix("_code")

    def read(property_id: str, text: str) -> str | UnmappedCode | None:
        ref = binding.reader.text(text)
        if ref is None or ref in rule.map:
            return rule.map.get(ref or "")
        return ref if rule.as_is else binding.codebook.code(property_id, name, ref)

    return Memo(lambda property_id: Memo(lambda text: read(property_id, text)))


def count_step(binding: Binding, column: str) -> Step:
    """Read a whole number."""
    at, memo = binding.at[column], Memo[str, int | None](lambda text: binding.reader.count(column, text))
    return lambda row, _known: memo[row[at]]


def flag_step(binding: Binding, rule: str | bool) -> Step:  # noqa: FBT001 the TOML's own value
    """Read yes or no from a column, or state it for all rows."""
    if isinstance(rule, bool):
        return lambda _row, _known: rule
    at, memo = binding.at[rule], Memo[str, bool | None](lambda text: binding.reader.flag(rule, text))
    return lambda row, _known: memo[row[at]]


def price_step(binding: Binding) -> Step:
    """Read the price, per room night or of the whole stay, into minor units of the row's currency."""
    column = binding.export.price.per_night or binding.export.price.total

    def amounts(currency: str) -> Memo[str, int]:
        return Memo(lambda text: binding.reader.amount(column, text, currency))

    at, memo = binding.at[column], Memo(amounts)
    return lambda row, known: memo[known["currency"]][row[at]]
