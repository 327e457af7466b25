"""SOAP 1.1 and 1.2 around an XML message, or no SOAP at all: whoever reads the message need not know which.

A fault that comes as an answer is an error named by what to do about it: their side (try later), ours (refused),
or the credentials.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, NoReturn

from lxml import etree

from connectors.errors import FixCredentials, RequestRefused, TryLater, VendorChangedShape
from connectors.protocols.safe_xml import child, children, local, parse, serialised, text

Element = Any  # lxml has no types of its own

SOAP_11: Final = "1.1"
SOAP_12: Final = "1.2"
NAMESPACES: Final = {
    SOAP_11: "http://schemas.xmlsoap.org/soap/envelope/",
    SOAP_12: "http://www.w3.org/2003/05/soap-envelope",
}
_VERSIONS: Final = {namespace: version for version, namespace in NAMESPACES.items()}
# Whose fault it is: SOAP 1.1 says Client and Server, SOAP 1.2 says Sender and Receiver.
_THEIRS: Final = frozenset({"Server", "Receiver"})
_CREDENTIALS: Final = frozenset(
    {"FailedAuthentication", "InvalidSecurityToken", "InvalidSecurity", "UnsupportedSecurityToken", "FailedCheck"}
)
SENDER: Final = {SOAP_11: "Client", SOAP_12: "Sender"}
RECEIVER: Final = {SOAP_11: "Server", SOAP_12: "Receiver"}


class Envelope(NamedTuple):
    """A message and what was around it: `version` None and no headers where it came without SOAP."""

    payload: Element
    version: str | None = None
    security: Element | None = None
    headers: tuple[Element, ...] = ()


def unwrap(body: bytes) -> Envelope:
    """Give the message inside a SOAP envelope, or the document itself where there is none.

    Raises VendorChangedShape for what is no XML or an envelope that does not hold one message; for a fault TryLater,
    FixCredentials or RequestRefused, whose message names the fault's code and nothing of its text.
    """
    root = parse(body)
    version = _version_of(root)
    if version is None:
        return Envelope(root)
    headers = tuple(children(child(root, "Header"))) if child(root, "Header") is not None else ()
    security = next((header for header in headers if local(header) == "Security"), None)
    found = list(children(child(root, "Body"))) if child(root, "Body") is not None else []
    if len(found) != 1:
        msg = f"a SOAP body holds one message, this one {len(found)}"
        raise VendorChangedShape(msg)
    if local(found[0]) == "Fault" and etree.QName(found[0]).namespace in _VERSIONS:
        _raise_fault(found[0])
    return Envelope(found[0], version, security, headers)


def wrap(
    payload: Element, version: str | None = SOAP_11, security: Element | None = None, headers: Sequence[Element] = ()
) -> bytes:
    """Write a message in an envelope of that version, or as a plain document where `version` is None (no headers then)."""
    if version is None:
        return serialised(payload)
    namespace = NAMESPACES[version]
    root = etree.Element(_in(namespace, "Envelope"), nsmap={"soap": namespace})
    heads = [head for head in (security, *headers) if head is not None]
    if heads:
        etree.SubElement(root, _in(namespace, "Header")).extend(heads)
    etree.SubElement(root, _in(namespace, "Body")).append(payload)
    return serialised(root)


def fault(version: str, reason: str, *, is_theirs: bool = True) -> bytes:
    """Write a fault; `is_theirs`: the sender's mistake, else ours, so that sending it again may help."""
    namespace = NAMESPACES[version]
    code = (SENDER if is_theirs else RECEIVER)[version]
    found = etree.Element(_in(namespace, "Fault"), nsmap={"soap": namespace})
    if version == SOAP_11:
        etree.SubElement(found, "faultcode").text = f"soap:{code}"
        etree.SubElement(found, "faultstring").text = reason
    else:
        holder = etree.SubElement(found, _in(namespace, "Code"))
        etree.SubElement(holder, _in(namespace, "Value")).text = f"soap:{code}"
        told = etree.SubElement(etree.SubElement(found, _in(namespace, "Reason")), _in(namespace, "Text"))
        told.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
        told.text = reason
    return wrap(found, version)


def media_type(version: str | None, action: str = "") -> str:
    """Give the Content-Type of a message; only SOAP 1.2 names its action in it."""
    if version == SOAP_12:
        return "application/soap+xml; charset=utf-8" + (f'; action="{action}"' if action else "")
    return "text/xml; charset=utf-8"


def action_headers(version: str | None, action: str = "") -> dict[str, str]:
    """Give the headers that name an action: SOAPAction, always quoted and always there, in SOAP 1.1 only."""
    return {"SOAPAction": f'"{action}"'} if version == SOAP_11 else {}


def _version_of(root: Element) -> str | None:
    if local(root) != "Envelope":
        return None
    version = _VERSIONS.get(etree.QName(root).namespace or "")
    if version is None:
        msg = "the envelope is of no known SOAP version"
        raise VendorChangedShape(msg)
    return version


def _raise_fault(found: Element) -> NoReturn:
    codes = _codes(found)
    shown = ".".join(codes) or "without a code"
    if _CREDENTIALS & set(codes):
        msg = f"the answer is a SOAP fault ({shown}): check the credentials"
        raise FixCredentials(msg)
    if _THEIRS & set(codes):
        msg = f"the answer is a SOAP fault ({shown})"
        raise TryLater(msg)
    msg = f"the answer is a SOAP fault ({shown})"
    raise RequestRefused(msg)


def _codes(found: Element) -> list[str]:
    """List the fault's codes, the outer first; SOAP 1.1 parts them by points, SOAP 1.2 nests them."""
    told = [text(child(found, "faultcode"))]
    code = child(found, "Code")
    while code is not None:
        told.append(text(child(code, "Value")))
        code = child(code, "Subcode")
    words = [word for each in told if each for word in each.rpartition(":")[2].split(".")]
    return [word[:40] for word in words if word.isidentifier()]


def _in(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}"
