"""Stretches of a source's modification time no longer than it tells at once."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection

from hotel.loads import Window
from operations.extract import OVERLAP
from operations.sources import Source
from storage.loads import read_watermark


def split(window: Window, longest: timedelta | None) -> Iterator[Window]:
    """Yield a window in parts of at most `longest`, oldest first; None: whole."""
    since = window.since
    while since < window.until:
        until = min(since + longest, window.until) if longest else window.until
        yield Window(since, until)
        since = until


def marked_at(connection: Connection, account: Source, dataset: str) -> datetime | None:
    """Tell how far a dataset of an account has been read; None where it never was."""
    integration = account.integration
    mark = read_watermark(connection, integration.source, integration.property_id or "*", dataset)
    return mark.value_at if mark else None


def windows_to_read(connection: Connection, account: Source, dataset: str, until: datetime) -> Iterator[Window | None]:
    """Yield what is to be read from the watermark to `until`; None where the source tells everything at once.

    A source with a longest window that was never read is read back as far as that.
    """
    longest = account.connector.capabilities.longest_window
    if longest is None:
        yield None
        return
    mark = marked_at(connection, account, dataset)
    yield from split(Window(mark - OVERLAP if mark else until - longest, until), longest)
