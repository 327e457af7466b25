"""Our own API against its aims: a gateway and an importer as processes of their own, a durable PostgreSQL, real HTTP."""

import contextlib
import itertools
import statistics
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final, NamedTuple

import httpx
import psycopg

from benchmarks.api_house import FIRST, HOTEL, TYPES, set_up, stay
from benchmarks.processes import running, served
from benchmarks.server import Server, running_server
from settings.ports import free_port
from storage.api_keys import SCOPES, create_key
from storage.engine import engine
from storage.sealing import Keys

REQUESTS: Final = 200
BOOKINGS: Final = 2_000
CLIENTS: Final = 100
KEYS: Final = 50  # one key alone may not ask that often
KEY: Final = bytes(32)
PREFIX: Final = "/api/booking-engine"


class Question(NamedTuple):
    """One kind of request: its aim in milliseconds, and the n-th of it, which must be answered with `status`."""

    name: str
    aim: int
    ask: Callable[[httpx.Client, int], httpx.Response]
    status: int = 200


def measure(server: Server, requests: int = REQUESTS, bookings: int = BOOKINGS) -> list[str]:
    """Measure each kind of request, one after the other; then availability by a hundred clients at once."""
    with _api(server, bookings) as client:
        rows = [_row(question, *_taken(client, question, requests)) for question in QUESTIONS]
        crowd = _crowd(client, requests)
    return [
        "## Our own API",
        "",
        (
            f"One client, {requests} requests of each kind; a house of ten room types, 40,000 prices and {bookings:,} "
            f"bookings. {CLIENTS} clients at once: **{crowd:,.0f}** availability requests a second, none refused."
        ),
        "",
        "| request | p50 ms | p95 ms | aim ms | p95 within |",
        "|---|---:|---:|---:|---|",
        *rows,
        "",
    ]


def _row(question: Question, median: float, late: float) -> str:
    word = "yes" if late < question.aim else "**no**"
    return f"| {question.name} | {median:.0f} | {late:.0f} | {question.aim} | {word} |"


def _taken(client: httpx.Client, question: Question, requests: int) -> tuple[float, float]:
    taken = []
    for number in range(requests):
        started = time.perf_counter()
        answer = question.ask(client, number)
        taken.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == question.status, f"{question.name}: {answer.status_code} {answer.text}"
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1]


def _crowd(client: httpx.Client, requests: int) -> float:
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(lambda number: _available(client, number), range(10 * requests)))
    assert {answer.status_code for answer in answers} == {200}
    return len(answers) / (time.perf_counter() - started)


def _available(client: httpx.Client, number: int, nights: int = 3) -> httpx.Response:
    arrival = FIRST + timedelta(days=number % 300)
    params = {"check_in": arrival.isoformat(), "check_out": (arrival + timedelta(days=nights)).isoformat()}
    return client.get(f"{PREFIX}/availability/{HOTEL}", params=params)


def _booking(number: int, nights: int = 0) -> dict[str, object]:
    arrival, departure = stay(number)
    return {
        "check_in": arrival.isoformat(),
        "check_out": (departure + timedelta(days=nights)).isoformat(),
        "rooms": [{"room_type": TYPES[number % len(TYPES)], "rate_plan": "BAR"}],
        "guest": {"first_name": "Ana", "last_name": "Reis", "email": "ana@example.com"},
    }


QUESTIONS: Final = (
    Question("availability, 3 nights", 200, _available),
    Question("availability, 30 nights", 200, lambda client, number: _available(client, number, 30)),
    Question("hotel", 100, lambda client, _: client.get(f"{PREFIX}/hotels/{HOTEL}")),
    Question("room types", 100, lambda client, _: client.get(f"{PREFIX}/room-types/{HOTEL}")),
    Question(
        "a booking made", 500,
        lambda client, n: client.post(f"{PREFIX}/bookings", json=_booking(n) | {"reference": f"WEB-{n}"}), 201,
    ),
    Question("a booking changed", 300, lambda client, n: client.put(f"{PREFIX}/bookings/WEB-{n}", json=_booking(n, 1))),
    Question("a booking cancelled", 300, lambda client, n: client.delete(f"{PREFIX}/bookings/WEB-{n}")),
)  # fmt: skip


class _Keys(httpx.Auth):
    """Takes one key after the other."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = itertools.cycle(keys)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign a request with the next key."""
        request.headers["X-API-Key"] = next(self._keys)
        yield request


@contextlib.contextmanager
def _api(server: Server, bookings: int) -> Iterator[httpx.Client]:
    url = server.fresh("api")
    house = engine(url)
    with house.begin() as connection:
        set_up(connection, bookings)
        made = [create_key(connection, Keys(KEY), HOTEL, SCOPES)[1] for _ in range(KEYS)]
    house.dispose()
    port = free_port()
    environment = {
        "NIGHT_AUDIT_DATABASE_URL": url,
        "NIGHT_AUDIT_SECRET_KEY": b64encode(KEY).decode(),
        "NIGHT_AUDIT_DATA_DIR": str(server.folder / "gateway"),
        "NIGHT_AUDIT_GATEWAY_PORT": str(port),
    }
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}", timeout=60, limits=httpx.Limits(max_connections=CLIENTS), auth=_Keys(made)
    )
    with running(["benchmarks.api_importer", url], environment), served(["gateway"], port, environment), client:
        _until_imported(url)
        server.settle(url)
        yield client


def _until_imported(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        query = "SELECT count(*) FROM raw.inbox WHERE status <> 'done'"
        while connection.execute(query).fetchone() != (0,):
            time.sleep(0.1)


if __name__ == "__main__":
    with running_server() as found:
        sys.stdout.write("\n".join(measure(found)) + "\n")
