"""What a refused booking keeps out of the reports, as far as it can be told: nights and money."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

from connectors.protocols.opentravel.dialect import Dialect
from connectors.protocols.opentravel.heads import Head
from connectors.protocols.opentravel.lanes import lanes_of
from connectors.protocols.opentravel.money import AMOUNTS, currency_of
from connectors.protocols.opentravel.places import elements
from connectors.protocols.opentravel.stays import LONGEST_STAY_NIGHTS, stay_of, stay_of_ranges
from connectors.protocols.opentravel.values import amount, count
from connectors.protocols.opentravel.words import STATUS_OF
from connectors.protocols.safe_xml import child, local, told
from connectors.reading import Reading, RefuseError
from hotel.money import MAX_MINOR, exponent, is_currency
from hotel.reservations import Withheld
from hotel.status import EARNING, WAITLISTED

Element = Any  # lxml has no types of its own

_RATE = "RoomRates/RoomRate/Rates/Rate"
_PRICED = ("Total", "RoomRates/RoomRate/Total", f"{_RATE}/Total", f"{_RATE}/Base")


def withheld_by(item: Element, facts: Head, dialect: Dialect, reading: Reading) -> Withheld:
    """Count the nights and, rounded where they are inexact, the money of a booking that may not be readable itself."""
    meaning = STATUS_OF.get(facts.meaning or "", facts.meaning)
    if meaning is not None and meaning not in EARNING | {WAITLISTED}:
        return Withheld(0, 0, None)
    room_stays = list(elements("RoomStays/RoomStay", item))
    nights = sum(_nights(room_stay, item, dialect) for room_stay in room_stays)
    whole = [each for each in elements("ResGlobalInfo/Total", item) if _has_amount(each)]
    totals = whole or [total for room_stay in room_stays for total in _totals(room_stay)]
    currency = currency_of(*totals) or dialect.currency or _house_currency(facts, reading)
    if not totals or not is_currency(currency):
        return Withheld(nights, 0, None)
    alike = [total for total in totals if (currency_of(total) or currency) == currency]
    # A single price of a night is that of all of them.
    times = max(nights, 1) if len(totals) == 1 and local(totals[0]) == "Base" else 1
    return Withheld(nights, times * sum(_minor(total, str(currency), dialect) for total in alike), currency)


def _nights(room_stay: Element, item: Element, dialect: Dialect) -> int:
    with suppress(RefuseError, ValueError, OverflowError):
        found = 0
        for lane in lanes_of(room_stay, dialect):
            stay = stay_of(room_stay, child(item, "ResGlobalInfo"))
            stay = stay or stay_of_ranges([rate.range for rate in lane.rates], dialect)
            found += min(max(stay.night_count, 0), LONGEST_STAY_NIGHTS) * lane.units if stay else 0
        return found
    return 0


def _totals(room_stay: Element) -> list[Element]:
    """Give what says most of what a RoomStay costs: its total, its RoomRates' totals, its rates' totals or prices."""
    for path in _PRICED:
        found = [each for each in elements(path, room_stay) if _has_amount(each)]
        if found:
            return found
    return []


def _has_amount(total: Element) -> bool:
    return any(told(total, name) for name in AMOUNTS)


def _minor(total: Element, currency: str, dialect: Dialect) -> int:
    with suppress(RefuseError, ArithmeticError, ValueError):
        said = next((found for name in AMOUNTS if (found := told(total, name))), "0")
        value = amount(said, "Total") or Decimal(0)
        is_scaled = dialect.decimal_places == "scales" and "." not in said
        places = count(told(total, "DecimalPlaces"), "DecimalPlaces") if is_scaled else 0
        return min(int(value.scaleb(exponent(currency) - (places or 0)).to_integral_value()), MAX_MINOR)
    return 0


def _house_currency(facts: Head, reading: Reading) -> str | None:
    with suppress(RefuseError):
        return reading.house(facts.hotel_ref).currency
    return None
