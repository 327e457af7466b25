"""Bookings of any kind our house knows, drawn by hypothesis: what is written of them must read the same."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from connectors.protocols.opentravel.compose_booking import Booked
from hotel.guests import Guest, fold_name
from hotel.money import exponent
from hotel.reservations import Extra, Night, NightTax, Reservation, Room, VirtualCard
from hotel.status import CONFIRMED, IN_HOUSE, NO_SHOW, WAITLISTED

FIRST = date(2026, 3, 27)  # across the night that has an hour less
CODES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=1, max_size=12)
REFS = st.text("ABCDEFabcdef0123456789-", min_size=1, max_size=32)
# Any script; what surrounds a text and what no XML can hold are no part of it.
WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=40,
).filter(lambda word: word.strip() == word)
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001 made aware at once
    lambda naive: naive.replace(tzinfo=UTC)
)
DATES = st.dates(date(2025, 1, 1), date(2027, 12, 31))
COUNTS = st.integers(0, 9)
RATES = st.decimals(0, 1, places=4)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


@st.composite
def bookings(draw: st.DrawFn) -> Booked:
    """Draw one booking with its rooms, nights, guests and all that hangs on them."""
    ref = draw(REFS)
    currency = draw(st.sampled_from(("EUR", "JPY", "BHD", "THB")))
    status = draw(st.sampled_from((CONFIRMED, CONFIRMED, CONFIRMED, IN_HOUSE, NO_SHOW, WAITLISTED)))
    guests = tuple(draw(_guest(f"{ref}:{n}")) for n in range(1, draw(st.integers(1, 4))))
    rooms = tuple(draw(_room(n, status, currency, guests)) for n in range(1, draw(st.integers(2, 4))))
    booker = draw(maybe(_guest(f"{ref}:booker")))
    is_held = status in {CONFIRMED, IN_HOUSE} or (status == WAITLISTED and draw(st.booleans()))
    is_included = draw(maybe(st.booleans()))
    total = draw(maybe(st.integers(0, 10**9)))
    row = Reservation(
        source="sandbox_pms",
        property_id="city-hotel",
        source_ref=ref,
        status=status,
        arrival_on=min(room.arrival_on for room in rooms if room.arrival_on),
        departure_on=max(room.departure_on for room in rooms if room.departure_on),
        currency=currency,
        total_minor=total,
        rooms=rooms,
        is_inventory_held=is_held,
        tax_minor=draw(maybe(st.integers(0, 10**6))) if total is not None else None,
        is_tax_included=is_included if total is not None else None,
        room_count=len(rooms),
        booker_guest_ref=booker.source_ref if booker else None,
        primary_guest_ref=guests[0].source_ref if guests else None,
        extras=tuple(draw(_extra(n, currency, rooms)) for n in range(draw(st.integers(0, 2)))),
        virtual_cards=tuple(draw(_card(n, currency)) for n in range(draw(st.integers(0, 2)))),
        **draw(_facts(currency)),
    )
    told = (*guests, booker) if booker else guests
    return Booked(row, told, draw(maybe(INSTANTS)), draw(maybe(REFS)))


def _facts(currency: str) -> st.SearchStrategy[dict[str, Any]]:
    """Draw what a booking says beside its rooms."""
    return st.fixed_dictionaries(
        {
            "booked_at": maybe(INSTANTS),
            "channel_code": maybe(CODES),
            "market_segment_code": maybe(CODES),
            "origin_code": maybe(CODES),
            "customer_type_code": maybe(CODES),
            "guarantee_code": maybe(st.sampled_from(("card", "deposit", "none", "company"))),
            "group_ref": maybe(REFS),
            "block_ref": maybe(REFS),
            "agent_ref": maybe(REFS),
            "company_ref": maybe(REFS),
            "adult_count": maybe(COUNTS),
            "child_count": maybe(COUNTS),
            "infant_count": maybe(COUNTS),
            "change_count": maybe(COUNTS),
            "is_repeat_guest": maybe(st.booleans()),
            "special_request_count": maybe(COUNTS),
            "parking_count": maybe(COUNTS),
            "collect": maybe(st.sampled_from(("property", "channel", "split"))),
            "commission_minor": maybe(st.integers(0, 10**7)),
            "commission_rate": maybe(RATES),
            "commission_model": maybe(CODES),
            "cancellation_policy_code": maybe(CODES),
            "free_cancel_until_at": maybe(INSTANTS),
            "no_show_fee_minor": maybe(st.integers(0, 10**6)),
            "is_fee_waived": maybe(st.booleans()),
            "comment": maybe(st.lists(WORDS, min_size=1, max_size=4).map(" ".join)),
            "promotion_code": maybe(CODES),
            "voucher_ref": maybe(REFS),
            "purpose_code": maybe(CODES),
            "is_walk_in": maybe(st.booleans()),
            "hold_until_at": maybe(INSTANTS),
        }
    )


@st.composite
def _room(draw: st.DrawFn, number: int, status: str, currency: str, guests: tuple[Guest, ...]) -> Room:
    arrival_on = FIRST + timedelta(days=draw(st.integers(0, 3)))
    night_count = draw(st.integers(1, 4))
    code, plan = draw(CODES), draw(maybe(CODES))
    ages = draw(maybe(st.lists(st.integers(0, 17), min_size=1, max_size=3).map(tuple)))
    total, is_included = draw(maybe(st.integers(0, 10**8))), draw(maybe(st.booleans()))
    promotion = draw(maybe(CODES))
    adults = draw(st.integers(1, 9))
    nights = tuple(
        draw(_night(arrival_on + timedelta(days=n), currency, (code, plan, promotion), adults, len(ages or ()), n > 0))
        for n in range(night_count)
    )
    return Room(
        room_ref=draw(st.sampled_from((str(number), f"R-{number}"))),
        status=status,
        room_type_code=code,
        arrival_on=arrival_on,
        departure_on=arrival_on + timedelta(days=night_count),
        currency=currency,
        total_minor=total,
        nights=nights,
        assigned_room_type_code=draw(maybe(CODES)),
        rate_plan_code=plan,
        meal_plan_code=draw(maybe(st.sampled_from(("1", "3", "19", "22", "half_board")))),
        adult_count=adults,
        child_count=len(ages or ()) + draw(COUNTS) if ages else draw(maybe(st.integers(1, 3))),
        infant_count=draw(maybe(st.integers(1, 3))),
        tax_minor=draw(maybe(st.integers(0, 10**6))) if total is not None else None,
        is_tax_included=is_included if total is not None else None,
        child_ages=ages,
        occupant_guest_ref=draw(st.sampled_from([guest.source_ref for guest in guests])) if guests else None,
        arrival_time=draw(maybe(st.times(time(0), time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0)))),
        promotion_code=promotion,
        raw_room_code=code,
        raw_rate_code=plan,
    )


@st.composite
def _night(
    draw: st.DrawFn,
    stay_on: date,
    currency: str,
    codes: tuple[str, str | None, str | None],
    adults: int,
    children: int,
    may_differ: bool,
) -> Night:
    is_included = draw(maybe(st.booleans()))
    is_upgraded = may_differ and draw(st.booleans())
    return Night(
        stay_on,
        draw(st.sampled_from(("sold", "sold", "sold", "complimentary", "house_use"))),
        "OTHER" if is_upgraded else codes[0],
        "PLAN" if is_upgraded and codes[1] else codes[1],
        currency,
        draw(st.integers(0, 10**8)),
        is_included,
        draw(maybe(st.integers(0, 10**6))),
        draw(maybe(st.integers(0, 10**5))),
        adults,
        children or None,
        draw(maybe(CODES)),
        draw(st.booleans()),
        draw(st.sampled_from((codes[2], "PROMO"))),
        tuple(draw(_tax(currency)) for _ in range(draw(st.integers(0, 2)))),
    )


@st.composite
def _tax(draw: st.DrawFn, currency: str) -> NightTax:
    return NightTax(
        draw(st.sampled_from(("vat", "city_tax", "tourism_tax", "house_tax"))),
        draw(maybe(st.booleans())),
        draw(st.integers(0, 10**6)),
        currency,
        draw(maybe(st.integers(0, 10**7))),
        draw(maybe(RATES)),
        draw(st.booleans()),
    )


@st.composite
def _extra(draw: st.DrawFn, number: int, currency: str, rooms: tuple[Room, ...]) -> Extra:
    total = draw(maybe(st.integers(0, 10**6)))
    return Extra(
        extra_ref=f"x{number}",
        extra_code=draw(CODES),
        currency=currency,
        total_minor=total,
        room_ref=draw(maybe(st.sampled_from([room.room_ref for room in rooms]))),
        serves_on=draw(maybe(DATES)),
        quantity_count=draw(st.integers(1, 9)),
        is_in_price=draw(maybe(st.booleans())),
        is_tax_included=draw(maybe(st.booleans())) if total is not None else None,
    )


@st.composite
def _card(draw: st.DrawFn, number: int, currency: str) -> VirtualCard:
    return VirtualCard(
        card_ref=f"card-{number}",
        currency=currency,
        limit_minor=draw(maybe(st.integers(0, 10**8))),
        activates_on=draw(maybe(DATES)),
        expires_on=draw(maybe(DATES)),
        last_four=draw(maybe(st.text("0123456789", min_size=4, max_size=4))),
        token_ref=draw(maybe(REFS)),
        channel_ref=draw(maybe(REFS)),
        is_net=draw(maybe(st.booleans())),
        status=draw(st.sampled_from(("active", "suspended"))),
        usable_for=draw(st.sampled_from(("stay", "no_show_or_cancellation"))),
    )


@st.composite
def _guest(draw: st.DrawFn, ref: str) -> Guest:
    first, last = draw(maybe(WORDS)), draw(WORDS)
    full = f"{first} {last}" if first else last
    is_vip = draw(st.booleans())
    return Guest(
        source="sandbox_pms",
        property_id="city-hotel",
        source_ref=ref,
        kind="person",
        first_name=first,
        last_name=last,
        full_name=full,
        folded_name=fold_name(full),
        email=draw(maybe(st.sampled_from(("a@example.com", "b.c@guest.booking.com")))),
        phone=(phone := draw(maybe(st.sampled_from(("+35312345678", "+66812345678"))))),
        phone_raw=phone,
        country_code=draw(maybe(st.sampled_from(("IE", "TH", "JP")))),
        language_code=draw(maybe(st.sampled_from(("en", "th")))),
        birth_on=draw(maybe(st.dates(date(1930, 1, 1), date(2010, 12, 31)))),
        is_vip=is_vip,
        vip_code=draw(maybe(CODES)) if is_vip else None,
    )


def written_decimals(minor: int, currency: str) -> Decimal:
    """Give an amount in major units."""
    return Decimal(minor).scaleb(-exponent(currency))
