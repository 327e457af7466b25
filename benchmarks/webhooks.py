"""The webhook route on its full production path against a bare route with one durable insert per request.

Both: one uvicorn process (uvloop, httptools), the same embedded PostgreSQL with fsync and synchronous_commit on, the same
signed bodies of 2 KB. The bare route neither verifies the signature nor removes cards nor notifies anybody.
"""

import contextlib
import hmac
import os
import statistics
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec
import psycopg

from benchmarks.machine import idle_seconds, processor_seconds
from benchmarks.processes import Route, served
from benchmarks.rounds import Contender, interleave
from benchmarks.server import running_server
from benchmarks.webhooks_bare import TABLE
from benchmarks.webhooks_load import Load, drive
from settings.ports import free_port
from storage.engine import engine
from storage.integrations import Integration, save_integration
from storage.sealing import Keys

CONNECTIONS: Final = (10, 100, 1000)
REQUESTS: Final = 12_000
SOURCE: Final = "bench"
SECRET: Final = "the secret of the benchmark"  # noqa: S105 it guards nothing
KEY: Final = bytes(32)
BARE: Final = "bare"
GATEWAY: Final = "gateway"
NAMES: Final = {BARE: "bare route, an insert each", GATEWAY: "gateway, the full path"}
AIMED_AT: Final = 100
AIM: Final = 2.5
WHY: Final = (
    "",
    "Grouping saves waits for the disk, so it pays where a commit is slow or the senders are many. Here commits are quick, and",
    "the time of one interpreter is the limit on both sides: a route that does next to nothing cannot be 2.5 times as dear.",
    "Of the gateway's own time a fifth goes into finding card numbers in a body of 2 KB, a tenth into its signature, a seventh",
    "into the common commit, the rest into HTTP (`py-spy record` on the gateway at 100 connections).",
    "",
)


class Routes(NamedTuple):
    """The two routes, and the database behind both."""

    by_name: Mapping[str, Route]
    database_url: str


class Turn(NamedTuple):
    """What came of one load. `own`: processor microseconds of the route a request; `busy`: share of all processors."""

    load: Load
    own: float
    busy: float


def measure(rounds: int = 3) -> list[str]:
    """Measure both routes, interleaved, and give Markdown lines: medians of the rounds, and the ratio."""
    requests = [_request(number) for number in range(REQUESTS)]
    with _routes() as routes:
        for route in routes.by_name.values():
            drive(route.port, requests[:2000], 100)  # plans and caches warm
        turns = {count: _turns(routes, requests, count, rounds) for count in CONNECTIONS}
    rates = {(count, name): _rate(turns[count][name]) for count in CONNECTIONS for name in NAMES}
    ratio = rates[AIMED_AT, GATEWAY] / rates[AIMED_AT, BARE]
    return [
        (
            f"At {AIMED_AT} connections the gateway takes **{ratio:.2f} x** as many requests a second as the bare route "
            f"(aim at least {AIM}, {'reached' if ratio >= AIM else 'missed'})."
        ),
        *WHY,
        "| connections | route | requests/s | p50 ms | p99 ms | ratio | route's processor time a request, µs | processors busy |",
        "|---:|---|---:|---:|---:|---:|---:|---:|",
        *(_row(count, name, turns[count]) for count in CONNECTIONS for name in NAMES),
    ]


def _row(connections: int, name: str, turns: Mapping[str, list[Turn]]) -> str:
    p50, p99, own, busy = (
        statistics.median(figures)
        for figures in zip(*((*turn.load[1:], turn.own, turn.busy) for turn in turns[name]), strict=True)
    )
    rate = _rate(turns[name])
    return (
        f"| {connections:,} | {NAMES[name]} | {rate:,.0f} | {p50:.1f} | {p99:.1f} | {rate / _rate(turns[BARE]):.2f} "
        f"| {own:.0f} | {busy:.0%} |"
    )


def _rate(turns: list[Turn]) -> float:
    return REQUESTS / statistics.median(turn.load.seconds for turn in turns)


