"""Rows of an export into reservations of ours: one row, one room, one reservation. Their words end here."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import zip_longest
from typing import Final

from connectors.errors import FixMapping
from connectors.file_drop.export import load_export
from connectors.file_drop.plan import check_header, plan
from connectors.file_drop.rules import Export
from connectors.file_drop.steps import Binding, Known
from connectors.file_drop.values import Reader, Unreadable
from connectors.ports import MappingPlace
from hotel.codebook import ANY_PROPERTY, Codebook
from hotel.incoming import Incoming, Reason, Refused
from hotel.money import split_evenly
from hotel.reservations import Night, Reservation, Room, Withheld, stay_dates, withheld
from hotel.status import HOLDING, SOLD, use_of_night

LONGEST_STAY: Final = 3_660  # nights; a wrong century must not fill the memory
_PRESET: Final = {"room_ref": "1", "room_count": 1, "is_complimentary": False, "is_house_use": False}

_ROOM_DEFAULTS: Final = tuple(map(Room._field_defaults.get, Room._fields))
_RESERVATION_DEFAULTS: Final = tuple(map(Reservation._field_defaults.get, Reservation._fields))


def map_reservations(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Map a page by the export that the integration's settings name (`export = "hotel_bookings"`)."""
    name = codebook.settings.get("export")
    if not name:
        msg = "state in the integration's settings which mapping reads its files: export = <name in exports/>"
        raise FixMapping(msg)
    return map_rows(load_export(name), body, codebook, place)


def map_rows(export: Export, body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Map a page (CSV text with its header) row by row; a row that cannot be read is refused with all its reasons."""
    text = body.decode()
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(rows, [])
    check_header(export, header)
    at = {name: index for index, name in enumerate(header)}
    binding = Binding(export, at, Reader(export.file, export.name), codebook, place.property_id)
    mapper = _RowMapper(binding, header, has_nul="\0" in text)
    for number, row in enumerate(rows, place.first_row):
        yield mapper.map(row, number, f"{place.raw_ref}:{number}")


class _RowMapper:
    """What all rows of a page share."""

    def __init__(self, binding: Binding, header: Sequence[str], *, has_nul: bool) -> None:
        self._steps = plan(binding)
        self._header = header
        self._has_nul = has_nul
        self._property_id = binding.property_id or ANY_PROPERTY
        self._is_numbered_by_row = binding.export.is_numbered_by_row()
        self._is_per_night = bool(binding.export.price.per_night)
        self._source = binding.codebook.source
        self._properties = binding.codebook.properties

    def map(self, row: list[str], number: int, raw_ref: str) -> Incoming | Refused:
        """Map one row; `number` counts the rows of the pull from 0, its position in the file from 1."""
        known: Known = {**_PRESET, "source": self._source, "row": str(number + 1), "unmapped": []}
        if len(row) != len(self._header):
            return self._refused(row, known, raw_ref, (Reason("field_count", "", f"{len(row)}"),))
        if self._has_nul and any("\0" in value for value in row):
            return self._refused(row, known, raw_ref, (Reason("nul_byte"),))
        try:
            for field, step in self._steps:
                known[field] = step(row, known)
            reservation = self._reservation(known)
        except Unreadable:
            return self._refused(row, known, raw_ref, tuple(self._reasons(row, known)))
        return Incoming(reservation, raw_ref, unmapped=tuple(known["unmapped"]))

    def _reservation(self, known: Known) -> Reservation:
        arrival_on, departure_on = known["arrival_on"], known["departure_on"]
        days = _days(arrival_on, departure_on)
        price = known["price_minor"]
        total = price * len(days) if self._is_per_night else price
        known["total_minor"] = total
        known["is_complimentary"] = bool(known["is_complimentary"])
        known["is_house_use"] = bool(known["is_house_use"])
        known["is_day_use"] = arrival_on == departure_on
        known["is_inventory_held"] = known["status"] in HOLDING
        known["nights"] = self._nights(known, days, [price] * len(days) if self._is_per_night else _split(total, days))
        known["rooms"] = (Room._make(map(known.get, Room._fields, _ROOM_DEFAULTS)),)
        return Reservation._make(map(known.get, Reservation._fields, _RESERVATION_DEFAULTS))

    def _nights(self, known: Known, days: Sequence[date], prices: Sequence[int]) -> tuple[Night, ...]:
        house = self._properties.get(known["property_id"])
        use = {
            price: use_of_night(
                price_minor=price,
                is_complimentary=known["is_complimentary"],
                is_house_use=known["is_house_use"],
                zero_price_use=house.zero_price_use if house else SOLD,
            )
            for price in set(prices)
        }
        room_type, plan_code, currency = known["room_type_code"], known.get("rate_plan_code"), known["currency"]
        tax = known.get("is_tax_included")
        priced = zip(days, prices, strict=True)
        return tuple([Night(day, use[price], room_type, plan_code, currency, price, tax) for day, price in priced])

    def _reasons(self, row: Sequence[str], known: Known) -> Iterator[Reason]:
        """Read the row again, each field for itself, and tell everything that is wrong with it."""
        for field, step in self._steps:
            try:
                known[field] = step(row, known)
            except Unreadable as unreadable:
                yield unreadable.reason
            except KeyError:
                continue  # made from a field that has been told already
        try:
            _days(known["arrival_on"], known["departure_on"])
        except Unreadable as unreadable:
            yield unreadable.reason
        except KeyError:
            return

    def _refused(self, row: Sequence[str], known: Known, raw_ref: str, reasons: tuple[Reason, ...]) -> Refused:
        try:
            lost = withheld(self._reservation(known))
        except (KeyError, Unreadable):
            lost = Withheld(0, 0, None)
        reference = known["row"] if self._is_numbered_by_row else f"row {known['row']}"
        pairs = zip_longest(self._header, row, fillvalue="")
        texts = {name or f"+{index}": value.replace("\0", "�") for index, (name, value) in enumerate(pairs, 1)}
        return Refused(
            "reservations",
            self._source,
            str(known.get("property_id", self._property_id)),
            str(known.get("source_ref", reference)),
            raw_ref,
            reasons,
            texts,
            **lost._asdict(),
        )


@lru_cache(maxsize=65_536)
def _days(arrival_on: date, departure_on: date) -> Sequence[date]:
    if (departure_on - arrival_on).days > LONGEST_STAY:
        raise Unreadable(Reason("stay_too_long", "departure_on"))
    return tuple(stay_dates(arrival_on, departure_on))


def _split(total: int, days: Sequence[date]) -> Sequence[int]:
    return split_evenly(total, len(days)) if days else ()
