"""One reservation of a message as a tree of ours: the booking, its rooms, their nights, its guests."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.protocols.opentravel.conditions import (
    collect_of,
    commission_of,
    commission_rate_of,
    deadline_of,
    guarantee_of,
    guarantees_of,
    hold_of,
    penalties_of,
    policy_of,
    voucher_of,
)
from connectors.protocols.opentravel.extras import cards_of, comments_of, extras_of, request_count, services_of_rooms
from connectors.protocols.opentravel.lanes import check_room_count
from connectors.protocols.opentravel.money import Price, Terms, currency_of, price
from connectors.protocols.opentravel.offers import currency_in, has_price, night_count_of
from connectors.protocols.opentravel.party import booker_of, counts_of, firms_of, guest, persons_of
from connectors.protocols.opentravel.places import elements, first_told
from connectors.protocols.opentravel.rooms import room_refs, rooms_of
from connectors.protocols.opentravel.scene import Scene, Told
from connectors.protocols.opentravel.stays import stay_of
from connectors.protocols.opentravel.tpa import restored, restored_guest
from connectors.protocols.opentravel.values import flag, instant
from connectors.protocols.opentravel.words import OPTION, STATUS_OF
from connectors.protocols.safe_xml import child, told
from connectors.reading import Reading, RefuseError
from hotel.guests import Guest
from hotel.money import split
from hotel.properties import hotel_date
from hotel.reservations import Extra, Reservation, Room
from hotel.status import CONFIRMED, HOLDING, LOST

Element = Any  # lxml has no types of its own


class Booking:
    """One booking being mapped; `reservation()` raises RefuseError where it cannot be understood."""

    def __init__(self, reading: Reading, source: Told) -> None:
        self._reading = reading
        self._told = source
        self._info = child(source.item, "ResGlobalInfo")
        self._stays = list(elements("RoomStays/RoomStay", source.item))
        self._persons = persons_of(source.item, source.source_ref)
        self._guarantees = guarantees_of(source.item)
        self._terms = self._terms_of_booking()
        meaning = source.head.meaning or CONFIRMED
        self._status = STATUS_OF.get(meaning, meaning)
        self._is_held = meaning in HOLDING or self._status in HOLDING or meaning == OPTION
        self._scene = Scene(
            reading,
            source.house,
            source.dialect,
            self._status,
            self._terms,
            self._persons,
            len(self._stays),
            stay_of(self._info, source.item),
        )

    def reservation(self) -> Reservation:
        """Give the booking with its rooms; dates and counts are those of the rooms that are not lost."""
        source = self._told
        if not self._stays:
            code = "rooms_missing"
            raise RefuseError(code, "RoomStays")
        stated = price(child(self._info, "Total"), self._terms, "ResGlobalInfo/Total")
        refs = room_refs(self._scene, self._stays)
        shares = self._shares(stated)
        told_rooms: list[list[Room]] = []
        for room_stay, ref, share in zip(self._stays, refs, shares, strict=True):
            told_rooms.append(rooms_of(self._scene, room_stay, ref, share))
            check_room_count(sum(map(len, told_rooms)))
        rooms = tuple(room for inside in told_rooms for room in inside)
        live = [room for room in rooms if room.status not in LOST] or list(rooms)
        total = stated or _sum(live)
        booked_at = self._booked_at()
        return self._with_more(
            Reservation(
                source=self._reading.codebook.source,
                property_id=source.house.property_id,
                source_ref=source.source_ref,
                status=self._status,
                arrival_on=min((room.arrival_on for room in live if room.arrival_on), default=None),
                departure_on=max((room.departure_on for room in live if room.departure_on), default=None),
                currency=total.currency if total else live[0].currency,
                total_minor=total.minor if total else None,
                rooms=rooms,
                is_inventory_held=self._is_held,
                booked_at=booked_at,
                booked_on=hotel_date(source.house, booked_at) if booked_at else None,
                room_count=len(live),
                tax_minor=total.tax_minor if total else None,
                is_tax_included=total.is_tax_included if total else None,
            ),
            services_of_rooms(self._stays, told_rooms),
            live,
        )

    def guests(self) -> Iterator[Guest]:
        """Yield the profiles of the booking: who booked, and every guest it names."""
        source = self._told
        booker = booker_of(source.item)
        if booker is not None:
            yield restored_guest(guest(self._reading, source.house, booker, f"{source.source_ref}:booker"), source.item)
        for person in self._persons:
            if person.customer is not None:
                is_vip = bool(flag(told(person.element, "VIP")))
                found = guest(self._reading, source.house, person.customer, person.ref, is_vip=is_vip)
                yield restored_guest(found, source.item)

    def _terms_of_booking(self) -> Terms:
        source = self._told
        named = currency_of(child(self._info, "Total"))
        named = named or next((found for stay in self._stays if (found := currency_in(stay))), None)
        named = named or first_told(
            ("POS/Source@ISOCurrency", "BasicPropertyInfo@CurrencyCode"), source.item, source.root
        )
        if named is None and source.dialect.currency is None:
            self._reading.warn("currency_of_property")
        is_included = source.dialect.is_tax_included
        return Terms(
            named or source.dialect.currency or source.house.currency,
            source.house.is_price_tax_included if is_included is None else is_included,
            source.dialect.decimal_places == "scales",
        )

    def _shares(self, stated: Price | None) -> Sequence[Price | None]:
        """Share the booking's total out over its rooms, where no room has a price of its own."""
        if stated is None or any(has_price(room_stay) for room_stay in self._stays):
            return [None] * len(self._stays)
        weights = [night_count_of(self._scene, room_stay) for room_stay in self._stays]
        parts = split(stated.minor, weights)
        taxes = split(stated.tax_minor, weights) if stated.tax_minor is not None else [None] * len(weights)
        return [stated._replace(minor=part, tax_minor=tax, taxes=()) for part, tax in zip(parts, taxes, strict=True)]

    def _with_more(self, row: Reservation, room_of: Mapping[str, str], live: Sequence[Room]) -> Reservation:
        """Add who sold the booking, who comes, what it pays, what was said."""
        source, item = self._told, self._told.item
        firms, penalties = dict(reversed(list(firms_of(item)))), penalties_of(item)
        stay = self._stays[0]
        is_one_stay = len({(room.arrival_on, room.departure_on) for room in live}) == 1
        nights = len(live[0].nights) if is_one_stay and len(live) == 1 else None
        extras = extras_of(item, self._terms, room_of, nights)
        full = self._with_people(row, live)._replace(
            group_ref=first_told(source.dialect.group_refs, item, source.root),
            block_ref=None if "InvBlockCode" in source.dialect.room_types else self._block(),
            channel_code=self._code("channel", source.head.channel),
            channel_ref=source.head.channel_ref,
            market_segment_code=self._code("market_segment", told(stay, "MarketCode")),
            origin_code=self._code("origin", told(stay, "SourceOfBusiness")),
            guarantee_code=guarantee_of(self._reading, source, self._guarantees),
            agent_ref=firms.get("agent"),
            company_ref=firms.get("company"),
            special_request_count=request_count(item),
            collect=collect_of(source, self._guarantees),
            commission_minor=commission_of(source, self._terms),
            commission_rate=commission_rate_of(source),
            cancellation_policy_code=policy_of(penalties),
            free_cancel_until_at=deadline_of(self._reading, source, penalties),
            comment=comments_of(item),
            promotion_code=told(stay, "PromotionCode"),
            voucher_ref=voucher_of(self._guarantees),
            hold_until_at=self._held_until(),
            is_walk_in=flag(told(item, "WalkInIndicator")),
            extras=_placed(extras, row.total_minor, live),
            virtual_cards=cards_of(item, source.dialect, self._terms, row.source_ref),
        )
        return restored(full, item)

    def _with_people(self, row: Reservation, live: Sequence[Room]) -> Reservation:
        booker = booker_of(self._told.item)
        booker_ref = f"{row.source_ref}:booker" if booker is not None else None
        known = [person for person in self._persons if person.customer is not None]
        first = next((person for person in known if person.is_primary), known[0] if known else None)
        counts = counts_of(child(self._info, "GuestCounts"), self._told.dialect)
        adults, children, infants = (
            _total([getattr(room, name) for room in live]) for name in ("adult_count", "child_count", "infant_count")
        )
        return row._replace(
            booker_guest_ref=booker_ref,
            primary_guest_ref=first.ref if first else booker_ref,
            adult_count=counts.adults if adults is None and counts else adults,
            child_count=counts.children if children is None and counts else children,
            infant_count=counts.infants if infants is None and counts else infants,
        )

    def _booked_at(self) -> datetime | None:
        said = told(self._told.item, "CreateDateTime")
        said = said or first_told(("HotelReservationID@ResID_Date",), self._told.item)
        return self._reading.at(instant(said, "CreateDateTime"), "CreateDateTime", self._told.house)

    def _held_until(self) -> datetime | None:
        is_option = self._told.head.meaning == OPTION
        return hold_of(self._reading, self._told, self._guarantees) if is_option else None

    def _code(self, field: str, ref: str | None) -> str | None:
        return self._reading.code(self._told.house, field, ref)

    def _block(self) -> str | None:
        places = ("RoomRates/RoomRate@InvBlockCode", "RoomTypes/RoomType@InvBlockCode")
        return first_told(places, *self._stays)