def _turns(routes: Routes, requests: list[bytes], connections: int, rounds: int) -> dict[str, list[Turn]]:
    turns: dict[str, list[Turn]] = {name: [] for name in NAMES}

    def contender(name: str) -> Contender:
        return lambda: turns[name].append(_turn(routes.by_name[name], requests, connections))

    interleave({name: (_emptying(routes), contender(name)) for name in NAMES}, rounds)
    return turns


def _turn(route: Route, requests: list[bytes], connections: int) -> Turn:
    own, idle = processor_seconds(route.pid), idle_seconds()
    load = drive(route.port, requests, connections)
    own, idle = processor_seconds(route.pid) - own, idle_seconds() - idle
    busy = 1 - idle / load.seconds / (os.cpu_count() or 1)
    return Turn(load, own / len(requests) * 1e6, max(busy, 0.0))


def _emptying(routes: Routes) -> Callable[[], None]:
    def empty() -> None:
        with psycopg.connect(routes.database_url, autocommit=True) as connection:
            connection.execute("TRUNCATE raw.inbox, raw.inbox_conflicts, raw.inbox_attempts, public.bare_inbox")
            connection.execute("CHECKPOINT")

    return empty


@contextlib.contextmanager
def _routes() -> Iterator[Routes]:
    with running_server() as server, contextlib.ExitStack() as stack:
        url = server.fresh("webhooks")
        _prepare(url)
        environment = {
            "NIGHT_AUDIT_DATABASE_URL": url,
            "NIGHT_AUDIT_SECRET_KEY": b64encode(KEY).decode(),
            "NIGHT_AUDIT_DATA_DIR": str(server.folder / "gateway"),
        }
        gateway, bare = free_port(), free_port()
        ours = served(["gateway"], gateway, environment | {"NIGHT_AUDIT_GATEWAY_PORT": str(gateway)})
        peer = served(["benchmarks.webhooks_bare", url, str(bare)], bare, {})
        yield Routes({GATEWAY: stack.enter_context(ours), BARE: stack.enter_context(peer)}, url)


def _prepare(url: str) -> None:
    house = engine(url)
    with house.begin() as connection:
        save_integration(connection, Integration(SOURCE, "*", "hotel_rest"), webhook_secrets=[SECRET], keys=Keys(KEY))
        connection.exec_driver_sql(TABLE)
    house.dispose()


def _request(number: int) -> bytes:
    body = msgspec.json.encode(_event(number))
    signature = hmac.new(SECRET.encode(), body, sha256).hexdigest()
    return (
        f"POST /webhooks/bookings/{SOURCE} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: channel/1.0\r\n"
        f"content-type: application/json\r\nx-webhook-signature: {signature}\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode() + body


def _event(number: int) -> dict[str, object]:
    """Make a booking of three rooms with five nights each, as the contract has it: 2 KB."""
    nights = [{"date": f"2026-12-{day:02}", "price": "123.45", "tax": "10.20", "package": None} for day in range(1, 6)]
    stay = {"roomType": "DBL", "ratePlan": "BAR", "checkIn": "2026-12-01", "checkOut": "2026-12-06", "nights": nights}
    booking = {
        "id": f"CH-{number:07}", "propertyId": "city-hotel", "status": "Confirmed", "channel": "booking.com",
        "channelRef": f"{number:07}", "currency": "EUR", "totalPrice": "1851.75", "adults": 2, "children": 0,
        "bookedAt": "2026-11-20T10:11:12Z", "modifiedAt": "2026-11-20T10:11:12Z", "revision": 1,
        "specialRequests": "late arrival; a quiet room on a high floor, please",
        "guest": {"firstName": "Ana", "lastName": "Gómez", "email": "ana@example.org", "phone": "+34 91 555 01 23"},
        "rooms": [{"id": f"{number}-{room}", **stay} for room in range(3)],
    }  # fmt: skip
    return {"id": f"evt_{number:07}", "type": "booking.created", "createdAt": "2026-11-20T10:11:12Z", "data": booking}


if __name__ == "__main__":
    print("\n".join(measure()))
