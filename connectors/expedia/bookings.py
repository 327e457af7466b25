"""One booking of Expedia as a reservation: one room, its nights, who collects and what the card may be charged."""

from datetime import date
from typing import Final, NamedTuple

from connectors.bookings import parted, spread, use
from connectors.expedia import shapes
from connectors.expedia.guests import guest_ref
from connectors.expedia.payments import (
    HOTEL_COLLECT_SUFFIX,
    brand_of,
    collect_of,
    commission_of,
    virtual_cards,
)
from connectors.expedia.values import amount, day, required, whole
from connectors.reading import Reading, RefuseError, decimals_of
from hotel.properties import Property
from hotel.reservations import Night, NightTax, Reservation, Room
from hotel.status import CONFIRMED, UNMAPPED_CODE

SERVICE_FEE: Final = "service_charge"
TAX: Final = "total_tax"
ROOM_REF: Final = "1"
# Codes of requests: beds and smoking are wishes with numbers of their own, 4 is what the guest wrote.
_WISHES: Final = ("1.", "2.")
_FREE_TEXT: Final = "4"


class _Priced(NamedTuple):
    """One night in minor units: the price of the room, and the service fee beside it."""

    stay_on: date
    price_minor: int
    fee_minor: int
    promotion: str | None
    is_derived: bool


