"""A page of a queue into single messages: each a document by itself, named the same whoever waits beside it."""

from collections.abc import Iterator
from copy import deepcopy
from hashlib import sha256
from typing import Any, Final

from lxml import etree

from connectors.errors import VendorChangedShape
from connectors.protocols.opentravel.dialect import Dialect
from connectors.protocols.opentravel.heads import Head, head
from connectors.protocols.opentravel.messages import CANCEL, Message, message_of
from connectors.protocols.opentravel.outcomes import check, outcome_of
from connectors.protocols.opentravel.places import first_told
from connectors.protocols.safe_xml import child, children, serialised
from connectors.protocols.soap import unwrap
from connectors.queues import Pulled

Element = Any  # lxml has no types of its own

# What an answer says of itself, another time another way: no part of the message in it.
_OF_THE_ANSWER: Final = frozenset(
    {
        "TimeStamp", "Timestamp", "EchoToken", "CorrelationID", "TransactionIdentifier", "SequenceNmbr",
        "MoreDataEchoToken", "MoreIndicator", "RetransmissionIndicator", "MaxResponses",
    }
)  # fmt: skip


def split(body: bytes, dialect: Dialect) -> tuple[Pulled, ...]:
    """Part an answer into its reservations, in its order; none waits: an empty tuple.

    Raises VendorChangedShape where the body is no message of reservations, and what `outcomes.check` raises where it is an
    answer without success.
    """
    root = unwrap(body).payload
    message = message_of(root)
    if not message.items and not message.others:
        _check_empty(message, root)
        return ()
    return tuple(_pulled(message, item, single, dialect) for item, single in _singles(message, dialect))


def _check_empty(message: Message, root: Element) -> None:
    if not message.kind.startswith(("HotelRes", "ResRetrieve")):
        msg = "the answer is no message that tells of reservations"
        raise VendorChangedShape(msg)
    answer = outcome_of(root)
    is_request = message.kind.endswith("RQ")
    if not is_request and not answer.is_success and not answer.errors:
        msg = "the answer holds no reservation and does not say that this is right"
        raise VendorChangedShape(msg)
    if not is_request:
        check(answer)


def _pulled(message: Message, item: Element, single: bytes, dialect: Dialect) -> Pulled:
    facts = head(message, item, dialect)
    event_id = facts.message_id or sha256(single).hexdigest()
    receipt = _receipt(facts, event_id, dialect)
    return Pulled(event_id, facts.event_type, single, facts.hotel_ref, receipt, facts.message_id is None)


def _receipt(facts: Head, event_id: str, dialect: Dialect) -> str:
    if dialect.receipt == "reservation":
        return facts.source_ref or event_id
    return event_id


def _singles(message: Message, dialect: Dialect) -> Iterator[tuple[Element, bytes]]:
    """Yield each reservation, hotel's or another's, with the document that holds it alone."""
    if message.kind == CANCEL or message.items == (message.root,):
        yield message.root, serialised(message.root)
        return
    for item in (*message.items, *message.others):
        yield item, serialised(_alone(message, item, dialect))


def _alone(message: Message, item: Element, dialect: Dialect) -> Element:
    shell = _shell(message.root)
    if len(message.items) == 1 and first_told(dialect.reservation_refs, item) is None:
        shell.extend(deepcopy(number) for number in children(message.root, "UniqueID"))
    sold_at = child(message.head, "POS")
    if sold_at is not None:
        shell.append(deepcopy(sold_at))
    container = item.getparent()
    holder = etree.SubElement(shell, container.tag, dict(container.attrib), nsmap=container.nsmap)
    holder.append(deepcopy(item))
    holder[0].tail = None
    # What was declared around the message, once with SOAP and once without, is no part of it.
    etree.cleanup_namespaces(shell)
    return shell


def _shell(root: Element) -> Element:
    kept = {name: value for name, value in root.attrib.items() if name.rpartition("}")[2] not in _OF_THE_ANSWER}
    own = etree.QName(root).namespace
    return etree.Element(root.tag, kept, nsmap={prefix: uri for prefix, uri in root.nsmap.items() if uri == own})
