"""Bookings as partners might tell them, in our own words, and what is read of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.ports import MappingPlace
from connectors.protocols.opentravel.dialect import STANDARD, Dialect, dialect_from
from connectors.protocols.opentravel.reading import map_reservations
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import Incoming, Refused
from hotel.properties import Property
from hotel.reservations import Reservation, Room

NAMESPACE = "http://www.opentravel.org/OTA/2003/05"
CITY = Property("city-hotel", "City Hotel", "Europe/Lisbon", "EUR", country_code="PT")
EVERY_FIELD = frozenset(
    {"room_type", "rate_plan", "market_segment", "channel", "origin", "customer_type", "meal_plan", "guarantee"}
)
BOOK = Codebook("ota", {"city-hotel": CITY}, {"CITY": "city-hotel"}, {}, EVERY_FIELD)
PLACE = MappingPlace("i:7", 0, "city-hotel", datetime(2026, 3, 1, tzinfo=UTC))

TWO_NIGHTS = '<TimeSpan Start="2026-05-01" End="2026-05-03"/>'
TOTAL = '<Total AmountAfterTax="200.00" CurrencyCode="EUR"/>'
NUMBER = '<UniqueID Type="14" ID="R1"/>'


def stay(content: str = TOTAL, *, span: str = TWO_NIGHTS, attributes: str = "", code: str = "STD") -> str:
    """Write a RoomStay of two nights."""
    room = f'<RoomTypes><RoomType RoomTypeCode="{code}"/></RoomTypes>' if code else ""
    return f'<RoomStay {attributes}>{room}{content}{span}<BasicPropertyInfo HotelCode="CITY"/></RoomStay>'


def rates(*ranges: tuple[str, str | None, str], base: str = 'CurrencyCode="EUR"', inside: str = "") -> str:
    """Write a RoomRate of rates: first date, last date, price after tax."""
    told = "".join(
        f'<Rate EffectiveDate="{first}"{f" ExpireDate={last!r}" if last else ""}>'.replace("'", '"')
        + f'<Base AmountAfterTax="{price}" {base}/>{inside}</Rate>'
        for first, last, price in ranges
    )
    return f"<RoomRates><RoomRate><Rates>{told}</Rates></RoomRate></RoomRates>"


def booking(
    *stays: str,
    number: str = NUMBER,
    attributes: str = 'ResStatus="Book"',
    more: str = "",
    info: str = "",
    name: str = "HotelReservation",
) -> str:
    """Write one reservation."""
    held = f"<RoomStays>{''.join(stays or (stay(),))}</RoomStays>"
    told = f"<ResGlobalInfo>{info}</ResGlobalInfo>" if info else ""
    return f"<{name} {attributes}>{number}{held}{more}{told}</{name}>"


def message(*bookings: str, root: str = "OTA_HotelResNotifRQ", attributes: str = "", before: str = "") -> bytes:
    """Write a message of reservations."""
    holder = {"OTA_ResRetrieveRS": "ReservationsList", "OTA_HotelResModifyNotifRQ": "HotelResModifies"}.get(
        root, "HotelReservations"
    )
    held = f"<{holder}>{''.join(bookings)}</{holder}>"
    return f'<{root} xmlns="{NAMESPACE}" Version="1.0" {attributes}>{before}{held}</{root}>'.encode()


def mapped(body: bytes, told_by: Mapping[str, Any] | Dialect = STANDARD, **book: Any) -> list[Incoming | Refused]:
    """Map a body in a dialect, with a codebook changed as told."""
    dialect = told_by if isinstance(told_by, Dialect) else dialect_from(told_by)
    return list(map_reservations(body, BOOK._replace(**book), PLACE, dialect))


def read(body: bytes | str, told_by: Mapping[str, Any] | Dialect = STANDARD, **book: Any) -> Reservation:
    """Read the one reservation of a message, or of what `booking` wrote."""
    return incoming(body, told_by, **book).row  # type: ignore[return-value]


def incoming(body: bytes | str, told_by: Mapping[str, Any] | Dialect = STANDARD, **book: Any) -> Incoming:
    """Give the one reservation of a message with its version, action and warnings."""
    rows = mapped(message(body) if isinstance(body, str) else body, told_by, **book)
    assert [row for row in rows if isinstance(row, Refused)] == []
    (found,) = [row for row in rows if isinstance(row, Incoming) and isinstance(row.row, Reservation)]
    return found


def room(body: bytes | str, told_by: Mapping[str, Any] | Dialect = STANDARD, **book: Any) -> Room:
    """Read the one room of the one reservation."""
    (found,) = read(body, told_by, **book).rooms
    return found


def guests(body: bytes | str, told_by: Mapping[str, Any] | Dialect = STANDARD) -> list[Guest]:
    """Read the profiles of a message."""
    rows = mapped(message(body) if isinstance(body, str) else body, told_by)
    return [row.row for row in rows if isinstance(row, Incoming) and isinstance(row.row, Guest)]


def refusal(body: bytes | str, told_by: Mapping[str, Any] | Dialect = STANDARD, **book: Any) -> Refused:
    """Give the one row of a message, which must have been refused."""
    (found,) = mapped(message(body) if isinstance(body, str) else body, told_by, **book)
    assert isinstance(found, Refused)
    return found


def reason(body: bytes | str, told_by: Mapping[str, Any] | Dialect = STANDARD, **book: Any) -> str:
    """Give the code of the one reason of a refusal."""
    (found,) = refusal(body, told_by, **book).reasons
    return found.code


def prices(found: Room) -> list[int]:
    """List the prices of a room's nights."""
    return [night.price_minor for night in found.nights]
