"""The hotel's own booking engine: a cache of what may be sold that is told to refresh, and events of its bookings."""

import hmac
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.channels.desk import Desk, Json
from sandbox.channels.json_answers import answer, major
from sandbox.channels.sales import CANCELLED, NEW, Sale, SoldRoom

# A room type nobody has set up here.
UNKNOWN: Final = "unknown-"

Handler = Callable[[Request], Awaitable[Response]]


def routes(desk: Desk) -> list[Route]:
    """Serve one hotel's engine."""
    server = _Server(desk)
    return [
        Route("/api/health", server.guarded(server.health)),
        Route("/api/cache/status", server.guarded(server.status)),
        Route("/api/cache/refresh-availability", server.guarded(server.refresh), methods=["POST"]),
    ]


def event(desk: Desk, sale: Sale) -> tuple[dict[str, str], bytes]:
    """Give headers and body of the event of a sale, signed with HMAC-SHA256 over the raw body."""
    verb = "created" if sale.kind == NEW else "cancelled" if sale.kind == CANCELLED else "updated"
    told = {
        "id": f"evt-{sale.ref}-{sale.revision}",
        "event": f"reservation.{verb}",
        "timestamp": sale.modified_at.isoformat(),
        "reservation": reservation(sale),
    }
    body = msgspec.json.encode(told)
    signature = hmac.digest(desk.keys.webhook_secret.encode(), body, "sha256").hex()
    return {"X-Webhook-Signature": signature}, body


class _Server:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._done: dict[str, Json] = {}

    def guarded(self, handler: Handler) -> Handler:
        """Let only those in who bear the key."""

        async def guard(request: Request) -> Response:
            if request.headers.get("authorization") != f"Bearer {self._desk.keys.api_key}":
                return answer({"error": "unauthorized"}, 401)
            return await handler(request)

        return guard

    async def health(self, _: Request) -> Response:
        """Say how the engine is."""
        return answer({"status": "healthy"})

    async def status(self, _: Request) -> Response:
        """Say what the cache holds."""
        return answer({"status": "warm", "entries": len(self._desk.counts)})

    async def refresh(self, request: Request) -> Response:
        """Take counts, each by itself, and forget the rest of the dates; the same key twice does nothing twice."""
        key = request.headers.get("idempotency-key", "")
        if not key:
            self._desk.problems.append("a refresh without an idempotency key")
        if key not in self._done:
            self._done[key] = self._refresh(msgspec.json.decode(await request.body()))
        return answer(self._done[key])

    def _refresh(self, asked: Json) -> Json:
        first, last = (date.fromisoformat(asked[edge]) for edge in ("start_date", "end_date"))
        counts = asked.get("availability", [])
        errors = []
        for n, told in enumerate(counts):
            stay_on = date.fromisoformat(told["date"])
            if not first <= stay_on <= last or told["available_rooms"] < 0 or not asked.get("hotel_id"):
                self._desk.problems.append("a count lies outside its refresh, or is none")
            if told["room_type_id"].startswith(UNKNOWN):
                errors.append({"index": n, "code": "room_type_unknown"})
                continue
            self._desk.take_count(told["room_type_id"], stay_on, told["available_rooms"])
        self._desk.note("availability", len(counts) - len(errors))
        return {"success": not errors, "errors": errors}


def reservation(sale: Sale) -> Json:
    """Tell a sale in the engine's words."""
    told = {
        "reservation_id": sale.ref,
        "hotel_id": sale.hotel_ref,
        "status": "cancelled" if sale.kind == CANCELLED else "confirmed",
        "created_at": sale.booked_at.isoformat(),
        "updated_at": sale.modified_at.isoformat(),
        "currency": sale.currency,
        "total_price": msgspec.Raw(major(sale.total_minor, sale.currency).encode()),
        "tax_included": True,
        "comments": sale.comment,
        "guest": {
            "first_name": sale.first_name,
            "last_name": sale.last_name,
            "email": sale.email,
            "phone": sale.phone,
            "country": sale.country,
        },
        "rooms": [_room(sale, room) for room in sale.rooms],
    }
    return told | ({"cancelled_at": sale.modified_at.isoformat()} if sale.kind == CANCELLED else {})


def _room(sale: Sale, room: SoldRoom) -> Json:
    return {
        "id": room.ref,
        "room_type": room.room_type,
        "rate_plan": room.rate_plan,
        "check_in": room.arrival_on.isoformat(),
        "check_out": room.departure_on.isoformat(),
        "adults": room.adults,
        "children": len(room.child_ages),
        "nights": [
            {
                "date": night.stay_on.isoformat(),
                "price": msgspec.Raw(major(night.price_minor, sale.currency).encode()),
                "tax": major(night.tax_minor, sale.currency),
            }
            for night in room.nights
        ],
    }