def _sum(rooms: Sequence[Room]) -> Price | None:
    """Add up rooms of one currency that say the same of their tax."""
    if any(room.total_minor is None for room in rooms) or len({room.currency for room in rooms}) != 1:
        return None
    kinds = {room.is_tax_included for room in rooms}
    taxes = [room.tax_minor for room in rooms if room.tax_minor is not None]
    return Price(
        sum(room.total_minor or 0 for room in rooms),
        str(rooms[0].currency),
        kinds.pop() if len(kinds) == 1 else None,
        sum(taxes) if len(taxes) == len(rooms) else None,
    )


def _placed(extras: tuple[Extra, ...], total: int | None, rooms: Sequence[Room]) -> tuple[Extra, ...]:
    """Say of extras whether the booking's total holds them, where it shows: by adding up with them, or without."""
    open_ones = [extra for extra in extras if not extra.is_in_price]
    if total is None or not open_ones or any(room.total_minor is None for room in rooms):
        return extras
    if any(extra.total_minor is None for extra in open_ones):
        return extras
    bare = sum(room.total_minor or 0 for room in rooms)
    more = sum(extra.total_minor or 0 for extra in open_ones)
    is_inside = {bare + more: True, bare: False}.get(total) if more else None
    if is_inside is None:
        return extras
    return tuple(extra if extra.is_in_price else extra._replace(is_in_price=is_inside) for extra in extras)


def _total(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) and counts else None
