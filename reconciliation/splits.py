"""Occupied rooms and room revenue by segment, channel and booked room type (K-11)."""

from typing import Final

import pandas as pd

from hotel.figures import Split, SplitLine
from hotel.status import NONE_CODE

SPLITS: Final = (
    ("market_segment_code", "Segments"),
    ("channel_code", "Channels"),
    ("room_type_code", "Room types"),
)


Earned = tuple[pd.DataFrame, pd.DataFrame]


def _by_code(nights: pd.DataFrame, used: pd.DataFrame, code: str, currency: str) -> pd.DataFrame:
    parts = [
        _part(nights, code, rooms=1, revenue=nights["room_revenue_minor"], currency=currency),
        _part(used, code, rooms=0, revenue=used["revenue_minor"], currency=currency),
    ]
    return pd.concat(parts).groupby("code", sort=True)[["rooms", "revenue"]].sum()


def _part(frame: pd.DataFrame, code: str, *, rooms: int, revenue: pd.Series, currency: str) -> pd.DataFrame:
    codes = frame[code].fillna(NONE_CODE)
    own = revenue.where(frame["currency"] == currency, 0)
    return pd.DataFrame({"code": codes, "rooms": rooms, "revenue": own})


def split(code: str, name: str, *, day: Earned, month: Earned, currency: str) -> Split:
    """Split one day and its month to date by a code column. `day`, `month`: occupied nights, day-use rooms.

    Lines with the most revenue of the month come first; a code missing from the source is `none`.
    """
    sides = [_by_code(*month, code, currency), _by_code(*day, code, currency)]
    table = pd.concat(sides, axis="columns", keys=["month", "day"]).fillna(0).astype("int64")
    lines = [
        SplitLine(str(word), *numbers)
        for word, *numbers in table[
            [("day", "rooms"), ("day", "revenue"), ("month", "rooms"), ("month", "revenue")]
        ].itertuples(name=None)
    ]
    return Split(code, name, tuple(sorted(lines, key=lambda line: (-line.month_revenue_minor, line.code))))
