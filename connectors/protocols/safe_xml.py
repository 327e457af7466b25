"""XML from strangers into elements: no document type, no entities, no network, bounded in size and depth.

Whatever is wrong raises VendorChangedShape, so that a parser's user has one thing to catch.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from connectors.errors import VendorChangedShape

Element = Any  # lxml has no types of its own

MOST_BYTES: Final = 16 * 1024 * 1024
# Of one element: with very many of them, asking for any takes long.
MOST_ATTRIBUTES: Final = 200
_ENCODINGS: Final = frozenset(
    {"utf-8", "utf-16", "utf-16le", "utf-16be", "iso-8859-1", "windows-1252", "us-ascii", "ascii"}
)
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_PROLOG: Final = re.compile(rb"(?s)(?:\xef\xbb\xbf)?\s*(?:(?:<\?.*?\?>|<!--.*?-->)\s*)*")
_HAS_TOO_MANY_ATTRIBUTES: Final = etree.XPath(f"boolean(//*[@*[{MOST_ATTRIBUTES + 1}]])")
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
# Before a name: that name in whatever namespace. lxml then looks for it far faster than a loop over objects made of all.
ANY_NAMESPACE: Final = "{*}"


class UnsafeXML(VendorChangedShape):
    """The document uses what no booking needs (a document type, an odd encoding) or is larger than any message is."""

    code = "unsafe_xml"


def parse(body: bytes, *, most_bytes: int = MOST_BYTES) -> Element:
    """Give the root element. Comments and processing instructions are dropped, CDATA is text.

    Raises UnsafeXML for a document type, an encoding that is not allowed or a document too large; VendorChangedShape for
    what is not well-formed.
    """
    if len(body) > most_bytes:
        msg = f"the document has more than {most_bytes} bytes"
        raise UnsafeXML(msg)
    _check_encoding(body)
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True,
        dtd_validation=False, attribute_defaults=False, recover=False,
    )  # fmt: skip
    # A document type is refused before the parser meets what it declares; in UTF-16 it is seen afterwards.
    if body.startswith(b"<!DOCTYPE", _prolog_end(body)):
        _refuse_document_type()
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        msg = "the body is not well-formed XML"
        raise VendorChangedShape(msg) from error
    tree = root.getroottree()
    if tree.docinfo.doctype or tree.docinfo.internalDTD is not None:
        _refuse_document_type()
    if _HAS_TOO_MANY_ATTRIBUTES(root):
        msg = f"an element has more than {MOST_ATTRIBUTES} attributes"
        raise UnsafeXML(msg)
    return root


def local(element: Element) -> str:
    """Give an element's name without its namespace."""
    tag: str = element.tag
    return tag.rpartition("}")[2]


def children(element: Element, *names: str) -> Iterator[Element]:
    """Give the children of these names, whatever their namespace; without names all of them."""
    found: Iterator[Element] = element.iterchildren(*[ANY_NAMESPACE + name for name in names])
    return found


def child(element: Element | None, *path: str) -> Element | None:
    """Walk down by local names, the first child of each; None where one is missing."""
    for name in path:
        if element is None:
            return None
        element = next(element.iterchildren(ANY_NAMESPACE + name), None)
    return element


def descendants(element: Element, name: str) -> Iterator[Element]:
    """Yield every element of this local name below an element, in document order."""
    for found in element.iter(ANY_NAMESPACE + name):
        if found is not element:
            yield found


def text(element: Element | None) -> str | None:
    """Give an element's text with its children's, trimmed; None where there is none."""
    if element is None:
        return None
    return "".join(element.itertext()).strip() or None


def told(element: Element | None, name: str) -> str | None:
    """Give an attribute, trimmed; None where it is missing or empty. A namespaced attribute counts by its local name."""
    if element is None:
        return None
    found = element.get(name)
    if found is None:
        found = _of_a_namespace(element, "}" + name)
    return (found.strip() or None) if found is not None else None


def serialised(element: Element) -> bytes:
    """Write an element as a document of its own, in UTF-8."""
    written: bytes = etree.tostring(element, encoding="UTF-8", xml_declaration=True, with_tail=False)
    return written


def _of_a_namespace(element: Element, ending: str) -> str | None:
    # The keys alone: taking the values along looks each of them up anew.
    found = next((key for key in element.keys() if key.endswith(ending)), None)  # noqa: SIM118 no mapping
    said: str | None = None if found is None else element.get(found)
    return said


def _prolog_end(body: bytes) -> int:
    """Give where the document type or the root element begins, behind declaration, comments and instructions."""
    found = _PROLOG.match(body)
    return found.end() if found else 0


def _check_encoding(body: bytes) -> None:
    declared = _DECLARED.match(body[:400])
    if declared and declared[1].decode("ascii").lower() not in _ENCODINGS:
        msg = "the document is in an encoding that is not allowed: send UTF-8"
        raise UnsafeXML(msg)
    if not declared and not body.startswith(_BYTE_ORDER_MARKS) and b"\x00" in body[:4]:
        msg = "the document is in an encoding that is not allowed: send UTF-8"
        raise UnsafeXML(msg)


def _refuse_document_type() -> None:
    msg = "the document has a document type: send it without"
    raise UnsafeXML(msg)
