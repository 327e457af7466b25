"""The real reservations of two hotels, through the mapping of their export and into frames."""

import gzip
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from connectors.file_drop.mapping import map_reservations
from connectors.ports import MappingPlace
from expectations.facts import HouseFacts, PropertyFacts
from hotel.codebook import Codebook
from hotel.incoming import Incoming
from hotel.properties import Property
from storage.frames import frames

CSV = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "hotel_bookings" / "full" / "hotel_bookings.csv.gz"
HOTELS = {"City Hotel": "city-hotel", "Resort Hotel": "resort-hotel"}
HOUSE = HouseFacts(
    date(2026, 11, 20),
    {property_id: PropertyFacts(("EUR",), business_on=date(2026, 11, 19)) for property_id in HOTELS.values()},
)


class RealBookings(NamedTuple):
    tables: dict[str, pa.Table]
    rows: list[Incoming]
    refused_count: int


def read_bookings(limit: int | None = None) -> RealBookings:
    """Map the export's rows, the first `limit` of them if given."""
    lines = gzip.decompress(CSV.read_bytes()).splitlines(keepends=True)
    body = b"".join(lines if limit is None else lines[: limit + 1])
    properties = {name: Property(name, name, "Europe/Lisbon", "EUR") for name in HOTELS.values()}
    codebook = Codebook("file_drop", properties, HOTELS, {}, settings={"export": "hotel_bookings"})
    mapped = list(map_reservations(body, codebook, MappingPlace("p:1:1")))
    rows = [row for row in mapped if isinstance(row, Incoming)]
    return RealBookings(frames("reservations", rows, 1).tables, rows, len(mapped) - len(rows))
