"""A body into its message and the reservations it holds, whatever is around them: SOAP, wrappers, any namespace, any year."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from connectors.errors import ConnectorError, VendorChangedShape
from connectors.protocols.safe_xml import descendants, local
from connectors.protocols.soap import unwrap

Element = Any  # lxml has no types of its own

RESERVATIONS: Final = frozenset({"HotelReservation", "HotelResModify"})
CONTAINERS: Final = frozenset({"HotelReservations", "ReservationsList", "HotelResModifies"})
CANCEL: Final = "CancelRQ"
# A wrapper, a request or result inside it, the container: deeper lies no reservation of its own.
_DEEPEST: Final = 4
_NO_RESERVATIONS: Final = frozenset({"RoutingHops", "WrittenConfInst", "TPA_Extensions", "UniqueID"})
_MAY_BE_EMPTY: Final = ("HotelRes", "ResRetrieve")


class Message(NamedTuple):
    """One message: `kind` is its name without `OTA_`, `root` its element, `head` the element around the containers.

    `items` are the hotel reservations (the CancelRQ itself, for a cancel), `others` those of airlines, cruises and tours.
    """

    kind: str
    root: Element
    head: Element
    items: tuple[Element, ...] = ()
    others: tuple[Element, ...] = ()


def opened(body: bytes) -> Message:
    """Open a body; raises VendorChangedShape where it is no XML or holds no message that may hold a reservation."""
    message = message_of(unwrap(body).payload)
    if message.items or message.others or message.kind.startswith(_MAY_BE_EMPTY):
        return message
    msg = "the body is no message that tells of reservations"
    raise VendorChangedShape(msg)


def stored(body: bytes) -> Message:
    """Open a body that was stored: a fault or an error in it is no booking, and asking again does not help."""
    try:
        message = opened(body)
        if message.items or message.others or next(descendants(message.root, "Errors"), None) is None:
            return message
        msg = "the stored body is an answer that says no"
        raise VendorChangedShape(msg)  # noqa: TRY301 its own kind passes below
    except VendorChangedShape:
        raise
    except ConnectorError as error:
        msg = f"the stored body is a SOAP fault, no message: {error.code}"
        raise VendorChangedShape(msg) from error


def message_of(root: Element) -> Message:
    """Find the reservations below a message's element."""
    kind = kind_of(root)
    if kind == CANCEL:
        return Message(kind, root, root, (root,))
    if local(root) in RESERVATIONS:
        return Message(kind, root, root, (root,))
    containers = list(_containers(root, 0))
    head = containers[0].getparent() if containers else root
    children = [child for container in containers for child in container]
    items = tuple(child for child in children if local(child) in RESERVATIONS)
    others = tuple(
        child for child in children if local(child).endswith("Reservation") and local(child) not in RESERVATIONS
    )
    return Message(kind, root, head, items, others)


def kind_of(root: Element) -> str:
    """Give a message's name without `OTA_`."""
    return local(root).removeprefix("OTA_")


def _containers(element: Element, depth: int) -> Iterator[Element]:
    for child in element:
        name = local(child)
        if name in CONTAINERS:
            yield child
        elif depth < _DEEPEST and name not in _NO_RESERVATIONS:
            yield from _containers(child, depth + 1)
