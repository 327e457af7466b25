"""What every OpenTravel message we write has in common: its root, who asks, of which hotel, and how values are written.

Text goes through lxml, never through string formatting. The same values give the same bytes: times and tokens come in.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, NamedTuple

from lxml import etree

from connectors.errors import RequestRefused
from hotel.money import Money

Element = Any  # lxml has no types of its own

NAMESPACE: Final = "http://www.opentravel.org/OTA/2003/05"
_IN: Final = f"{{{NAMESPACE}}}"
# What XML 1.0 has no way to write, and halves of characters.
_UNSTORABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LISTED: Final = re.compile(r"[0-9A-Z]{1,3}(\.[A-Z]{3}(\.X)?)?")
_HALF: Final = re.compile("[\ud800-\udfff]")


class Requestor(NamedTuple):
    """Who sends a message, as POS names it. `type` is of the code list UIT, `channel_type` of BCT."""

    ref: str
    type: str = "13"
    context: str | None = None
    password: str | None = None
    company: str | None = None
    company_code: str | None = None
    channel_type: str | None = None
    channel_name: str | None = None


class Head(NamedTuple):
    """What stands on a message's root; `sent_at` aware, `echo_token` comes back in the answer.

    `others`: more sources of the message, where a partner wants the hotel and the software named apart.
    """

    echo_token: str | None = None
    sent_at: datetime | None = None
    version: str = "1.0"
    target: str | None = "Production"
    language: str | None = None
    requestor: Requestor | None = None
    others: tuple[Requestor, ...] = ()


class Hotel(NamedTuple):
    """The hotel a message is about, in the receiver's codes."""

    code: str
    name: str | None = None
    context: str | None = None
    chain_code: str | None = None
    brand_code: str | None = None


def document(name: str, head: Head, /, **attributes: object) -> Element:
    """Begin a message; its POS follows where the head names a requestor."""
    root = etree.Element(_IN + name, nsmap={None: NAMESPACE})
    told = {
        "EchoToken": head.echo_token,
        "TimeStamp": head.sent_at,
        "Target": head.target,
        "Version": head.version,
        "PrimaryLangID": head.language,
    }
    _set(root, told | attributes)
    add_pos(root, head)
    return root


def add(parent: Element, name: str, content: str | None = None, /, **attributes: object) -> Element:
    """Append an element with a text, of which what XML cannot hold is dropped, and the attributes that are told.

    None and empty attributes are left out. Dates, instants, amounts and truths are written as XML Schema writes them.
    Raises RequestRefused where an attribute holds what XML cannot: a code with a hole in it would name another thing.
    """
    element = etree.SubElement(parent, _IN + name)
    _set(element, attributes)
    if content is not None:
        element.text = printable(content)
    return element


def add_path(parent: Element, *names: str) -> Element:
    """Append elements inside each other and give the innermost."""
    for name in names:
        parent = add(parent, name)
    return parent


def hotel_attributes(hotel: Hotel) -> dict[str, object]:
    """Give the attributes that name a hotel, the same in every message."""
    return {
        "ChainCode": hotel.chain_code,
        "BrandCode": hotel.brand_code,
        "HotelCode": hotel.code,
        "HotelName": hotel.name,
        "HotelCodeContext": hotel.context,
    }


def amount(minor: int, currency: str) -> str:
    """Write minor units in major units with all decimals of their currency."""
    return format(Money(minor, currency).decimal(), "f")


def printable(content: str) -> str:
    """Drop the characters XML cannot hold; half a character becomes U+FFFD."""
    return _HALF.sub("\ufffd", _UNSTORABLE.sub("", content))


def unique_id(parent: Element, ref: str, kind: str, *, context: str | None = None, **rest: object) -> Element:
    """Append a UniqueID; `kind` is of the code list UIT (14 reservation, 15 cancellation, 16 reference, 10 hotel)."""
    return add(parent, "UniqueID", Type=kind, ID=ref, ID_Context=context, **rest)


def is_listed(code: str | None) -> bool:
    """Tell whether a code has the form of the standard's code lists; one that has not stands in our extensions."""
    return code is not None and _LISTED.fullmatch(code) is not None


def add_pos(parent: Element, head: Head) -> None:
    """Append POS with a source for each requestor of a head; nothing where it names none."""
    sources = [each for each in (head.requestor, *head.others) if each]
    held = add(parent, "POS") if sources else None
    for each in sources:
        _add_source(held, each)


def _add_source(pos: Element, requestor: Requestor) -> None:
    source = add(pos, "Source")
    told = add(
        source,
        "RequestorID",
        Type=requestor.type,
        ID=requestor.ref,
        ID_Context=requestor.context,
        MessagePassword=requestor.password,
    )
    if requestor.company or requestor.company_code:
        add(told, "CompanyName", requestor.company, Code=requestor.company_code)
    if requestor.channel_type:
        channel = add(source, "BookingChannel", Type=requestor.channel_type, Primary=True)
        if requestor.channel_name:
            add(channel, "CompanyName", requestor.channel_name)


def _set(element: Element, attributes: dict[str, object]) -> None:
    for name, value in attributes.items():
        if value is None or value == "":
            continue
        written = _written(value)
        if _UNSTORABLE.search(written) or _HALF.search(written):
            msg = f"{name} holds a character that XML cannot carry"
            raise RequestRefused(msg)
        element.set(name, written)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return " ".join(map(str, value)) if isinstance(value, Iterable) and not isinstance(value, str) else str(value)
