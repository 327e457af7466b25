"""One revision as a reservation: who sold it, who comes, what it costs, what else was sold, what may be charged."""

import calendar
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from connectors.bookings import Change, Person, last_four, own
from connectors.channex import shapes
from connectors.channex.rooms import Terms, free, map_rooms
from connectors.channex.words import COLLECTS, GUARANTEE_ONLY, PROPERTY_COLLECTS_FOR
from connectors.reading import Reading, decimals_of, minor
from hotel.money import is_currency
from hotel.properties import Property, hotel_date
from hotel.reservations import Extra, Reservation, Room, VirtualCard
from hotel.status import HOLDING, LOST

_FIRST: Final = "new"


def booking_ref(told: shapes.Revision) -> str:
    """Give what names a booking in all its revisions; refuses one that nothing names."""
    return own(told.unique_id or told.booking_id or told.id, "unique_id")


class Booking:
    """One revision being mapped; `reservation()` raises RefuseError where it cannot be understood."""

    def __init__(self, reading: Reading, told: shapes.Revision, house: Property, status: str, change: Change) -> None:
        self._reading, self._told, self._house, self._change = reading, told, house, change
        self._ref = booking_ref(told)
        self._metas = [free(reading, room.meta, shapes.RoomMeta) for room in told.rooms]
        self._terms = Terms(reading, house, told, decimals_of(told.currency), status, self._arrival_time())
        self.people, self._occupants = _people(self._ref, told)

    def reservation(self) -> Reservation:
        """Give the booking with its rooms; dates and counts are those of the rooms that are not lost."""
        told, terms = self._told, self._terms
        rooms = map_rooms(terms, self._metas, self._occupants)
        live = [room for room in rooms if room.status not in LOST] or rooms
        taxes = [room.tax_minor for room in live if room.tax_minor is not None]
        included = {room.is_tax_included for room in live}
        # Only the first revision is made when the booking is.
        booked_at = self._change.made_at if told.status.lower() == _FIRST else None
        return self._with_details(
            Reservation(
                source=self._reading.codebook.source,
                property_id=self._house.property_id,
                source_ref=self._ref,
                status=terms.status,
                arrival_on=min((room.arrival_on for room in live if room.arrival_on), default=told.arrival_date),
                departure_on=max(
                    (room.departure_on for room in live if room.departure_on), default=told.departure_date
                ),
                currency=told.currency,
                total_minor=terms.minor(told.amount, "amount"),
                rooms=rooms,
                is_inventory_held=terms.status in HOLDING,
                booked_at=booked_at,
                booked_on=self._day(booked_at),
                room_count=len(live),
                tax_minor=sum(taxes) if taxes else None,
                is_tax_included=included.pop() if len(included) == 1 else None,
            ),
            rooms,
        )

    def _with_details(self, row: Reservation, rooms: Sequence[Room]) -> Reservation:
        """Add who sold the booking, who comes, and the money beside the nights."""
        told, people = self._told, self._told.occupancy or shapes.Occupancy()
        collect = self._collect()
        if told.deposits:
            self._reading.warn("deposits_not_read")
        booker = f"{self._ref}:booker"
        first_guest = next((ref for ref in self._occupants if ref), None)
        return row._replace(
            channel_code=self._reading.code(self._house, "channel", told.ota_name),
            channel_ref=told.ota_reservation_code,
            guarantee_code=self._reading.code(self._house, "guarantee", self._guarantee_word()),
            company_ref=next((ref for ref, person in self.people.items() if person.kind == "company"), None),
            booker_guest_ref=booker if booker in self.people else None,
            primary_guest_ref=first_guest or (booker if booker in self.people else None),
            adult_count=people.adults,
            child_count=people.children,
            infant_count=people.infants,
            collect=collect,
            commission_minor=self._terms.minor(told.ota_commission, "ota_commission"),
            comment=(told.notes or "").strip() or None,
            extras=self._extras(rooms),
            virtual_cards=self._virtual_cards(collect),
        )

    def _extras(self, rooms: Sequence[Room]) -> tuple[Extra, ...]:
        told: list[tuple[str | None, str, shapes.Service]] = [
            (None, str(n), each) for n, each in enumerate(self._told.services or (), 1)
        ]
        for room, sold in zip(self._told.rooms, rooms, strict=True):
            told += [(sold.room_ref, f"{sold.room_ref}.{n}", each) for n, each in enumerate(room.services or (), 1)]
        amounts = [self._terms.minor(each.total_price, "services.total_price") for _, _, each in told]
        is_in_price = self._is_in_total(rooms, sum(amount or 0 for amount in amounts))
        return tuple(
            Extra(ref, each.type or each.name or "service", self._told.currency, amount, room, is_in_price=is_in_price)
            for (room, ref, each), amount in zip(told, amounts, strict=True)
        )

    def _is_in_total(self, rooms: Sequence[Room], extra_minor: int) -> bool | None:
        """Tell whether the extras lie in the booking's total: the sums say so, with added taxes or without."""
        total = self._terms.minor(self._told.amount, "amount")
        nights = [night for room in rooms for night in room.nights]
        stay = sum(night.price_minor for night in nights)
        added = sum(tax.amount_minor for night in nights for tax in night.taxes if tax.is_included is False)
        within, beside = {stay + extra_minor, stay + extra_minor + added}, {stay, stay + added}
        if (total in within) == (total in beside):
            return None
        return total in within

    def _virtual_cards(self, collect: str | None) -> tuple[VirtualCard, ...]:
        card = self._told.guarantee
        if card is None or not card.is_virtual:
            return ()
        money = free(self._reading, card.meta, shapes.CardMeta)
        token = card.token if card.token and card.token.strip("*") else None
        is_guarantee = collect == "property" or any(
            GUARANTEE_ONLY in (meta.payment_instruction or "").lower() for meta in self._metas
        )
        currency, limit = self._card_money(money)
        return (
            VirtualCard(
                card_ref=self._ref,
                currency=currency,
                limit_minor=limit,
                activates_on=money.virtual_card_effective_date,
                expires_on=money.virtual_card_expiration_date or _month_end(card.expiration_date),
                last_four=last_four(card.card_number),
                token_ref=token,
                channel_ref=self._told.ota_reservation_code,
                usable_for="no_show_or_cancellation" if is_guarantee else "stay",
            ),
        )

    def _card_money(self, money: shapes.CardMeta) -> tuple[str | None, int | None]:
        """Give a card's currency and limit: it is told without a point, with so many decimals as stand beside it."""
        code, balance, places = (
            money.virtual_card_currency_code, money.virtual_card_current_balance, money.virtual_card_decimal_places,
        )  # fmt: skip
        if not is_currency(code) or balance is None or not str(places).isdecimal():
            return (code if is_currency(code) else None), None
        amount = balance.scaleb(-int(str(places)[:2]))
        return code, minor(amount, decimals_of(code), "guarantee.meta.virtual_card_current_balance")

    def _collect(self) -> str | None:
        word = self._told.payment_collect
        if word is None:
            return "property" if self._told.ota_name in PROPERTY_COLLECTS_FOR else None
        if word not in COLLECTS:
            self._reading.warn("collect_unknown")
        return COLLECTS.get(word)

    def _guarantee_word(self) -> str | None:
        return self._told.payment_type or ("credit_card" if self._told.guarantee else None)

    def _arrival_time(self) -> time | None:
        told = (self._told.arrival_hour or "").strip()
        try:
            return time.fromisoformat(told) if told else None
        except ValueError:
            self._reading.warn("arrival_hour_unreadable")
            return None

    def _day(self, instant: datetime | None) -> date | None:
        return None if instant is None else hotel_date(self._house, instant)


