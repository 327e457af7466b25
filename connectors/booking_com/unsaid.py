"""What Booking.com leaves unsaid because it goes without saying there: when a night ends, and who sold the room."""

from datetime import date, timedelta
from typing import Final

from lxml import etree

from connectors.protocols.opentravel.places import elements
from connectors.protocols.safe_xml import Element, child, descendants, parse, serialised, told

SELLER: Final = "Booking.com"
_DAY: Final = timedelta(days=1)
_AMOUNTS: Final = ("AmountAfterTax", "AmountBeforeTax", "Amount", "CurrentBalance")


def said(body: bytes) -> bytes:
    """Give the message with these things said the way the standard says them; raises VendorChangedShape for no XML."""
    root = parse(body)
    for name in ("HotelReservation", "HotelResModify"):
        for booking in root.iter("{*}" + name):
            _name_seller(booking)
            for room_stay in elements("RoomStays/RoomStay", booking):
                _date(room_stay)
    for element in root.iter("{*}*"):
        _point(element)
    return serialised(root)


def _name_seller(booking: Element) -> None:
    if child(booking, "POS") is not None:
        return
    place = booking
    for name in ("POS", "Source", "BookingChannel", "CompanyName"):
        place = _add(place, name)
    place.set("Code", SELLER)


def _date(room_stay: Element) -> None:
    """End each night the day after, and the stay with its last night."""
    nights = []
    for rate in elements("RoomRates/RoomRate", room_stay):
        night_on = _day(told(rate, "EffectiveDate"))
        if night_on is None:
            return  # what cannot be read is refused where everything is read
        nights.append(night_on)
        if told(rate, "ExpireDate") is None:
            rate.set("ExpireDate", (night_on + _DAY).isoformat())
    if nights and child(room_stay, "TimeSpan") is None:
        span = _add(room_stay, "TimeSpan")
        span.set("Start", min(nights).isoformat())
        span.set("End", (max(nights) + _DAY).isoformat())


def _point(element: Element) -> None:
    """Take the scale from an amount that has a decimal point: it is written out already."""
    if told(element, "DecimalPlaces") and any("." in (told(element, name) or "") for name in _AMOUNTS):
        del element.attrib["DecimalPlaces"]


def _day(written: str | None) -> date | None:
    try:
        read = date.fromisoformat(written or "")
    except ValueError:
        return None
    return read if read < date.max else None


def _add(parent: Element, name: str) -> Element:
    namespace = etree.QName(parent).namespace
    return etree.SubElement(parent, f"{{{namespace}}}{name}" if namespace else name)


def without_cards(body: bytes) -> bytes:
    """Give the message without its guarantees: a guest's card is told until the acknowledgement and never again."""
    root = parse(body)
    for guarantee in list(descendants(root, "Guarantee")):
        guarantee.getparent().remove(guarantee)
    return serialised(root)
