"""What a hotel must hold after a heap of booking messages: folded by version in plain Python, without any code of ours.

The one source of truth of the fault tests, so it reads the contract itself and knows the few currencies in it.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

Json = dict[str, Any]
Key = tuple[str, str, str]

DECIMALS: Final = {"EUR": 2, "JPY": 0, "BHD": 3}
STATUSES: Final = {
    "Confirmed": "confirmed", "InHouse": "in_house", "CheckedOut": "checked_out", "Cancelled": "cancelled",
    "NoShow": "no_show", "Waitlisted": "waitlisted", "Optional": "waitlisted",
}  # fmt: skip
LOST: Final = {"cancelled", "no_show"}
EARNING: Final = {"confirmed", "in_house", "checked_out"}


class Told(NamedTuple):
    """One message in the inbox: its place in the order of arrival, who sent it, and its bytes."""

    inbox_id: int
    source: str
    body: bytes


class Room(NamedTuple):
    """One room: its nights are date -> (price, revenue) in minor units."""

    status: str
    room_type: str
    nights: dict[str, tuple[int, int]]


class Booking(NamedTuple):
    """One booking as its messages leave it. `held`: room nights and revenue on the books, in minor units."""

    status: str
    version: int
    total_minor: int
    request_count: int | None
    rooms: dict[str, Room]

    @property
    def live_rooms(self) -> dict[str, Room]:
        """Rooms that are not lost by themselves."""
        return {ref: room for ref, room in self.rooms.items() if room.status not in LOST}

    @property
    def held(self) -> tuple[int, int]:
        """Room nights and revenue that count: none of a booking that is lost or waits."""
        nights = [night for room in self.live_rooms.values() for night in room.nights.values()]
        counts = nights if self.status in EARNING else []
        return len(counts), sum(revenue for _, revenue in counts)


def fold(messages: Iterable[Told]) -> dict[Key, Booking]:
    """Fold messages into bookings: newest version wins, of equal versions the later received; a cancel only cancels."""
    by_key: dict[Key, list[tuple[int, int, bool, Json]]] = {}
    for message in messages:
        event = msgspec.json.decode(message.body)
        data = event["data"]
        key = (message.source, data["propertyId"], data["id"])
        is_cancel = event["type"] == "booking.cancelled"
        by_key.setdefault(key, []).append((data["revision"], message.inbox_id, is_cancel, data))
    return {key: _booking(sorted(versions, key=lambda each: each[:2])) for key, versions in by_key.items()}


def _booking(versions: list[tuple[int, int, bool, Json]]) -> Booking:
    newest_version, _, is_cancelled, _ = versions[-1]
    content = next(data for _, _, is_cancel, data in reversed(versions) if not is_cancel)
    decimals = DECIMALS[content["currency"]]
    return Booking(
        "cancelled" if is_cancelled else STATUSES[content["status"]],
        newest_version,
        minor(content["totalPrice"], decimals),
        content["specialRequests"],
        {room["id"]: _room(room, decimals, is_tax_included=bool(content["taxIncluded"])) for room in content["rooms"]},
    )


def _room(room: Json, decimals: int, *, is_tax_included: bool) -> Room:
    nights = {}
    for night in room["nights"]:
        price = minor(night["price"], decimals)
        tax = minor(night["tax"], decimals) if is_tax_included else 0
        nights[night["date"]] = (price, price - minor(night["package"], decimals) - tax)
    return Room(STATUSES[room["status"]], room["roomType"], nights)


def minor(amount: str | None, decimals: int) -> int:
    """Read an amount in major units; nothing told is nothing."""
    return int(Decimal(amount or "0").scaleb(decimals))
