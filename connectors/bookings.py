"""What the bookings of every channel share once its words are read: people, nights, cancellations, what a refusal keeps out."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from connectors.contacts import e164, is_relay
from connectors.reading import Reading, RefuseError, decimals_of
from hotel.codebook import ANY_PROPERTY
from hotel.countries import alpha_2
from hotel.guests import Guest, fold_name
from hotel.incoming import CANCEL, Incoming, UnmappedCode
from hotel.money import split, split_evenly
from hotel.properties import Property, hotel_date
from hotel.reservations import Night, NightTax, Reservation, Withheld, price_nights
from hotel.status import CANCELLED, LOST, UNMAPPED_CODE, use_of_night

# A wrong century must not fill the memory; what is merely long is for the gate.
LONGEST_STAY_NIGHTS: Final = 3660
_MOST_NIGHTS: Final = 1_000_000
_MOST_MINOR: Final = 10**15
_LAST_FOUR: Final = re.compile(r"(\d{4})\D*$")


class Person(NamedTuple):
    """Somebody a booking names, as it names them."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    language: str | None = None
    kind: str = "person"

    @property
    def is_named(self) -> bool:
        """Tell whether anything is known that a profile could be found by."""
        return any((self.first_name, self.last_name, self.email, self.phone))


class Change(NamedTuple):
    """Which version of a booking a message tells: its number for us, and when it was made."""

    version: int | None = None
    made_at: datetime | None = None


def guest(reading: Reading, house: Property, ref: str, told: Person) -> Guest:
    """Make the profile of somebody a booking names, under a reference of ours inside the booking."""
    first, last = _words(told.first_name), _words(told.last_name)
    full_name = " ".join(part for part in (first, last) if part) or None
    email = _words(told.email)
    return Guest(
        source=reading.codebook.source,
        property_id=house.property_id,
        source_ref=ref,
        kind=told.kind,
        first_name=first,
        last_name=last,
        full_name=full_name,
        folded_name=full_name and fold_name(full_name),
        email=email,
        is_email_relay=is_relay(email),
        phone=e164(_words(told.phone), house.country_code),
        phone_raw=_words(told.phone),
        country_code=alpha_2(told.country or ""),
        language_code=_words(told.language),
    )


def incoming_guests(
    reading: Reading, house: Property, people: Mapping[str, Person], change: Change, first: int
) -> Iterator[Incoming]:
    """Yield the profiles of a booking's people, by reference, from the `first` row of the body on."""
    for number, (ref, person) in enumerate(people.items(), first):
        row = guest(reading, house, ref, person)
        yield Incoming(row, reading.raw_ref(number), change.version, change.made_at)


def cancelled(
    reading: Reading,
    house: Property,
    ref: str,
    *,
    cancelled_at: datetime | None,
    channel: str | None,
    channel_ref: str | None,
    fee_minor: int | None,
) -> Reservation:
    """Make a cancelled booking: who it is, when, the fee that was charged, nothing else (law 6)."""
    return Reservation(
        source=reading.codebook.source,
        property_id=house.property_id,
        source_ref=ref,
        status=CANCELLED,
        arrival_on=None,
        departure_on=None,
        currency=None,
        total_minor=None,
        rooms=(),
        is_inventory_held=False,
        cancelled_at=cancelled_at,
        cancelled_on=hotel_date(house, cancelled_at) if cancelled_at else None,
        channel_code=reading.code(house, "channel", channel),
        channel_ref=channel_ref,
        cancellation_fee_minor=fee_minor,
    )


def cancellation(
    reading: Reading,
    house: Property,
    ref: str,
    number: int,
    change: Change,
    *,
    cancelled_at: datetime | None = None,
    channel: str | None = None,
    channel_ref: str | None = None,
    fee_minor: int | None = None,
) -> Incoming:
    """Make the cancel of a booking as it comes in."""
    row = cancelled(
        reading, house, ref, cancelled_at=cancelled_at, channel=channel, channel_ref=channel_ref, fee_minor=fee_minor
    )
    unmapped = tuple(dict.fromkeys(reading.unmapped))
    return Incoming(
        row,
        reading.raw_ref(number),
        change.version,
        change.made_at,
        CANCEL,
        warnings=reading.warnings,
        unmapped=unmapped,
    )


