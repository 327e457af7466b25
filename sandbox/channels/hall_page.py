"""The hall over HTTP: every kind under its name, what each desk holds under `/sandbox/channels`, and a way to sell."""

import asyncio
import itertools
import threading
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Final

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from sandbox.channels.desk import Desk, Json
from sandbox.channels.hall import PATHS, Hall, Stall
from sandbox.channels.running import Channel, channel_app
from sandbox.server.answers import BadRequestError, read
from sandbox.server.running import serve_app

PAGE: Final = "/sandbox/channels"
MOST_AT_ONCE: Final = 1_000
LATEST: Final = 20
_DAY: Final = timedelta(days=1)


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """How many bookings are to be sold, or cancelled of those that stand."""

    count: Annotated[int, msgspec.Meta(ge=1, le=MOST_AT_ONCE)] = 1
    cancel: bool = False


def hall_app(hall: Hall) -> Starlette:
    """Make the ASGI application of a hall."""
    stalls = hall.stalls.values()
    return Starlette(
        routes=[
            Route(PAGE, partial(_show, hall)),
            Route(PAGE + "/{kind}", partial(_show_one, hall)),
            Route(PAGE + "/{kind}/sell", partial(_sell, hall), methods=["POST"]),
            *(Mount(f"/{stall.kind}", app=channel_app(Channel(stall.kind, stall.desk))) for stall in stalls),
        ],
        exception_handlers={BadRequestError: _bad_request},
    )


def serve_hall(hall: Hall, port: int, rate: float | None = None) -> None:
    """Serve until told to stop; with a `rate` so many bookings a second are sold, by one kind after the other."""
    if rate:
        threading.Thread(target=_sell_on, args=(hall, 1 / rate), name="sales", daemon=True).start()
    serve_app(hall_app(hall), port)


def _sell_on(hall: Hall, pause_seconds: float) -> None:
    never = threading.Event()
    for kind in itertools.cycle(hall.stalls):
        never.wait(pause_seconds)
        asyncio.run(hall.sell(kind, 1))


async def _show(hall: Hall, request: Request) -> Response:
    shop = hall.shop
    return _answer({
        "hotel_ref": shop.hotel_ref,
        "room_types": shop.room_types,
        "rate_plans": shop.rate_plans,
        "channels": {kind: _shown(stall, request) for kind, stall in hall.stalls.items()},
    })  # fmt: skip


async def _show_one(hall: Hall, request: Request) -> Response:
    stall = hall.stalls.get(request.path_params["kind"])
    return _answer(_shown(stall, request)) if stall else _unknown(hall)


async def _sell(hall: Hall, request: Request) -> Response:
    stall = hall.stalls.get(request.path_params["kind"])
    if stall is None:
        return _unknown(hall)
    asked: Asked = await read(request, Asked)
    told = await (hall.cancel if asked.cancel else hall.sell)(stall.kind, asked.count)
    if not told:
        return _answer({"error": "nothing_stands", "message": "no booking stands that could be cancelled"}, 409)
    return _answer({"told": told})


def _unknown(hall: Hall) -> Response:
    return _answer({"error": "not_found", "message": f"one of {', '.join(hall.stalls)}"}, 404)


async def _bad_request(_: Request, error: Exception) -> Response:
    return _answer({"error": "bad_request", "message": str(error)}, 400)


def _answer(content: Json, status: int = 200) -> Response:
    """Answer in JSON that a person can read."""
    text = msgspec.json.format(msgspec.json.encode(content), indent=2)
    return Response(text + b"\n", status, media_type="application/json")


def _shown(stall: Stall, request: Request) -> Json:
    desk, base = stall.desk, str(request.base_url).rstrip("/")
    waiting = desk.unacknowledged()
    return {
        "address": f"{base}/{stall.kind}{PATHS.get(stall.kind, '')}",
        "keys": desk.keys._asdict(),
        "sold": stall.sold_count,
        "waiting": {
            "count": len(waiting),
            "oldest": [
                {"message": each.message_id, "told": desk.told_count.get(each.message_id, 0)}
                for each in waiting[:LATEST]
            ],
        },
        "acknowledged": {
            "count": len(desk.acknowledged),
            "latest": list(desk.acknowledged)[-LATEST:],
        },
        "messages_of_ours": len(desk.pushed),
        "counts": {kind: list(found) for kind, found in _stretches(desk).items()},
        "problems": {"count": len(desk.problems), "latest": desk.problems[-LATEST:]},
    }


def _stretches(desk: Desk) -> Mapping[str, Iterator[Json]]:
    """Give the counts that we told, by room type, dates of one count together."""
    by_type: dict[str, list[tuple[date, int]]] = {}
    for (room_type, stay_on), count in sorted(desk.counts.copy().items()):
        by_type.setdefault(room_type, []).append((stay_on, count))
    return {room_type: _stretched(cells) for room_type, cells in by_type.items()}


def _stretched(cells: list[tuple[date, int]]) -> Iterator[Json]:
    first = 0
    for n, (stay_on, count) in enumerate(cells):
        if n + 1 == len(cells) or cells[n + 1] != (stay_on + _DAY, count):
            yield {"first": cells[first][0].isoformat(), "last": stay_on.isoformat(), "count": count}
            first = n + 1
