"""A small PMS of ours: its export in miniature, and short ways to read one."""

from collections.abc import Iterator
from pathlib import Path

from connectors.file_drop.export import load_export
from connectors.file_drop.mapping import map_rows
from connectors.file_drop.rules import Export
from connectors.ports import MappingPlace
from hotel.codebook import Codebook
from hotel.incoming import Incoming, Refused
from hotel.properties import Property
from hotel.reservations import Reservation

SMALL = """
dataset = "reservations"
currency = { column = "Cur", map = { "€" = "EUR" } }

[file]
decimal_mark = ","
thousands_mark = "."
delimiter = ";"
date_format = "d.m.yyyy"
null_texts = ["-"]
unused = ["Note"]

[properties.seaside]
ref = "Seaside"
name = "Seaside Inn"
time_zone = "Europe/Berlin"
currency = "EUR"
country_code = "DE"

[texts]
source_ref = { template = "{Conf}-{Line}" }
group_ref = "Conf"

[dates]
arrival_on = "In"
departure_on = "Out"
cancelled_on = { column = "Changed", when_status = "cancelled" }

[price]
total = "Total"

[counts]
adult_count = "Adults"

[flags]
is_complimentary = "Free"

[codes]
room_type_code = { column = "Type", as_is = true }
channel_code = "Channel"

[codes.status]
column = "State"
map = { Booked = "confirmed", Gone = "checked_out", Void = "cancelled" }
"""
HEADER = ["Conf", "Line", "State", "In", "Out", "Changed", "Type", "Channel", "Adults", "Free", "Cur", "Total"]
GOOD = {
    "Conf": "A7",
    "Line": "1",
    "State": "Gone",
    "In": "1.8.2026",
    "Out": "4.8.2026",
    "Changed": "-",
    "Type": "DBL",
    "Channel": "WEB",
    "Adults": "2",
    "Free": "no",
    "Cur": "EUR",
    "Total": "1.000,01",
}


def save_export(folder: Path, text: str = SMALL, name: str = "small") -> Path:
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def export(folder: Path, *changes: tuple[str, str]) -> Export:
    """Load the small export with pieces of its TOML replaced; every piece must be there."""
    text = SMALL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return load_export("small", save_export(folder, text))


def codebook(**codes: str) -> Codebook:
    house = Property("seaside", "Seaside Inn", "Europe/Berlin", "EUR")
    mapped = {("*", "channel", ref): code for ref, code in {"WEB": "website", **codes}.items()}
    return Codebook("dropped", {"seaside": house}, {}, mapped)


def row(**values: str) -> list[str]:
    return list((GOOD | values).values())


def body(*rows: list[str], header: list[str] = HEADER) -> bytes:
    return b"".join(",".join(f'"{value}"' for value in each).encode() + b"\r\n" for each in (header, *rows))


def mapped(export_: Export, *rows: list[str], book: Codebook | None = None) -> list[Incoming | Refused]:
    return list(map_rows(export_, body(*rows), book or codebook(), MappingPlace("p:1:1")))


def reservation(export_: Export, book: Codebook | None = None, **values: str) -> Reservation:
    (incoming,) = mapped(export_, row(**values), book=book)
    assert isinstance(incoming, Incoming), incoming
    assert isinstance(incoming.row, Reservation)
    return incoming.row


def refused(export_: Export, *rows: list[str], **values: str) -> Refused:
    (found,) = mapped(export_, *(rows or (row(**values),)))
    assert isinstance(found, Refused), found
    return found


def reasons(export_: Export, **values: str) -> Iterator[tuple[str, str]]:
    return ((reason.code, reason.column) for reason in refused(export_, **values).reasons)
