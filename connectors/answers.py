"""What an HTTP status means for us, and how long `Retry-After` asks to wait."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from connectors.errors import ConnectorError, FixCredentials, RequestRefused, TryLater

# A vendor's typo (or 1e9) must not put an integration to sleep for years.
LONGEST_WAIT_SECONDS: Final = 3600.0
_WAIT_AND_RETRY: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


def retry_after(value: str | None, now: datetime) -> float | None:
    """Read `Retry-After`: seconds or an HTTP date, capped at an hour, never negative; None where it says nothing."""
    text = (value or "").strip()
    if not text:
        return None
    if text.isascii() and text.isdecimal():
        # A number of a million digits is read by length alone.
        return min(float(text[:10]), LONGEST_WAIT_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), LONGEST_WAIT_SECONDS)


def failure(status: int, headers: Mapping[str, str], endpoint_code: str, now: datetime) -> ConnectorError | None:
    """Give the error a status stands for, None for 2xx."""
    if status // 100 == 2:  # noqa: PLR2004 the class of a status
        return None
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return FixCredentials(
            f"{endpoint_code}: the vendor answered {status}: renew or re-grant the credentials", status
        )
    if status in _WAIT_AND_RETRY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait = retry_after(headers.get("retry-after"), now)
        is_unprocessed = status == HTTPStatus.TOO_MANY_REQUESTS
        return TryLater(f"{endpoint_code}: the vendor answered {status}", wait, may_have_acted=not is_unprocessed)
    return RequestRefused(f"{endpoint_code}: the vendor answered {status}", status)
