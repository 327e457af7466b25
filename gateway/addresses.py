"""The paths booking webhooks come in by, and whose they are."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

# Paths that name no source speak for one.
CHANNEL_MANAGER: Final = "channel_manager"
_NAMED: Final = (
    re.compile(r"/webhooks/bookings/(?P<source>[a-z0-9_-]{1,63})(?:/(?P<account>[A-Za-z0-9_.-]{1,63}))?"),
    re.compile(r"/webhooks/ota/(?P<source>[a-z0-9_-]{1,63})"),
)
_FIXED: Final = {
    "/webhooks/booking-created": CHANNEL_MANAGER,
    "/webhooks/booking-modified": CHANNEL_MANAGER,
    "/webhooks/booking-cancelled": CHANNEL_MANAGER,
    "/webhooks/booking-update": CHANNEL_MANAGER,
    "/api/webhooks/booking-engine": "booking_engine",
}


class Address(NamedTuple):
    """An account of a source; the account is empty where the path names none."""

    source: str
    account: str = ""


@lru_cache(maxsize=1024)
def address(path: str) -> Address | None:
    """Give the address a path stands for, or None where it is no booking webhook's."""
    if path in _FIXED:
        return Address(_FIXED[path])
    for pattern in _NAMED:
        if found := pattern.fullmatch(path):
            return Address(found["source"], found.groupdict().get("account") or "")
    return None
