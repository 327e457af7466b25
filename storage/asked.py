"""Messages that ask (`hotel.asked`): what became of them, and how the bookings they are about stand."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, text

# How a message of the inbox names the booking it asks for, among its headers.
BOOKING: Final = "booking"


class Asked(NamedTuple):
    """One message that asked and what became of it; `error_code` says why it was refused, None where it was not."""

    inbox_id: int
    event_type: str
    booking_ref: str
    body_sha256: bytes
    status: str
    outcome: str | None
    error_code: str | None

    @property
    def is_over(self) -> bool:
        """Tell whether it has its outcome."""
        return self.status in {"done", "dead"}

    @property
    def is_refused(self) -> bool:
        """Tell whether it came to nothing."""
        return self.is_over and self.outcome == "quarantined"


class Standing(NamedTuple):
    """How a booking stands."""

    source_ref: str
    status: str


def asked(connection: Connection, source: str, account: str, event_id: str) -> Asked | None:
    """Find a message by what identifies it; None where nothing was asked under that name."""
    return _one(connection, f"{_ASKED} AND event_id = :event_id", source=source, account=account, event_id=event_id)


def asked_by_id(connection: Connection, source: str, account: str, inbox_id: int) -> Asked | None:
    """Find a message by its id."""
    return _one(connection, f"{_ASKED} AND inbox_id = :inbox_id", source=source, account=account, inbox_id=inbox_id)


def answers(connection: Connection, inbox_ids: Sequence[int]) -> dict[int, tuple[str, str | None]]:
    """Give outcome and error code of messages as this transaction has marked them."""
    query = "SELECT inbox_id, outcome, error_code FROM raw.inbox WHERE inbox_id = ANY(:ids)"
    return {row[0]: (row[1], row[2]) for row in connection.execute(text(query), {"ids": list(inbox_ids)})}


def standings(connection: Connection, source: str, property_id: str, refs: Sequence[str]) -> dict[str, Standing]:
    """Tell how bookings stand, and keep them from changing until the transaction ends; those that are not stored lack."""
    query = """
        SELECT source_ref, status FROM core.reservations
        WHERE source = :source AND property_id = :property_id AND source_ref = ANY(:refs) AND NOT is_tombstone
        ORDER BY source_ref COLLATE "C" FOR NO KEY UPDATE
    """
    given = {"source": source, "property_id": property_id, "refs": list(refs)}
    return {row[0]: Standing(*row) for row in connection.execute(text(query), given)}


def _one(connection: Connection, query: str, **given: Any) -> Asked | None:
    row = connection.execute(text(query), given).one_or_none()
    return Asked(*row) if row else None


_ASKED: Final = f"""
SELECT inbox_id, event_type, headers ->> '{BOOKING}', body_sha256, status, outcome, error_code FROM raw.inbox
WHERE source = :source AND account = :account AND event_type LIKE 'ask.%'
"""