def withheld_amounts(told: shapes.Revision) -> tuple[int, list[Decimal | None]]:
    """Count the nights of rooms that are not cancelled, and list what these cost."""
    rooms = [room for room in told.rooms if not room.is_cancelled]
    nights = [price for room in rooms for price in (room.days or {}).values()]
    stays = [(room.checkin_date, room.checkout_date) for room in rooms if not room.days]
    unpriced = sum((last - first).days for first, last in stays if first and last)
    amounts = [room.amount for room in rooms if not room.days]
    return len(nights) + max(unpriced, 0), [*nights, *amounts]


def _people(ref: str, told: shapes.Revision) -> tuple[Mapping[str, Person], list[str | None]]:
    """Name everybody a booking tells of, and the first guest of each room."""
    people = {f"{ref}:booker": _person(told.customer)} if told.customer else {}
    company = told.customer.company if told.customer else None
    title = company.get("title") if isinstance(company, dict) else company
    if isinstance(title, str) and title.strip():
        people[f"{ref}:company"] = Person(last_name=title, kind="company")
    occupants: list[str | None] = []
    number = 0
    for room in told.rooms:
        first = None
        for each in room.guests or ():
            number += 1
            if _person(each).is_named:
                people[f"{ref}:{number}"] = _person(each)
                first = first or f"{ref}:{number}"
        occupants.append(first)
    return {name: person for name, person in people.items() if person.is_named}, occupants


def _person(told: shapes.Person) -> Person:
    return Person(told.name, told.surname, told.mail, told.phone, told.country, told.language)


def _month_end(told: str | None) -> date | None:
    """Give the last day of a month written MM/YYYY, until which a card is good."""
    month, _, year = (told or "").partition("/")
    try:
        return date(int(year), int(month), calendar.monthrange(int(year), int(month))[1])
    except ValueError:
        return None
