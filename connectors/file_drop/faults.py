"""What a mapping states that cannot be meant, found before any file is read."""

import codecs
from collections.abc import Iterator
from typing import Final
from zoneinfo import available_timezones

from connectors.file_drop.dates import MONTHS
from connectors.file_drop.rules import Export, FileRule
from hotel.money import is_currency
from hotel.reservations import Reservation, Room
from hotel.status import RESERVATION_STATUSES

_MADE_BY_US: Final = {"is_inventory_held", "is_day_use"}
_FIELDS: Final = frozenset(Reservation._fields + Room._fields) - _MADE_BY_US
_FORMS: Final = {
    "texts": ("", "_ref"),
    "codes": ("", ("_code", "status")),
    "dates": ("", "_on"),
    "counts": ("", "_count"),
    "flags": ("is_", ""),
}
_REQUIRED: Final = (
    "texts.source_ref",
    "codes.status",
    "codes.room_type_code",
    "dates.arrival_on",
    "dates.departure_on",
)


def faults_of(export: Export) -> Iterator[str]:
    """Yield each fault as a sentence that says what to state; raises FixMapping for a date format that is none."""
    stated = {f"{section}.{field}" for section in _FORMS for field in getattr(export, section)}
    yield from (f"state {name}" for name in _REQUIRED if name not in stated)
    yield from _unknown_fields(export)
    yield from _file_faults(export.file)
    yield from _text_and_code_faults(export)
    yield from _date_faults(export)
    yield from _money_faults(export)
    for property_id, house in export.properties.items():
        if not is_currency(house.currency) or house.time_zone not in available_timezones():
            yield f"properties.{property_id}: state an ISO 4217 currency and an IANA time_zone"


def _unknown_fields(export: Export) -> Iterator[str]:
    for section, (start, end) in _FORMS.items():
        for field in getattr(export, section):
            if field not in _FIELDS or not field.startswith(start) or not field.endswith(end):
                yield f"{section}.{field} is no field of a reservation or room"


def _file_faults(rule: FileRule) -> Iterator[str]:
    if len(rule.delimiter) != 1:
        yield "file.delimiter must be one character"
    if rule.thousands_mark == rule.decimal_mark:
        yield "file.thousands_mark must differ from decimal_mark"
    if len(rule.month_names) != len(MONTHS):
        yield "file.month_names must be twelve"
    try:
        codecs.lookup(rule.encoding or "utf-8")
    except LookupError:
        yield f'file.encoding = "{rule.encoding}" is not known; state one like "utf-8" or "windows-1252"'


def _text_and_code_faults(export: Export) -> Iterator[str]:
    for field, text in export.text_rules().items():
        if [bool(text.column), bool(text.template and text.columns()), text.row].count(True) != 1:
            yield f"texts.{field}: state column, or a template with columns, or row = true"
    for field, code in export.code_rules().items():
        if bool(code.column) == bool(code.constant):
            yield f"codes.{field}: state column or constant"
        if field == "status":
            strange = {*code.map.values(), code.constant} - {"", *RESERVATION_STATUSES}
            yield from (f"codes.status: {each} is no status of ours" for each in sorted(strange))


def _date_faults(export: Export) -> Iterator[str]:
    rules = export.date_rules()
    formats: dict[str, str] = {}
    for field, rule in rules.items():
        parts = [bool(part) for part in (rule.year, rule.month, rule.day)]
        if [bool(rule.column), any(parts), bool(rule.base)].count(True) != 1 or any(parts) != all(parts):
            yield f"dates.{field}: state column, or year, month and day, or from"
        if (rule.plus_days or rule.minus_days) and not rule.base:
            yield f"dates.{field}: days are counted from another date: state from"
        if rule.base and (rule.base not in rules or rules[rule.base].base):
            yield f"dates.{field}: from must be another date that is read from columns"
        if rule.when_status and rule.when_status not in RESERVATION_STATUSES:
            yield f"dates.{field}: when_status must be a status of ours"
        if rule.column and formats.setdefault(rule.column, rule.date_format) != rule.date_format:
            yield f"dates: {rule.column} has two formats"
    export.date_formats()


def _money_faults(export: Export) -> Iterator[str]:
    if bool(export.price.per_night) == bool(export.price.total):
        yield "price: state per_night or total, not both"
    rule = export.currency_rule()
    if bool(rule.column) == bool(rule.constant) or (rule.constant and not is_currency(rule.constant)):
        yield "currency: state an ISO 4217 code or a column"
