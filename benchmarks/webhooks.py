"""The webhook route on its full production path against a bare route with one durable insert per request.

Both: one uvicorn process (uvloop, httptools), the same embedded PostgreSQL with fsync and synchronous_commit on, the same
signed bodies of 2 KB. The bare route neither verifies the signature nor removes cards nor notifies anybody.
"""

import contextlib
import hmac
import statistics
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from socket import create_connection
from typing import Final, NamedTuple

import msgspec
import psycopg

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
NAMES: Final = {"bare": "bare route, an insert each", "gateway": "gateway, the full path"}


class Routes(NamedTuple):
    """The two routes by port, and the database behind both."""

    ports: Mapping[str, int]
    database_url: str


def measure(rounds: int = 3) -> list[str]:
    """Measure both routes, interleaved, and give Markdown lines: medians of the rounds, and the ratio."""
    requests = [_request(number) for number in range(REQUESTS)]
    with _routes() as routes:
        for port in routes.ports.values():
            drive(port, requests[:2000], 100)  # plans and caches warm
        rows = [row for count in CONNECTIONS for row in _measured(routes, requests, count, rounds)]
    return [
        "| connections | route | requests/s | p50 ms | p99 ms | ratio |",
        "|---:|---|---:|---:|---:|---:|",
        *rows,
    ]


def _measured(routes: Routes, requests: list[bytes], connections: int, rounds: int) -> Iterator[str]:
    loads: dict[str, list[Load]] = {name: [] for name in NAMES}

    def contender(name: str) -> Contender:
        return lambda: loads[name].append(drive(routes.ports[name], requests, connections))

    interleave({name: (_emptying(routes), contender(name)) for name in NAMES}, rounds)
    rates = {name: len(requests) / statistics.median(load.seconds for load in loads[name]) for name in NAMES}
    for name, shown in NAMES.items():
        p50, p99 = (statistics.median(figures) for figures in zip(*(load[1:] for load in loads[name]), strict=True))
        ratio = rates[name] / rates["bare"]
        yield f"| {connections:,} | {shown} | {rates[name]:,.0f} | {p50:.1f} | {p99:.1f} | {ratio:.2f} |"


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
        stack.enter_context(_process(["gateway"], gateway, environment | {"NIGHT_AUDIT_GATEWAY_PORT": str(gateway)}))
        stack.enter_context(_process(["benchmarks.webhooks_bare", url, str(bare)], bare, {}))
        yield Routes({"gateway": gateway, "bare": bare}, url)


def _prepare(url: str) -> None:
    house = engine(url)
    with house.begin() as connection:
        save_integration(connection, Integration(SOURCE, "*", "hotel_rest"), webhook_secrets=[SECRET], keys=Keys(KEY))
        connection.exec_driver_sql(TABLE)
    house.dispose()


@contextlib.contextmanager
def _process(module: list[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    root = Path(__file__).resolve().parent.parent
    process = subprocess.Popen([sys.executable, "-m", *module], cwd=root, env=environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not _listens(port):
            assert process.poll() is None, f"{module[0]} does not start"
            assert time.monotonic() < deadline, f"{module[0]} does not listen"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    try:
        create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


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
