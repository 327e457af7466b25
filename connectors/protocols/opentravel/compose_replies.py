"""What we answer to whoever sent or asked: taken, taken with warnings, or not taken and why."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from connectors.protocols.opentravel.compose_xml import (
    Element,
    Head,
    Hotel,
    add,
    document,
    hotel_attributes,
    printable,
    unique_id,
)

# Of the code list EWT.
UNKNOWN: Final = "1"
BUSINESS_RULE: Final = "3"
AUTHENTICATION: Final = "4"
AUTHORIZATION: Final = "6"
FIELD_MISSING: Final = "10"
ADVISORY: Final = "11"
PROCESSING: Final = "12"
APPLICATION: Final = "13"
_SHORT: Final = 64
# Responses whose root must say what became of the booking.
_STATED: Final = {"OTA_CancelRS": ("Status", "Cancelled", "Unsuccessful")}


class Remark(NamedTuple):
    """An error or a warning: `type` of the code list EWT, `code` of ERR. `record_ref` names what it is about.

    `has_short` False: the text is no sentence and stands by itself.
    """

    text: str
    type: str = APPLICATION
    code: str | None = None
    record_ref: str | None = None
    status: str | None = None
    tag: str | None = None
    has_short: bool = True


class Confirmed(NamedTuple):
    """A booking we took: its number at the sender's, and ours where we have one already."""

    ref: str
    our_ref: str | None = None
    context: str | None = None
    our_context: str | None = None


def success(name: str, head: Head, warnings: Sequence[Remark] = ()) -> Element:
    """Write any response (`OTA_…RS`) that says yes, with warnings where there are some."""
    root = document(name, head, **_outcome(name, is_taken=True))
    add(root, "Success")
    _remarks(root, "Warnings", "Warning", warnings)
    return root


def failure(name: str, head: Head, errors: Sequence[Remark]) -> Element:
    """Write any response (`OTA_…RS`) that says no, and why."""
    root = document(name, head, **_outcome(name, is_taken=False))
    _remarks(root, "Errors", "Error", errors)
    return root


def reservations_taken(
    name: str,
    head: Head,
    confirmed: Sequence[Confirmed] = (),
    warnings: Sequence[Remark] = (),
    *,
    hotel: Hotel | None = None,
    our_ref_type: str = "10",
    status: str | None = None,
) -> Element:
    """Write OTA_HotelResNotifRS or OTA_HotelResModifyNotifRS: each booking by its number, with ours where we have one.

    `our_ref_type` is ResID_Type of our number (10: the hotel's), `status` the response's ResResponseType. From 2012 on
    the schema wants the hotel beside our number; most partners do without.
    """
    root = success(name, head, warnings)
    if status:
        root.set("ResResponseType", status)
    if not confirmed:
        return root
    names = ("HotelResModifies", "HotelResModify") if "Modify" in name else ("HotelReservations", "HotelReservation")
    held = add(root, names[0])
    for each in confirmed:
        told = add(held, names[1])
        unique_id(told, each.ref, "14", context=each.context)
        if each.our_ref:
            info = add(told, "ResGlobalInfo")
            add(
                add(info, "HotelReservationIDs"),
                "HotelReservationID",
                ResID_Type=our_ref_type,
                ResID_Value=each.our_ref,
                ResID_SourceContext=each.our_context,
            )
            if hotel:
                add(info, "BasicPropertyInfo", **hotel_attributes(hotel))
    return root


def cancellation_taken(head: Head, confirmed: Sequence[Confirmed], warnings: Sequence[Remark] = ()) -> Element:
    """Write OTA_CancelRS: each booking by its number, then our number of its cancellation where we have one."""
    root = success("OTA_CancelRS", head, warnings)
    for each in confirmed:
        unique_id(root, each.ref, "14", context=each.context)
        if each.our_ref:
            unique_id(root, each.our_ref, "15", context=each.our_context)
    return root


def pong(head: Head, echo: str, warnings: Sequence[Remark] = ()) -> Element:
    """Answer OTA_PingRQ with what it said."""
    root = success("OTA_PingRS", head, warnings)
    add(root, "EchoData", echo)
    return root


def _outcome(name: str, *, is_taken: bool) -> dict[str, object]:
    if name not in _STATED:
        return {}
    attribute, taken, not_taken = _STATED[name]
    return {attribute: taken if is_taken else not_taken}


def _remarks(root: Element, holder: str, name: str, remarks: Sequence[Remark]) -> None:
    if not remarks:
        return
    held = add(root, holder)
    for each in remarks:
        content = printable(each.text)
        add(
            held,
            name,
            content,
            Type=each.type,
            ShortText=content[:_SHORT] if each.has_short else None,
            Code=each.code,
            RecordID=each.record_ref,
            Status=each.status,
            Tag=each.tag,
        )
