"""The Channex API as its partners see it: a feed until it is acknowledged, warnings inside a 200, ten pushes a minute."""

import calendar
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, timedelta
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.channels.channex_told import event, revision
from sandbox.channels.desk import Desk, Json
from sandbox.channels.json_answers import answer
from sandbox.channels.sales import Sale

MOST_BYTES: Final = 10_000_000
MOST_PER_MINUTE: Final = 10
MOST_ROWS: Final = 100
_PLAIN: Final = ("property_id", "room_type_id", "rate_plan_id", "date", "date_from", "date_to", "days", "rates")
_FLAGS: Final = ("stop_sell", "closed_to_arrival", "closed_to_departure")
_COUNTS: Final = {"min_stay_arrival": 1, "min_stay_through": 1, "max_stay": 0, "availability": 0}

Handler = Callable[[Request], Awaitable[Response]]


def routes(desk: Desk) -> list[Route]:
    """Serve one account's feed and what it is sold by."""
    server = _Server(desk)
    return [
        Route("/api/v1/booking_revisions/feed", server.guarded(server.feed)),
        Route("/api/v1/booking_revisions/{revision}", server.guarded(server.revision)),
        Route("/api/v1/booking_revisions/{revision}/ack", server.guarded(server.acknowledge), methods=["POST"]),
        Route("/api/v1/availability", server.guarded(server.availability), methods=["POST"]),
        Route("/api/v1/restrictions", server.guarded(server.restrictions), methods=["POST"]),
    ]


def webhook(desk: Desk, sale: Sale) -> tuple[dict[str, str], bytes]:
    """Give headers and body of the event of a sale's revision; the secret is a header that we had them set."""
    return {"Authorization": f"Bearer {desk.keys.webhook_secret}"}, msgspec.json.encode(event(sale))


