"""The business days of each property: opened by data or the PMS, closed once, restated when data comes later."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from storage.tables import ops

CLOCK: Final = "clock"
_d = ops.business_days.c


class BusinessDay(NamedTuple):
    """One day of one property. `source`: who closed or opened it, `clock` where no PMS tells."""

    property_id: str
    business_on: date
    opened_at: datetime | None
    closed_at: datetime | None
    source: str
    status: str
    load_ids: list[int]
    restated_count: int

    @property
    def is_closed(self) -> bool:
        """Tell whether reports of the day are final."""
        return self.closed_at is not None


def business_day(connection: Connection, property_id: str, business_on: date) -> BusinessDay | None:
    """Give a day, or None where nothing is known of it."""
    query = select(*(_d[name] for name in BusinessDay._fields)).where(*_is(property_id, business_on))
    row = connection.execute(query).one_or_none()
    return BusinessDay(*row) if row else None


def open_day(connection: Connection, property_id: str, business_on: date, *, source: str = CLOCK) -> None:
    """Note that a day has begun; one that is known already stays as it is."""
    opened = insert(ops.business_days).values(
        property_id=property_id, business_on=business_on, opened_at=func.now(), source=source, status="open"
    )
    connection.execute(opened.on_conflict_do_nothing())


def close_day(connection: Connection, property_id: str, business_on: date, *, source: str = CLOCK) -> bool:
    """Close a day and tell whether this call did: a day is closed once, whoever says so again."""
    open_day(connection, property_id, business_on, source=source)
    closed = update(ops.business_days).where(*_is(property_id, business_on), _d.closed_at.is_(None))
    values = {"closed_at": func.now(), "status": "closed", "source": source}
    return connection.execute(closed.values(values)).rowcount == 1


def note_loads(connection: Connection, property_id: str, business_on: date, load_ids: Sequence[int]) -> bool:
    """Add loads to the day whose figures they change; True where it was closed, so that its report is due again."""
    open_day(connection, property_id, business_on)
    fresh = cast(list(load_ids), ARRAY(BigInteger))
    values = {
        "load_ids": func.array_cat(_d.load_ids, fresh),
        "restated_count": _d.restated_count + cast(_d.closed_at.is_not(None), Integer),
    }
    noted = update(ops.business_days).where(*_is(property_id, business_on), ~_d.load_ids.contains(fresh))
    return bool(connection.execute(noted.values(values).returning(_d.closed_at.is_not(None))).scalar_one_or_none())


def _is(property_id: str, business_on: date) -> tuple[ColumnElement[bool], ...]:
    return _d.property_id == property_id, _d.business_on == business_on
