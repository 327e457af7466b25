"""What is asked of a partner's queue and what confirms it; a receipt holds the numbers a booking came with."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from connectors.opentravel_generic.settings import RES, TAKEN, Acknowledge, Pull
from connectors.protocols.opentravel.compose_replies import Confirmed, reservations_taken
from connectors.protocols.opentravel.compose_requests import (
    UPDATED,
    Selection,
    Stored,
    notif_report,
    read_request,
)
from connectors.protocols.opentravel.compose_xml import Element, Head, Hotel, add, add_path, add_pos, document
from connectors.protocols.opentravel.dialect import Dialect
from connectors.protocols.opentravel.heads import heads
from connectors.protocols.safe_xml import children, descendants, local, parse, told
from connectors.queues import Pulled, Taken

_ITEMS: Final = frozenset({"HotelReservation", "HotelResModify"})


class Receipt(msgspec.Struct):
    """The numbers of one booking message: its UniqueIDs as (type, id, context), and the one the dialect calls its own."""

    ids: list[tuple[str, str, str | None]]
    ref: str
    status: str | None = None


def question(head: Head, hotel: Hotel, pull: Pull) -> Element:
    """Write what asks for bookings."""
    if pull.message == RES:
        root = document(RES, head)
        add_path(root, "HotelReservations", "HotelReservation")
        return root
    chosen = Selection("Undelivered", status=pull.status)
    if pull.selection == "modified" and head.sent_at:
        first = head.sent_at - timedelta(hours=pull.hours)
        chosen = Selection(None, UPDATED, first, head.sent_at, pull.status)
    return read_request(head, hotel if pull.names_hotel else None, chosen)


def named(pulled: Pulled, dialect: Dialect) -> Pulled:
    """Give a message with a receipt that holds its numbers."""
    found = heads(pulled.body, dialect)
    root = parse(pulled.body)
    item = next((each for each in root.iter("{*}*") if local(each) in _ITEMS), root)
    ids = [
        (told(each, "Type") or "14", told(each, "ID") or "", told(each, "ID_Context"))
        for each in children(item, "UniqueID")
    ]
    ref = found[0].source_ref if found else None
    receipt = Receipt(ids, ref or (ids[0][1] if ids else pulled.event_id), told(item, "ResStatus"))
    return pulled._replace(receipt=msgspec.json.encode(receipt).decode())


def confirmation(head: Head, taken: Sequence[Taken], style: Acknowledge, *, is_proof: bool) -> Element:
    """Write what confirms messages; `is_proof`: POS says who we are, where the partner looks for it."""
    receipts = [(msgspec.json.decode(each.receipt, type=Receipt), each.our_ref) for each in taken]
    if style.message == TAKEN:
        confirmed = [Confirmed(receipt.ref, ref if style.tells_our_ref else None) for receipt, ref in receipts]
        return reservations_taken(TAKEN, head, confirmed, our_ref_type=style.our_ref_type)
    bare = head._replace(requestor=None, others=())
    if style.names == "reservation_ids":
        root = _by_reservation_ids(bare, receipts, style)
    else:
        root = notif_report(bare, [_stored(*each, style) for each in receipts], our_ref_type=style.our_ref_type)
    if is_proof:
        _prove(root, head, style)
    return root


def _stored(receipt: Receipt, our_ref: str, style: Acknowledge) -> Stored:
    wanted = [each for each in receipt.ids if not style.types or each[0] in style.types]
    ids = tuple(wanted) or (("14", receipt.ref, None),)
    return Stored(ids, our_ref if style.tells_our_ref else None, receipt.status)


def _by_reservation_ids(head: Head, receipts: Sequence[tuple[Receipt, str]], style: Acknowledge) -> Element:
    root = notif_report(head)
    held = add_path(root, "NotifDetails", "HotelNotifReport", "HotelReservations")
    for receipt, our_ref in receipts:
        ids = add_path(add(held, "HotelReservation"), "ResGlobalInfo", "HotelReservationIDs")
        if style.tells_our_ref:
            add(ids, "HotelReservationID", ResID_Type=style.our_ref_type, ResID_Value=our_ref)
        add(ids, "HotelReservationID", ResID_Type=style.their_ref_type, ResID_Value=receipt.ref)
    return root


def _prove(root: Element, head: Head, style: Acknowledge) -> None:
    """Say who we are at the root, or inside of each reservation."""
    places = list(descendants(root, "HotelReservation")) if style.pos_inside else [root]
    for place in places:
        add_pos(place, head)
        place.insert(0, place[-1])
