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
from connectors.protocols.safe_xml import child, told
from connectors.reading import Reading, RefuseError
from hotel.money import MAX_MINOR, exponent, is_currency
from hotel.reservations import Withheld
from hotel.status import EARNING, WAITLISTED

Element = Any  # lxml has no types of its own


def withheld_by(item: Element, facts: Head, dialect: Dialect, reading: Reading) -> Withheld:
    """Count the nights and, rounded where they are inexact, the money of a booking that may not be readable itself."""
    meaning = STATUS_OF.get(facts.meaning or "", facts.meaning)
    if meaning is not None and meaning not in EARNING | {WAITLISTED}:
        return Withheld(0, 0, None)
    room_stays = list(elements("RoomStays/RoomStay", item))
    nights = sum(_nights(room_stay, item, dialect) for room_stay in room_stays)
    info = child(item, "ResGlobalInfo")
    totals = [each for each in (child(info, "Total"),) if each is not None] or [
        total for room_stay in room_stays for total in _totals(room_stay)
    ]
    currency = currency_of(*totals) or dialect.currency or _house_currency(facts, reading)
    if not totals or not is_currency(currency):
        return Withheld(nights, 0, None)
    return Withheld(nights, sum(_minor(total, str(currency), dialect) for total in totals), currency)


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
    """Give what says most of what a RoomStay costs: its total, its RoomRates' totals, its rates."""
    for path in (
        "Total",
        "RoomRates/RoomRate/Total",
        "RoomRates/RoomRate/Rates/Rate/Base",
        "RoomRates/RoomRate/Rates/Rate/Total",
    ):
        found = [each for each in elements(path, room_stay) if any(told(each, name) for name in AMOUNTS)]
        if found:
            return found
    return []


def _minor(total: Element, currency: str, dialect: Dialect) -> int:
    with suppress(RefuseError, ArithmeticError, ValueError):
        value = next((found for name in AMOUNTS if (found := amount(told(total, name), name)) is not None), Decimal(0))
        places = count(told(total, "DecimalPlaces"), "DecimalPlaces") if dialect.decimal_places == "scales" else 0
        return min(int(value.scaleb(exponent(currency) - (places or 0)).to_integral_value()), MAX_MINOR)
    return 0


def _house_currency(facts: Head, reading: Reading) -> str | None:
    with suppress(RefuseError):
        return reading.house(facts.hotel_ref).currency
    return None
