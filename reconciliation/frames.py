"""A report's frames together, and how to make one of a schema."""

from datetime import date
from typing import NamedTuple

import pandas as pd

from hotel.report_frames import Schema


class DailyFrames(NamedTuple):
    """What one property's report needs, shaped as `hotel.report_frames` says. `loaded_from`: the first arrival known; None: nothing is loaded.

    Nights and rooms cover the spans of `hotel.figures.report_spans` and the 31 nights before their last dates.
    """

    nights: pd.DataFrame
    rooms: pd.DataFrame
    inventory: pd.DataFrame
    snapshots: pd.DataFrame
    on_the_books: pd.DataFrame
    changes: pd.DataFrame
    quarantine: pd.DataFrame
    loaded_from: date | None


def typed(schema: Schema, frame: pd.DataFrame | None = None) -> pd.DataFrame:
    """Bring a frame to a schema: its columns in order, its dtypes; without a frame, an empty one."""
    found = pd.DataFrame(columns=list(schema)) if frame is None else frame[list(schema)]
    return found.astype(schema)


def between(days: "pd.Series[pd.Timestamp]", first_on: date, last_on: date) -> "pd.Series[bool]":
    """Mark the dates from first to last, both in."""
    return days.between(pd.Timestamp(first_on), pd.Timestamp(last_on))