class Booking:
    """One booking that was made or changed; `reservation()` raises RefuseError where it cannot be understood."""

    def __init__(self, reading: Reading, told: shapes.Booking, house: Property) -> None:
        if told.stay is None:
            code = "field_missing"
            raise RefuseError(code, "RoomStay")
        self._reading, self._told, self._house = reading, told, house
        self._stay = told.stay
        self._currency = told.stay.currency or told.stay.rate_currency
        self._decimals = decimals_of(self._currency)
        self._arrival = day(told.stay.arrival, "StayDate.arrival")
        self._departure = day(told.stay.departure, "StayDate.departure")
        self._total = amount(told.stay.total, self._decimals, "Total.amountAfterTaxes")
        self._taxes = amount(told.stay.taxes, self._decimals, "Total.amountOfTaxes")

    def reservation(self) -> Reservation:
        """Give the booking; Expedia books each room by itself, so there is one."""
        told, stay = self._told, self._stay
        room = self._room()
        collect = collect_of(stay, told.point_of_sale)
        model, rate = commission_of(stay, collect)
        guest = guest_ref(told)
        return Reservation(
            source=self._reading.codebook.source,
            property_id=self._house.property_id,
            source_ref=told.ref or "",
            status=CONFIRMED,
            arrival_on=self._arrival,
            departure_on=self._departure,
            currency=self._currency,
            total_minor=self._total,
            rooms=(room,),
            is_inventory_held=True,
            channel_code=self._reading.code(self._house, "channel", brand_of(told.point_of_sale)),
            channel_ref=told.ref,
            booker_guest_ref=guest,
            primary_guest_ref=guest,
            adult_count=room.adult_count,
            child_count=room.child_count,
            tax_minor=room.tax_minor,
            is_tax_included=room.is_tax_included,
            special_request_count=sum(_is_wish(code) for code, _ in told.requests),
            collect=collect,
            commission_rate=rate,
            commission_model=model,
            comment=_comment(told),
            promotion_code=room.promotion_code,
            virtual_cards=virtual_cards(self._reading, told, stay, self._house),
        )

    def _room(self) -> Room:
        stay = self._stay
        adults, children = whole(stay.adults, "GuestCount.adult"), whole(stay.children, "GuestCount.child")
        ages = tuple(whole(age, "Child.age") or 0 for age in stay.child_ages)
        room_type = self._reading.code(self._house, "room_type", stay.room_type) or UNMAPPED_CODE
        plan = self._plan()
        priced = self._priced()
        nights = self._nights(priced, room_type, plan, adults, children)
        fees = sum(night.fee_minor for night in priced)
        return Room(
            room_ref=ROOM_REF,
            status=CONFIRMED,
            room_type_code=room_type,
            arrival_on=self._arrival,
            departure_on=self._departure,
            currency=self._currency,
            total_minor=self._total,
            nights=nights,
            rate_plan_code=plan,
            adult_count=adults,
            child_count=children,
            child_ages=ages or None,
            tax_minor=None if self._taxes is None else self._taxes + fees,
            is_tax_included=None if self._total is None else True,
            occupant_guest_ref=guest_ref(self._told),
            promotion_code=next((night.promotion for night in priced if night.promotion), None),
            raw_room_code=stay.room_type,
            raw_rate_code=stay.rate_plan,
        )

    def _plan(self) -> str | None:
        """Give our code of the rate plan; where only the plan without its mark of who collects is mapped, that one."""
        told, book = self._stay.rate_plan, self._reading.codebook
        bare = (told or "").removesuffix(HOTEL_COLLECT_SUFFIX)
        if told and bare and bare != told:
            known = [book.code(self._house.property_id, "rate_plan", ref) for ref in (told, bare)]
            if not isinstance(known[0], str) and isinstance(known[1], str):
                return known[1]
        return self._reading.code(self._house, "rate_plan", told)

    def _priced(self) -> list[_Priced]:
        if self._stay.nights:
            return [self._told_night(night) for night in self._stay.nights]
        if self._total is None:
            return []
        shares = spread(self._arrival, self._departure, self._total - (self._taxes or 0))
        return [_Priced(stay_on, price, 0, None, is_derived=True) for stay_on, price in shares]

    def _told_night(self, night: shapes.Night) -> _Priced:
        decimals = decimals_of(self._stay.rate_currency or self._currency)
        parts = (required(night.rate, "PerDayRate.baseRate"), *night.person_fees)
        price = sum(amount(part, decimals, "PerDayRate.baseRate") or 0 for part in parts)
        fee = amount(night.service_fee, decimals, "PerDayRate.hotelServiceFees") or 0
        return _Priced(day(night.stay_on, "PerDayRate.stayDate"), price, fee, night.promotion, is_derived=False)

    def _nights(
        self, priced: list[_Priced], room_type: str, plan: str | None, adults: int | None, children: int | None
    ) -> tuple[Night, ...]:
        shares = self._tax_shares(priced)
        currency = self._stay.rate_currency or self._currency
        return tuple(
            Night(
                stay_on=night.stay_on,
                use=use(self._house, night.price_minor),
                room_type_code=room_type,
                rate_plan_code=plan,
                currency=currency,
                price_minor=night.price_minor,
                is_tax_included=self._is_included(priced),
                tax_minor=None if share is None and not night.fee_minor else (share or 0) + night.fee_minor,
                adult_count=adults,
                child_count=children,
                is_price_derived=night.is_derived,
                promotion_code=night.promotion,
                taxes=_taxes_of(night, share, currency or ""),
            )
            for night, share in zip(priced, shares, strict=True)
        )

    def _is_included(self, priced: list[_Priced]) -> bool | None:
        """Tell whether rates include tax: told beside a tax or a fee they do not; a tax of nothing says neither."""
        has_extra = bool(self._taxes) or any(night.fee_minor for night in priced)
        return False if has_extra else self._house.is_price_tax_included

    def _tax_shares(self, priced: list[_Priced]) -> list[int | None]:
        """Spread the tax of the stay over its nights by their prices, so that it adds up again."""
        if self._taxes is None or (self._stay.rate_currency or self._currency) != self._currency:
            return [None] * len(priced)
        return list(parted(self._taxes, [night.price_minor for night in priced]))


def _taxes_of(night: _Priced, share: int | None, currency: str) -> tuple[NightTax, ...]:
    told = ((TAX, share), (SERVICE_FEE, night.fee_minor))
    return tuple(NightTax(code, False, minor, currency) for code, minor in told if minor)  # noqa: FBT003


def _is_wish(code: str) -> bool:
    return code == _FREE_TEXT or code.startswith(_WISHES)


def _comment(told: shapes.Booking) -> str | None:
    lines = [text for _, text in told.requests if text]
    lines += [f"{code} {number}".strip() for code, number in told.rewards]
    return "\n".join(lines) or None
