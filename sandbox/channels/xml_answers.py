"""What the servers that speak XML share: a request read, an element with its children, an answer, an amount."""

from collections.abc import Iterator
from typing import Any, Final

from lxml import etree
from starlette.responses import Response

from hotel.money import Money

Element = Any  # lxml has no types of its own

XML: Final = "text/xml; charset=utf-8"


def parsed(body: bytes) -> Element | None:
    """Read a request, None where it is no XML."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True)
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def name_of(element: Element) -> str:
    """Give an element's name without its namespace."""
    return str(etree.QName(element).localname)


def space_of(element: Element) -> str:
    """Give an element's namespace."""
    return str(etree.QName(element).namespace or "")


def below(element: Element, *path: str) -> Iterator[Element]:
    """Yield the elements that a path of names leads to, whatever their namespace."""
    if not path:
        yield element
        return
    for child in element.iterchildren("{*}" + path[0]):
        yield from below(child, *path[1:])


def first(element: Element | None, *path: str) -> Element | None:
    """Give the first element that a path leads to."""
    return None if element is None else next(below(element, *path), None)


def root(namespace: str, name: str, **attributes: str | None) -> Element:
    """Begin a document."""
    element = etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace})
    return _with(element, attributes)


def add(parent: Element, name: str, text: str | None = None, /, **attributes: str | None) -> Element:
    """Append an element in its parent's namespace; attributes that are None are left out."""
    element = etree.SubElement(parent, f"{{{space_of(parent)}}}{name}")
    element.text = text
    return _with(element, attributes)


def written(element: Element) -> bytes:
    """Write a document."""
    return bytes(etree.tostring(element, encoding="UTF-8", xml_declaration=True))


def answer(element: Element, status: int = 200, media_type: str = XML) -> Response:
    """Answer with a document."""
    return Response(written(element), status, media_type=media_type)


def major(minor: int, currency: str) -> str:
    """Write an amount in major units, with all decimals of its currency."""
    return format(Money(minor, currency).decimal(), "f")


def _with(element: Element, attributes: dict[str, str | None]) -> Element:
    for name, value in attributes.items():
        if value is not None:
            element.set(name, value)
    return element
