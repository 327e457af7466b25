"""On which conditions a booking was sold: its guarantee, who takes the money, the commission, until when it may be cancelled."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.protocols.opentravel.dialect import COLLECTS
from connectors.protocols.opentravel.money import Terms, currency_of, minor_of
from connectors.protocols.opentravel.places import elements
from connectors.protocols.opentravel.scene import Told
from connectors.protocols.opentravel.values import amount, flag, instant
from connectors.protocols.safe_xml import child, told
from connectors.reading import Reading, RefuseError
from hotel.incoming import UnmappedCode

Element = Any  # lxml has no types of its own

_GUARANTEES = ("Guarantee", "DepositPayments/GuaranteePayment", "RatePlans/RatePlan/Guarantee")
_PENALTIES = ("CancelPenalties/CancelPenalty", "RatePlans/RatePlan/CancelPenalties/CancelPenalty")
_VOUCHERS = ("GuaranteesAccepted/GuaranteeAccepted/Voucher", "AcceptedPayments/AcceptedPayment/Voucher")
_VOUCHER_REFS = ("Identifier", "SeriesCode", "SupplierIdentifier")


def guarantees_of(item: Element) -> list[Element]:
    """List what guarantees or pays a booking: what stands at the whole of it, then at each of its rooms."""
    return [each for holder in _holders(item) for path in _GUARANTEES for each in elements(path, holder)]


def penalties_of(item: Element) -> list[Element]:
    """List what a cancellation costs: what stands at the whole booking, then at each of its rooms."""
    return [each for holder in _holders(item) for path in _PENALTIES for each in elements(path, holder)]


def _holders(item: Element) -> Sequence[Element]:
    return *elements("ResGlobalInfo", item), *elements("RoomStays/RoomStay", item)


def guarantee_of(reading: Reading, source: Told, guarantees: Sequence[Element]) -> str | None:
    """Give our code of the guarantee: as the house mapped the partner's word, else as the standard means it."""
    for holder in guarantees:
        word = told(holder, "GuaranteeType") or told(holder, "PaymentCode") or told(holder, "GuaranteeCode")
        if word is None:
            continue
        own = reading.codebook.code(source.house.property_id, "guarantee", word)
        if isinstance(own, UnmappedCode) and word in source.dialect.guarantees:
            return source.dialect.guarantees[word]
        return reading.code(source.house, "guarantee", word)
    return None


def collect_of(source: Told, guarantees: Sequence[Element]) -> str | None:
    """Say who takes the guest's money, where the dialect knows a word of the booking for it."""
    words = [
        word
        for holder in guarantees
        for name in ("PaymentCode", "GuaranteeType", "PaymentType")
        if (word := told(holder, name))
    ]
    found = {source.dialect.collects[word] for word in words if word in source.dialect.collects} & COLLECTS
    return found.pop() if len(found) == 1 else "split" if found else None


def commission_of(source: Told, terms: Terms) -> int | None:
    """Give the commission of the booking: its own, else that of its rooms where each has one."""
    whole = _payable(child(source.item, "ResGlobalInfo", "TotalCommissions"), terms)
    if whole is not None:
        return whole
    parts = [
        _payable(each, terms) for each in elements("RoomStays/RoomStay/RatePlans/RatePlan/Commission", source.item)
    ]
    known = [part for part in parts if part is not None]
    return sum(known) if known and len(known) == len(parts) else None


def _payable(commission: Element | None, terms: Terms) -> int | None:
    for name in ("CommissionPayableAmount", "FlatCommission"):
        holder = child(commission, name)
        currency = currency_of(holder, commission) or terms.currency
        found = minor_of(holder, "Amount", terms, currency, f"Commission/{name}")
        if found is not None:
            return found
    return None


def commission_rate_of(source: Told) -> Decimal | None:
    """Give the share that is commission (0.15), where all rooms tell the same."""
    holders = [child(source.item, "ResGlobalInfo", "TotalCommissions")]
    holders += elements("RoomStays/RoomStay/RatePlans/RatePlan/Commission", source.item)
    rates = {rate for each in holders if (rate := amount(told(each, "Percent"), "Commission@Percent")) is not None}
    return rates.pop() / 100 if len(rates) == 1 else None


def policy_of(penalties: Sequence[Element]) -> str | None:
    """Give the code of the first policy of cancellation; `non_refundable` where nothing is given back."""
    for penalty in penalties:
        if flag(told(penalty, "NonRefundable")):
            return "non_refundable"
        if code := told(penalty, "PolicyCode"):
            return code
    return None


def deadline_of(reading: Reading, source: Told, penalties: Sequence[Element]) -> datetime | None:
    """Give the earliest deadline told as an instant; a date alone, or a stamp without a zone, is none."""
    return _earliest(reading, source, (child(penalty, "Deadline") for penalty in penalties))


def hold_of(reading: Reading, source: Told, guarantees: Sequence[Element]) -> datetime | None:
    """Give until when an option holds its room: the earliest deadline of its guarantees."""
    return _earliest(reading, source, (child(holder, "Deadline") for holder in guarantees))


def voucher_of(guarantees: Sequence[Element]) -> str | None:
    """Give the number of the voucher that guarantees or pays the booking."""
    vouchers = (each for holder in guarantees for path in _VOUCHERS for each in elements(path, holder))
    return next((ref for each in vouchers for name in _VOUCHER_REFS if (ref := told(each, name))), None)


def _earliest(reading: Reading, source: Told, deadlines: Iterable[Element | None]) -> datetime | None:
    found = []
    for deadline in deadlines:
        said = told(deadline, "AbsoluteDeadline")
        if said and "T" in said:
            try:
                found.append(reading.at(instant(said, "AbsoluteDeadline"), "AbsoluteDeadline", source.house))
            except RefuseError:
                reading.warn("deadline_unclear")
    return min((each for each in found if each), default=None)
