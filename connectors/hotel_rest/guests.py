"""Guest profiles into our language. A million of them come in one night: the loop is kept short on purpose."""

from collections.abc import Iterator

from connectors import json_rows
from connectors.bookings import own
from connectors.contacts import e164, is_relay
from connectors.hotel_rest import shapes
from connectors.hotel_rest.reading import RestReading, source_version
from connectors.hotel_rest.words import GUEST_KINDS, NO_VIP
from connectors.ports import MappingPlace
from connectors.reading import RefuseError
from hotel.codebook import Codebook
from hotel.guests import Guest, fold_name
from hotel.incoming import WRITE, Incoming, Refused
from hotel.properties import Property

DATASET = "guests"


def map_guests(body: bytes, codebook: Codebook, place: MappingPlace) -> Iterator[Incoming | Refused]:
    """Map a page of profiles; a profile that cannot be understood is refused, the others pass."""
    return RestReading(codebook, place).rows(DATASET, json_rows.rows(body, "items", shapes.Guest), _incoming)


def _incoming(reading: RestReading, told: shapes.Guest, number: int) -> Incoming:
    reading.begin_row()
    house = reading.house(told.property_id)
    modified_at = reading.at(told.modified_at, "modifiedAt", house)
    version = told.revision if told.revision is not None else source_version(told, modified_at)
    row = _guest(reading, told, house)
    return Incoming(row, reading.raw_ref(number), version, modified_at, WRITE, "reservation", reading.warnings)


def _guest(reading: RestReading, told: shapes.Guest, house: Property) -> Guest:
    first, last, email, phone, vip = told.first_name, told.last_name, told.email, told.phone, told.vip_level
    full_name = f"{first} {last}" if first and last else first or last or None
    is_vip = vip not in NO_VIP
    return Guest(
        reading.codebook.source,
        house.property_id,
        own(told.id, "id"),
        GUEST_KINDS.get(told.kind) or _kind(told.kind),
        first,
        last,
        full_name,
        full_name and fold_name(full_name),
        email,
        is_relay(email),
        e164(phone, house.country_code),
        phone,
        told.nationality and told.nationality.upper(),
        told.language,
        told.date_of_birth,
        is_vip,
        str(vip) if is_vip else None,
        told.merged_into_id,
        told.active is not False,
        reading.at(told.created_at, "createdAt", house),
    )


def _kind(word: str | None) -> str:
    kind = GUEST_KINDS.get((word or "person").lower())
    if kind is None:
        code = "kind_unknown"
        raise RefuseError(code, "kind", word)
    return kind