def channel_code(
    reading: Reading,
    house: Property,
    field: str,
    ids: Sequence[str | None],
    channels_own: tuple[str | None, str | None],
) -> tuple[str, str]:
    """Give our code and what was sent for a room type or rate plan that a channel manager may have failed to map.

    The first of the manager's `ids` that the house knows counts. Without any, the channel's own code is noted under the
    channel's name (`booking_com:3636404`), which the house may map as well.
    """
    told = [ref for ref in ids if ref]
    if told:
        codebook, place = reading.codebook, house.property_id
        known = next((ref for ref in told if isinstance(codebook.code(place, field, ref), str)), told[0])
        return reading.code(house, field, known) or UNMAPPED_CODE, told[0]
    own = ":".join(part or "-" for part in channels_own)
    codes = reading.codebook.codes
    found = codes.get((house.property_id, field, own)) or codes.get((ANY_PROPERTY, field, own))
    if found is None:
        reading.unmapped.append(UnmappedCode(field, own))
    return found or UNMAPPED_CODE, own


def spread(arrival_on: date, departure_on: date, total_minor: int) -> list[tuple[date, int]]:
    """Spread a room's total over its nights so that it adds up again; refuses a stay longer than any."""
    if (departure_on - arrival_on).days > LONGEST_STAY_NIGHTS:
        code = "stay_too_long"
        raise RefuseError(code, "departure", departure_on)
    return price_nights(arrival_on, departure_on, total_minor)


def own(told: str | None, column: str) -> str:
    """Give the number a booking or profile goes by; refuses one that is nothing."""
    text = (told or "").strip()
    if not text:
        code = "field_missing"
        raise RefuseError(code, column)
    return text


def parted(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount over nights by their prices, evenly where these are no weights; the parts add up again."""
    if not weights or sum(weights) <= 0 or min(weights) < 0:
        return split_evenly(total_minor, len(weights)) if weights else []
    return split(total_minor, weights)


def taxed(nights: Sequence[Night], taxes: Iterable[NightTax]) -> tuple[Night, ...]:
    """Part a room's taxes over its nights; what comes twice under one code is added up, so that each has its own."""
    merged: dict[str, NightTax] = {}
    for tax in taxes:
        known = merged.get(tax.tax_code)
        code = tax.tax_code if known is None or known.is_included == tax.is_included else f"{tax.tax_code}_added"
        same = merged.get(code)
        added = tax.amount_minor + (same.amount_minor if same else 0)
        merged[code] = tax._replace(tax_code=code, amount_minor=added)
    weights = [night.price_minor for night in nights]
    parts = {code: parted(tax.amount_minor, weights) for code, tax in merged.items()}
    return tuple(
        night._replace(taxes=tuple(tax._replace(amount_minor=parts[code][n]) for code, tax in merged.items()))
        for n, night in enumerate(nights)
    )


def status_of(reading: Reading, house: Property, word: str, known: Mapping[str, str]) -> str:
    """Give our status for theirs: the house's own mapping first, then the vendor's words; refuses an unknown one."""
    mapped = reading.codebook.codes.get((house.property_id, "status", word))
    status = mapped or reading.codebook.codes.get((ANY_PROPERTY, "status", word)) or known.get(word.strip().lower())
    if status is None:
        code = "status_unknown"
        raise RefuseError(code, "status", word)
    return status


def use(house: Property, price_minor: int) -> str:
    """Say what a sold night is used for."""
    return use_of_night(price_minor=price_minor, zero_price_use=house.zero_price_use)


def kept_out(currency: str | None, night_count: int, amounts: Iterable[Decimal | None], status: str | None) -> Withheld:
    """Count the nights and, rounded where they are inexact, the money of a booking that cannot be read itself.

    A booking that is lost keeps nothing out; one whose status nobody knows may. What is beyond all measure is none.
    """
    if status in LOST:
        return Withheld(0, 0, None)
    if night_count > _MOST_NIGHTS:
        night_count = 0
    try:
        decimals = decimals_of(currency)
        amount = sum(int(each.scaleb(decimals).to_integral_value()) for each in amounts if each is not None)
    except (RefuseError, ArithmeticError, ValueError):
        return Withheld(night_count, 0, None)
    return Withheld(night_count, amount, currency) if abs(amount) <= _MOST_MINOR else Withheld(night_count, 0, None)


def last_four(masked: str | None) -> str | None:
    """Give the last four digits of a masked card number, None where it shows none."""
    found = _LAST_FOUR.search(masked or "")
    return found[1] if found else None


def _words(text: str | None) -> str | None:
    return (text or "").strip() or None
