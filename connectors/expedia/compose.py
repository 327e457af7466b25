"""What we ask and tell QuickConnect: retrievals, confirmations, updates, each in its schema's order."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from lxml import etree

from connectors.batches import Run
from connectors.protocols.opentravel.compose_xml import amount
from connectors.protocols.safe_xml import Element, serialised
from connectors.protocols.wsse import Login

RETRIEVAL: Final = "http://www.expediaconnect.com/EQC/BR/2014/01"
CONFIRMATION: Final = "http://www.expediaconnect.com/EQC/BC/2007/09"
UPDATE: Final = "http://www.expediaconnect.com/EQC/AR/2011/06"
# A booking is `retrieved` once it was told: asking for `pending` alone would lose what we fetched and never stored.
UNCONFIRMED: Final = ("pending", "retrieved")


class Confirmation(NamedTuple):
    """One transaction to confirm under our number."""

    ref: str
    kind: str
    our_ref: str


def unconfirmed(login: Login, hotel_ref: str) -> bytes:
    """Ask for all bookings that nobody confirmed yet."""
    root = _root(RETRIEVAL, "BookingRetrievalRQ", login, hotel_ref)
    asked = _add(root, "ParamSet")
    for status in UNCONFIRMED:
        _add(asked, "Status", value=status)
    return serialised(root)


def one_booking(login: Login, hotel_ref: str, ref: str) -> bytes:
    """Ask for the newest version of one booking."""
    root = _root(RETRIEVAL, "BookingRetrievalRQ", login, hotel_ref)
    _add(_add(root, "ParamSet"), "Booking", id=ref)
    return serialised(root)


def recent(login: Login, hotel_ref: str, days: int) -> bytes:
    """Ask for the newest version of all bookings that changed in the last days, 1 to 30, whatever their status."""
    root = _root(RETRIEVAL, "BookingRetrievalRQ", login, hotel_ref)
    _add(_add(root, "ParamSet"), "NbDaysInPast").text = str(days)
    return serialised(root)


def confirmations(login: Login, hotel_ref: str, confirmed: Iterable[Confirmation], now: datetime) -> bytes:
    """Confirm transactions of one hotel, ten at most."""
    root = _root(CONFIRMATION, "BookingConfirmRQ", login, hotel_ref)
    holder = _add(root, "BookingConfirmNumbers")
    at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for each in confirmed:
        _add(
            holder, "BookingConfirmNumber",
            bookingType=each.kind, bookingID=each.ref, confirmNumber=each.our_ref, confirmTime=at,
        )  # fmt: skip
    return serialised(root)


def updates(login: Login, hotel_ref: str, parts: Sequence[Element]) -> bytes:
    """Send updates in the order given."""
    root = _root(UPDATE, "AvailRateUpdateRQ", login, hotel_ref)
    root.extend(parts)
    return serialised(root)


def counted(run: Run) -> Element:
    """Write how many rooms of a type may be sold on the dates of a run."""
    update, room = _update(run)
    _add(room, "Inventory", totalInventoryAvailable=str(run.row.available_count))
    return update


def restricted(run: Run, told: dict[str, str]) -> Element:
    """Write restrictions of the dates of a run; `told` in their words, `closed` of the plan or, without one, the room."""
    update, room = _update(run)
    closed = {"closed": told["closed"]} if "closed" in told else {}
    if not run.row.rate_plan_ref:
        room.attrib.update(closed)
        return update
    plan = _add(room, "RatePlan", id=run.row.rate_plan_ref, **closed)
    rest = {name: value for name, value in told.items() if name != "closed"}
    if rest:
        _add(plan, "Restrictions", **rest)
    return update


def priced(run: Run) -> Element:
    """Write the price of the dates of a run: of the room, or of so many people in it."""
    update, room = _update(run)
    plan = _add(room, "RatePlan", id=run.row.rate_plan_ref)
    rate = _add(plan, "Rate", currency=run.row.currency)
    stated = amount(run.row.price_minor, run.row.currency)
    if run.row.occupancy_count:
        _add(rate, "PerOccupancy", rate=stated, occupancy=str(run.row.occupancy_count))
    else:
        _add(rate, "PerDay", rate=stated)
    return update


def _update(run: Run) -> tuple[Element, Element]:
    update = etree.Element(f"{{{UPDATE}}}AvailRateUpdate")
    _add(update, "DateRange", **{"from": run.first_on.isoformat(), "to": run.last_on.isoformat()})
    return update, _add(update, "RoomType", id=run.row.room_type_ref)


def _root(namespace: str, name: str, login: Login, hotel_ref: str) -> Element:
    root = etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace})
    _add(root, "Authentication", username=login.username, password=login.password)
    _add(root, "Hotel", id=hotel_ref)
    return root


def _add(parent: Element, name: str, **attributes: str) -> Element:
    namespace = etree.QName(parent).namespace
    return etree.SubElement(parent, f"{{{namespace}}}{name}", attributes)
