"""The 119,390 real reservations as frames, built straight from the CSV with pandas, without any of our mappings."""

import gzip
from pathlib import Path

import pandas as pd

from hotel.figures import Span
from hotel.properties import Property
from hotel.report_frames import CHANGES, INVENTORY, NIGHTS, ON_THE_BOOKS, QUARANTINE, ROOMS, SNAPSHOTS
from reconciliation.frames import DailyFrames, typed

CSV = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "hotel_bookings" / "full" / "hotel_bookings.csv.gz"
CITY = Property("city-hotel", "City Hotel", "Europe/Lisbon", "EUR")
RESORT = Property("resort-hotel", "Resort Hotel", "Europe/Lisbon", "EUR")
NAMES = {CITY.property_id: "City Hotel", RESORT.property_id: "Resort Hotel"}
STATUSES = {"Check-Out": "checked_out", "Canceled": "cancelled", "No-Show": "no_show"}


def read_rows() -> pd.DataFrame:
    """Read the export and keep the rows the gate lets through: with guests, without a negative rate."""
    with gzip.open(CSV, "rt", encoding="utf-8") as file:
        raw = pd.read_csv(file, keep_default_na=False, dtype=str)
    counts = ["stays_in_weekend_nights", "stays_in_week_nights", "adults", "children", "babies"]
    numbers = raw[counts].replace("NA", "0").astype("int64")
    arrival = pd.to_datetime(
        raw["arrival_date_year"] + " " + raw["arrival_date_month"] + " " + raw["arrival_date_day_of_month"],
        format="%Y %B %d",
    ).astype("datetime64[s]")
    whole, _, decimals = raw["adr"].str.partition(".").T.to_numpy()
    status_on = pd.to_datetime(raw["reservation_status_date"]).astype("datetime64[s]")
    status = raw["reservation_status"].map(STATUSES)
    nights = numbers["stays_in_weekend_nights"] + numbers["stays_in_week_nights"]
    rows = pd.DataFrame(
        {
            "hotel": raw["hotel"],
            "booking_ref": raw.index.astype(str),
            "booking_status": status,
            "status": status,
            "arrival_on": arrival,
            "departure_on": arrival + pd.to_timedelta(nights, unit="D"),
            "cancelled_on": status_on.where(status == "cancelled"),
            "no_show_on": pd.NaT,
            "is_counted": True,
            "is_non_refundable": raw["deposit_type"] == "Non Refund",
            "room_type_code": raw["reserved_room_type"],
            "market_segment_code": raw["market_segment"],
            "channel_code": raw["distribution_channel"],
            "currency": "EUR",
            "price_minor": pd.Series(whole).astype("int64") * 100
            + pd.Series(decimals).str.ljust(2, "0").astype("int64"),
            "tax_minor": pd.NA,
            "is_tax_included": pd.NA,
            "night_count": nights,
            "person_count": numbers["adults"] + numbers["children"] + numbers["babies"],
            "is_person_count_known": raw["children"] != "NA",
            "use": "sold",
        }
    )
    rows["value_minor"] = rows["total_minor"] = rows["price_minor"] * nights
    return rows[(rows["person_count"] > 0) & ~raw["adr"].str.startswith("-")]


def nights_of(rooms: pd.DataFrame) -> pd.DataFrame:
    """Expand stays into their planned nights."""
    nights = rooms.loc[rooms.index.repeat(rooms["night_count"])]
    number = nights.groupby(level=0).cumcount()
    stay_on = nights["arrival_on"] + pd.to_timedelta(number, unit="D")
    return nights.assign(stay_on=stay_on, room_revenue_minor=nights["price_minor"])


def frames_of(rows: pd.DataFrame, house: Property, *spans: Span) -> DailyFrames:
    """Build one hotel's frames; with spans, only what touches them."""
    rooms = rows[rows["hotel"] == NAMES[house.property_id]]
    loaded_from = rooms["arrival_on"].min().date()
    nights = nights_of(rooms[rooms["status"] == "checked_out"])
    if spans:
        first, last = pd.Timestamp(min(s.first_on for s in spans)), pd.Timestamp(max(s.last_on for s in spans))
        nights = nights[nights["stay_on"].between(first - pd.Timedelta(days=31), last)]
        touches = [rooms[name].between(first, last) for name in ("arrival_on", "departure_on", "cancelled_on")]
        rooms = rooms[touches[0] | touches[1] | touches[2]]
    return DailyFrames(
        typed(NIGHTS, nights),
        typed(ROOMS, rooms),
        typed(INVENTORY),
        typed(SNAPSHOTS),
        typed(ON_THE_BOOKS),
        typed(CHANGES),
        typed(QUARANTINE),
        loaded_from,
    )
