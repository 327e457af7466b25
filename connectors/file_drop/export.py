"""The mappings in `exports/`: one TOML per export, checked as a whole when it is loaded."""

import codecs
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from zoneinfo import available_timezones

import msgspec

from connectors.errors import FixMapping
from connectors.file_drop.dates import MONTHS
from connectors.file_drop.rules import CodeRule, DateRule, Export, FileRule
from hotel.money import is_currency
from hotel.reservations import Reservation, Room
from hotel.status import RESERVATION_STATUSES

EXPORTS: Final = Path(__file__).parent / "exports"
_FIELDS: Final = frozenset(Reservation._fields + Room._fields)
_REQUIRED: Final = (
    "texts.source_ref",
    "codes.status",
    "codes.room_type_code",
    "dates.arrival_on",
    "dates.departure_on",
)


def export_names(folder: Path = EXPORTS) -> list[str]:
    """List the exports that have a mapping."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_export(name: str, folder: Path = EXPORTS) -> Export:
    """Load one export's mapping; raises FixMapping that names the file, the key and what is wrong with it."""
    try:
        export = msgspec.convert({**_stated(name, folder), "name": name}, Export)
        faults = list(_faults(export))
    except (msgspec.ValidationError, FixMapping) as error:
        faults = [str(error)]
    if faults:
        msg = f"exports/{name}.toml: {'; '.join(faults)}"
        raise FixMapping(msg)
    return export


def _stated(name: str, folder: Path) -> dict[str, Any]:
    """Read a mapping's TOML over the one it `extends`."""
    path = folder / f"{name}.toml"
    if not re.fullmatch(r"[a-z0-9_-]+", name) or not path.is_file():
        msg = f"there is no such mapping; there are: {', '.join(export_names(folder))}"
        raise FixMapping(msg)
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        msg = f"not TOML: {error}"
        raise FixMapping(msg) from None
    extended = stated.pop("extends", None)
    return _over(_stated(extended, folder), stated) if extended else stated


def _over(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    merged = {
        key: _over(lower[key], value) if isinstance(value, dict) and isinstance(lower.get(key), dict) else value
        for key, value in upper.items()
    }
    return lower | merged


def _faults(export: Export) -> Iterator[str]:
    """Find what a mapping states that cannot be meant."""
    yield from _unknown_fields(export)
    stated = {f"{section}.{field}" for section in ("texts", "codes", "dates") for field in getattr(export, section)}
    yield from (f"state {name}" for name in _REQUIRED if name not in stated)
    if bool(export.price.per_night) == bool(export.price.total):
        yield "price: state per_night or total, not both"
    yield from _file_faults(export.file)
    yield from _format_faults(export)
    for field, rule in export.date_rules().items():
        yield from _date_faults(field, rule)
    statuses = set(export.code_rules().get("status", CodeRule()).map.values())
    yield from (f"codes.status: {each} is no status of ours" for each in sorted(statuses - set(RESERVATION_STATUSES)))
    for property_id, house in export.properties.items():
        if not is_currency(house.currency) or house.time_zone not in available_timezones():
            yield f"properties.{property_id}: state an ISO 4217 currency and an IANA time_zone"


def _unknown_fields(export: Export) -> Iterator[str]:
    endings = {"texts": "_ref", "codes": ("_code", "status"), "dates": "_on", "counts": "_count", "flags": ""}
    for section, ending in endings.items():
        for field in getattr(export, section):
            if (
                field not in _FIELDS
                or not field.endswith(ending)
                or (section == "flags" and not field.startswith("is_"))
            ):
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


def _format_faults(export: Export) -> Iterator[str]:
    formats: dict[str, str] = {}
    for rule in export.date_rules().values():
        if rule.column and formats.setdefault(rule.column, rule.date_format) != rule.date_format:
            yield f"dates: {rule.column} has two formats"
    export.date_formats()


def _date_faults(field: str, rule: DateRule) -> Iterator[str]:
    ways = [bool(rule.column), bool(rule.year and rule.month and rule.day), bool(rule.base)]
    if sum(ways) != 1:
        yield f"dates.{field}: state column, or year, month and day, or from"
    if rule.when_status and rule.when_status not in RESERVATION_STATUSES:
        yield f"dates.{field}: when_status must be a status of ours"
