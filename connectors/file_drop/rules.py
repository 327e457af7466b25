"""What a mapping's TOML may state: ours <- theirs, one table per kind of value."""

import re
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from connectors.file_drop.dates import MONTHS, DateFormat
from hotel.properties import Property

_PLACEHOLDER: Final = re.compile(r"\{([^{}]+)\}")


class Stated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the TOML: a key that we do not know is a mistake, not an extra."""


class TextRule(Stated, frozen=True):
    """A text: a column as it is, a `template` over columns (`{Conf}-{Line}`), or the row's position (`row = true`)."""

    column: str = ""
    template: str = ""
    row: bool = False

    def columns(self) -> list[str]:
        """Name the columns it reads."""
        return _PLACEHOLDER.findall(self.template) or ([self.column] if self.column else [])

    def fill(self, texts: Mapping[str, str]) -> str:
        """Put the columns' texts into the template."""
        return _PLACEHOLDER.sub(lambda found: texts[found[1]], self.template)


class CodeRule(Stated, frozen=True):
    """A code: a column through `map`, or as it is (`as_is`), or `constant`. What is left goes to the house's mappings."""

    column: str = ""
    constant: str = ""
    map: dict[str, str] = {}
    as_is: bool = False


class DateRule(Stated, frozen=True):
    """A date: of one column, of three, or of another date of ours plus or minus columns of days.

    `when_status`: only for reservations of this status of ours, else the date is unknown.
    """

    column: str = ""
    year: str = ""
    month: str = ""
    day: str = ""
    base: str = msgspec.field(default="", name="from")
    plus_days: tuple[str, ...] = ()
    minus_days: tuple[str, ...] = ()
    date_format: str = ""
    when_status: str = ""

    def columns(self) -> list[str]:
        """Name the columns it reads."""
        named = (self.column, self.year, self.month, self.day, *self.plus_days, *self.minus_days)
        return [name for name in named if name]


class PriceRule(Stated, frozen=True):
    """The price: `per_night` of the room, or the stay's `total`, spread over its nights. Both name a column."""

    per_night: str = ""
    total: str = ""


class PropertyRule(Stated, frozen=True):
    """A hotel of the export: `ref` is the text the export has for it, the rest describes a property of ours."""

    ref: str
    name: str
    time_zone: str
    currency: str
    country_code: str | None = None


class FileRule(Stated, frozen=True):
    """How the file is written. An encoding left out must be provable, a `date_format` left out means ISO dates."""

    decimal_mark: Literal[".", ","]
    thousands_mark: str = ""
    encoding: str = ""
    delimiter: str = ","
    quote: Literal['"', "'", ""] = '"'
    sheet: str = ""
    date_format: str = ""
    month_names: tuple[str, ...] = MONTHS
    null_texts: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


class Export(Stated, frozen=True):
    """One export of one system. `hotel` names the column that tells the property; without it the account does."""

    name: str
    dataset: Literal["reservations"]
    file: FileRule
    currency: str | CodeRule
    price: PriceRule
    texts: dict[str, str | TextRule]
    codes: dict[str, str | CodeRule]
    dates: dict[str, str | DateRule]
    counts: dict[str, str] = {}
    flags: dict[str, str | bool] = {}
    hotel: str = ""
    properties: dict[str, PropertyRule] = {}

    def text_rules(self) -> dict[str, TextRule]:
        """Give the text rules with the short form (a column's name) written out."""
        return {field: TextRule(rule) if isinstance(rule, str) else rule for field, rule in self.texts.items()}

    def code_rules(self) -> dict[str, CodeRule]:
        """Give the code rules with the short form written out."""
        return {field: CodeRule(rule) if isinstance(rule, str) else rule for field, rule in self.codes.items()}

    def date_rules(self) -> dict[str, DateRule]:
        """Give the date rules with the short form written out."""
        return {field: DateRule(rule) if isinstance(rule, str) else rule for field, rule in self.dates.items()}

    def currency_rule(self) -> CodeRule:
        """Give the currency's rule with the short form (a constant code) written out."""
        return CodeRule(constant=self.currency) if isinstance(self.currency, str) else self.currency

    def columns(self) -> list[str]:
        """Name the columns of theirs it reads, each once, in the order of the mapping."""
        names = [self.hotel, self.price.per_night, self.price.total, self.currency_rule().column]
        names += [name for text in self.text_rules().values() for name in text.columns()]
        names += [code.column for code in self.code_rules().values()]
        names += [name for day in self.date_rules().values() for name in day.columns()]
        names += [*self.counts.values(), *(flag for flag in self.flags.values() if isinstance(flag, str))]
        return [name for name in dict.fromkeys(names) if name]

    def date_formats(self) -> dict[str, DateFormat | None]:
        """Give the stated format of each column that holds a whole date; None where none is stated (ISO)."""
        stated = {rule.column: rule.date_format or self.file.date_format for rule in self.date_rules().values()}
        return {
            column: DateFormat(text, self.file.month_names) if text else None
            for column, text in stated.items()
            if column
        }

    def is_numbered_by_row(self) -> bool:
        """Tell whether a reservation's reference is its row's position: then only one file can be a whole."""
        return self.text_rules()["source_ref"].row

    def house(self, source: str) -> list[Property]:
        """Describe the export's properties as ours, with `source` as their copy of record."""
        return [
            Property(
                property_id,
                rule.name,
                rule.time_zone,
                rule.currency,
                country_code=rule.country_code,
                of_record_source=source,
            )
            for property_id, rule in self.properties.items()
        ]