class _Server:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pushed: dict[str, deque[float]] = {}

    def guarded(self, handler: Handler) -> Handler:
        """Let only those in who have the key."""

        async def guard(request: Request) -> Response:
            if request.headers.get("user-api-key") != self._desk.keys.api_key:
                return _error(401, "unauthorized", "Unauthorized")
            return await handler(request)

        return guard

    async def feed(self, request: Request) -> Response:
        """Show the revisions that are not acknowledged, oldest first where that is asked for."""
        asked = request.query_params
        if asked.get("order[inserted_at]") != "asc":
            self._desk.problems.append("the feed is not asked for in the order of arrival")
        limit = int(asked.get("pagination[limit]", "10"))
        if not 1 <= limit <= MOST_ROWS or asked.get("pagination[page]", "1") != "1":
            self._desk.problems.append("the feed is asked for by pages that move while it is acknowledged")
        hotel_ref = asked.get("filter[property_id]")
        told = [each.sale for each in self._desk.waiting(limit) if hotel_ref in (None, each.sale.hotel_ref)]
        total = sum(hotel_ref in (None, each.sale.hotel_ref) for each in self._desk.unacknowledged())
        meta = {"page": 1, "limit": limit, "total": max(total, len(told))}
        return answer({"data": [revision(sale) for sale in told], "meta": meta})

    async def revision(self, request: Request) -> Response:
        """Show one revision, acknowledged or not."""
        wanted = request.path_params["revision"]
        found = next((each.sale for each in self._desk.unacknowledged() if each.message_id == wanted), None)
        return answer({"data": revision(found)}) if found else _error(404, "not_found", "Resource Not Found")

    async def acknowledge(self, request: Request) -> Response:
        """Take a revision out of the feed."""
        if not self._desk.acknowledge(request.path_params["revision"]):
            self._desk.problems.append("a revision is acknowledged that was never told")
            return _error(404, "not_found", "Resource Not Found")
        return answer({"meta": {"message": "Success"}})

    async def availability(self, request: Request) -> Response:
        """Take counts by room type."""
        return await self._push(request, "availability", "room_type_id")

    async def restrictions(self, request: Request) -> Response:
        """Take restrictions and prices by rate plan."""
        return await self._push(request, "restrictions", "rate_plan_id")

    async def _push(self, request: Request, kind: str, ref: str) -> Response:
        body = await request.body()
        if len(body) > MOST_BYTES:
            return _error(413, "payload_too_large", "Payload Too Large")
        values = msgspec.json.decode(body).get("values")
        if not values:
            return _error(400, "bad_request", "Bad Request")
        if not self._has_turn(f"{kind} {values[0].get('property_id')}"):
            return _error(429, "http_too_many_requests", "Too Many Requests")
        warnings = [value | {"warning": wrong} for value in values if (wrong := _wrong(value, ref))]
        good = [value for value in values if not _wrong(value, ref)]
        if any(None in value.values() for value in values):
            self._desk.problems.append("a field is sent as null instead of left out")
        count = sum(self._take(value) for value in good)
        self._desk.note("rates" if any("rate" in each or "rates" in each for each in good) else kind, count)
        data = [{"id": f"task-{len(self._desk.pushed)}", "type": "task"}] if good else []
        return answer({"data": data, "meta": {"message": "Success", "warnings": warnings}})

    def _has_turn(self, bucket: str) -> bool:
        now, taken = self._desk.now(), self._pushed.setdefault(bucket, deque())
        while taken and now - taken[0] >= 60:  # noqa: PLR2004 a minute
            taken.popleft()
        if len(taken) >= MOST_PER_MINUTE:
            self._desk.problems.append("more than ten pushes a minute")
            return False
        taken.append(now)
        return True

    def _take(self, value: Json) -> int:
        days = list(_days(value))
        for day in days:
            if "availability" in value:
                self._desk.take_count(value["room_type_id"], day, value["availability"])
                continue
            plan = value["rate_plan_id"]
            told = {name: value[name] for name in value if name not in (*_PLAIN, "rate")}
            if told:
                self._desk.take_restriction("", plan, day, told)
            if "rate" in value:
                self._desk.take_price("", plan, day, str(value["rate"]), "")
            for rate in value.get("rates", ()):
                self._desk.take_price(str(rate["occupancy"]), plan, day, str(rate["rate"]), "")
        return len(days)


def _wrong(value: Json, ref: str) -> dict[str, list[str]]:
    """Say what the vendor warns of: a null is no way to leave a field, a count is no text."""
    found = {name: ["Should be a non null value or not existed field"] for name in value if value[name] is None}
    found |= {name: ["can't be blank"] for name in ("property_id", ref) if not value.get(name)}
    found |= {name: ["is invalid"] for name in _FLAGS if value.get(name) not in (None, True, False)}
    for name, least in _COUNTS.items():
        told = value.get(name)
        if told is not None and (not isinstance(told, int) or told < least):
            found[name] = [f"must be greater than or equal to {least}"]
    if not value.get("date") and not (value.get("date_from") and value.get("date_to")):
        found["date"] = ["can't be blank"]
    return found | _wrong_rates(value)


def _wrong_rates(value: Json) -> dict[str, list[str]]:
    rates = [value.get("rate", 1), *(each.get("rate", 0) for each in value.get("rates") or ())]
    is_good = all(not isinstance(rate, float) and _is_above_zero(rate) for rate in rates)
    return {} if is_good else {"rate": ["must be greater than 0"]}


def _is_above_zero(rate: Any) -> bool:
    try:
        return float(rate) > 0
    except (TypeError, ValueError):
        return False


def _days(value: Json) -> Iterator[date]:
    first = date.fromisoformat(value.get("date") or value["date_from"])
    last = date.fromisoformat(value.get("date") or value["date_to"])
    wanted = value.get("days")
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        if not wanted or calendar.day_abbr[day.weekday()][:2].lower() in wanted:
            yield day


def _error(status: int, code: str, title: str) -> Response:
    return answer({"errors": {"code": code, "title": title}}, status)
