"""Stays made up for tests, as the frames a report reads."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

import pandas as pd

from hotel.properties import Property
from hotel.report_frames import CHANGES, INVENTORY, NIGHTS, ON_THE_BOOKS, QUARANTINE, ROOMS, SNAPSHOTS, Schema
from hotel.status import EARNING
from reconciliation.frames import DailyFrames, typed

DAY = date(2026, 3, 18)
HOUSE = Property("seaview", "Seaview", "Europe/Lisbon", "EUR")


class Stay(NamedTuple):
    """One room; arrival in days from DAY."""

    arrives: int
    nights: int
    status: str = "checked_out"
    price: int = 10_000
    use: str = "sold"
    room_type: str = "DBL"
    segment: str | None = "retail"
    channel: str | None = "direct"
    currency: str = "EUR"
    persons: int = 2
    are_persons_known: bool = True
    booking: str = ""
    booking_status: str = ""
    cancelled: int | None = None
    no_show: int | None = None
    is_non_refundable: bool = False
    is_tax_included: bool | None = False
    tax: int | None = None
    total: int | None = None


def day(offset: int | None) -> date | None:
    """Give a date by its distance from DAY."""
    return None if offset is None else DAY + timedelta(days=offset)


def frames(
    stays: Iterable[Stay], *, loaded_from: date | None = date(2020, 1, 1), **others: pd.DataFrame
) -> DailyFrames:
    """Make frames of stays; `others` replace the empty ones."""
    known = list(stays)
    empty = {
        "inventory": typed(INVENTORY),
        "snapshots": typed(SNAPSHOTS),
        "on_the_books": typed(ON_THE_BOOKS),
        "changes": typed(CHANGES),
        "quarantine": typed(QUARANTINE),
    }
    return DailyFrames(
        nights=frame(NIGHTS, (night for stay in known if stay.status in EARNING for night in _nights(stay))),
        rooms=frame(ROOMS, (_room(number, stay) for number, stay in enumerate(known))),
        loaded_from=loaded_from,
        **(empty | others),
    )


def frame(schema: Schema, rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Make a frame of a schema from rows."""
    return typed(schema, pd.DataFrame(list(rows), columns=list(schema)))


def _nights(stay: Stay) -> Iterable[dict[str, Any]]:
    for number in range(stay.nights):
        yield {
            "stay_on": day(stay.arrives + number),
            "status": stay.status,
            "use": stay.use,
            "room_type_code": stay.room_type,
            "market_segment_code": stay.segment,
            "channel_code": stay.channel,
            "currency": stay.currency,
            "price_minor": stay.price,
            "room_revenue_minor": stay.price - ((stay.tax or 0) if stay.is_tax_included else 0),
            "is_tax_included": stay.is_tax_included,
            "tax_minor": stay.tax,
            "person_count": stay.persons,
            "is_person_count_known": stay.are_persons_known,
        }


def _room(number: int, stay: Stay) -> dict[str, Any]:
    return {
        "booking_ref": stay.booking or f"b{number}",
        "booking_status": stay.booking_status or stay.status,
        "status": stay.status,
        "arrival_on": day(stay.arrives),
        "departure_on": day(stay.arrives + stay.nights),
        "cancelled_on": day(stay.cancelled),
        "no_show_on": day(stay.no_show),
        "is_counted": stay.use not in {"share", "pseudo"},
        "is_non_refundable": stay.is_non_refundable,
        "room_type_code": stay.room_type,
        "market_segment_code": stay.segment,
        "channel_code": stay.channel,
        "currency": stay.currency,
        "total_minor": stay.price * stay.nights if stay.total is None else stay.total,
        "tax_minor": stay.tax,
        "is_tax_included": stay.is_tax_included,
        "night_count": stay.nights,
        "value_minor": stay.price * stay.nights,
        "person_count": stay.persons,
        "is_person_count_known": stay.are_persons_known,
    }
