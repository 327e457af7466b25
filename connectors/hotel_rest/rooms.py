"""Room status and rates into our language."""

from collections.abc import Iterator

from connectors import json_rows
from connectors.clocks import micros
from connectors.hotel_rest import shapes
from connectors.hotel_rest.reading import RestReading
from connectors.hotel_rest.words import HOUSEKEEPINGS, NOT_KNOWN, ROOM_STATUSES
from connectors.ports import MappingPlace
from connectors.reading import RefuseError, decimals_of, minor
from hotel.codebook import Codebook
from hotel.incoming import Incoming, Refused, UnmappedCode
from hotel.rooms import Rate, RoomStatus
from hotel.status import UNMAPPED_CODE

ROOM_STATUS = "room_status"
RATES = "rates"


def map_room_status(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Map the rooms of a house: occupancy, housekeeping and sellability are three axes, none told by another."""
    rooms = json_rows.rows(body, "rooms", shapes.RoomStatus)
    return RestReading(codebook, place).rows(ROOM_STATUS, rooms, _room_status, lambda room: room.number)


def _room_status(reading: RestReading, told: shapes.RoomStatus, number: int) -> Incoming:
    reading.begin_row()
    house = reading.house(told.property_id)
    observed_at = reading.at(told.observed_at, "observedAt", house) or reading.place.received_at
    if observed_at is None:
        code = "field_missing"
        raise RefuseError(code, "observedAt")
    axes = ROOM_STATUSES.get(told.status)
    if axes is None:
        reading.unmapped.append(UnmappedCode("room_status", told.status))
        axes = NOT_KNOWN
    row = RoomStatus(
        source=reading.codebook.source,
        property_id=house.property_id,
        room_code=told.number,
        occupancy=axes.occupancy,
        housekeeping=_housekeeping(reading, told.housekeeping) or axes.housekeeping,
        sellability=axes.sellability,
        observed_at=observed_at,
    )
    return Incoming(
        row,
        reading.raw_ref(number),
        micros(observed_at),
        observed_at,
        warnings=reading.warnings,
        unmapped=tuple(reading.unmapped),
    )


def _housekeeping(reading: RestReading, word: str | None) -> str | None:
    if not word:
        return None
    known = HOUSEKEEPINGS.get(word.lower())
    if known is None:
        reading.unmapped.append(UnmappedCode("housekeeping", word))
        return "unknown"
    return known


def map_rates(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Map prices by date; a source without versions, so the order of arrival decides."""
    rates = json_rows.rows(body, "rates", shapes.Rate)
    return RestReading(codebook, place).rows(RATES, rates, _rate, _ref)


def _ref(told: shapes.Rate) -> str:
    return f"{told.rate_plan}/{told.room_type}/{told.date}/{told.occupancy}"


def _rate(reading: RestReading, told: shapes.Rate, number: int) -> Incoming:
    reading.begin_row()
    house = reading.house(told.property_id)
    is_included = told.tax_included
    row = Rate(
        source=reading.codebook.source,
        property_id=house.property_id,
        rate_plan_code=reading.code(house, "rate_plan", told.rate_plan) or UNMAPPED_CODE,
        room_type_code=reading.code(house, "room_type", told.room_type) or UNMAPPED_CODE,
        stay_on=told.date,
        occupancy_count=told.occupancy,
        price_minor=minor(told.price, decimals_of(told.currency), "price") or 0,
        currency=told.currency,
        is_tax_included=house.is_price_tax_included if is_included is None else is_included,
    )
    return Incoming(row, reading.raw_ref(number), unmapped=tuple(reading.unmapped))
