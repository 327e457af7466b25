"""Time stamps as sources write them, into aware instants. A stamp without an offset needs a stated zone (law 9)."""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.errors import FixMapping
from hotel.properties import Property

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Clock(NamedTuple):
    """An aware instant, and the code of what had to be decided to get it."""

    at: datetime
    warning: str | None = None


def micros(instant: datetime) -> int:
    """Count microseconds since 1970: the `source_version` of a source that tells when it changed a row."""
    return (instant - _EPOCH) // _MICROSECOND


def zone_of(stated: str | None, house: Property) -> ZoneInfo | None:
    """Give the zone of naive stamps: `utc`, `property`, an IANA name, or None where nobody stated one."""
    if stated is None:
        return None
    try:
        return ZoneInfo({"utc": "UTC", "property": house.time_zone}.get(stated, stated))
    except (ZoneInfoNotFoundError, ValueError) as error:
        msg = f"naive_zone {stated!r} is neither utc, property nor an IANA zone"
        raise FixMapping(msg) from error


def placed(naive: datetime, zone: ZoneInfo) -> Clock:
    """Put a naive stamp into its zone; of a doubled hour the first, out of a skipped hour forward, each with a warning."""
    first, second = naive.replace(tzinfo=zone, fold=0), naive.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return Clock(first.astimezone(UTC))
    # Before a gap the earlier offset still counts: reading the stamp with it moves it forward by the gap.
    is_skipped = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != naive
    return Clock(first.astimezone(UTC), "time_skipped" if is_skipped else "time_ambiguous")
