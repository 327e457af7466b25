"""A hotel with prices, a gateway in front of it, somebody who imports, and a client that has a key."""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import httpx
from sqlalchemy import Engine, text

from gateway.app import create_app
from gateway.booking_engine.service import Terms
from hotel.rooms import Rate
from operations.import_waiting import import_waiting
from settings import Settings
from storage.api_keys import SCOPES, create_key
from storage.integrations import Integration, save_integration
from storage.sealing import Keys
from tests.gateway.running import serving
from tests.operations.asking import HOTEL, SOON, set_up_hotel

API = "/api/booking-engine"
TELLER = "rate_system"


class Api(NamedTuple):
    """A running gateway, and one client of its API."""

    client: httpx.Client
    key: str

    def book(self, key: str | None = None, **body: Any) -> httpx.Response:
        """Ask for a booking."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(f"{API}/bookings", json=asked(**body), headers=headers)

    def change(self, booking_id: str, key: str | None = None, **body: Any) -> httpx.Response:
        """Ask for a change."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.put(f"{API}/bookings/{booking_id}", json=asked(**body), headers=headers)

    def cancel(self, booking_id: str, **params: str) -> httpx.Response:
        """Ask for the end of a booking."""
        return self.client.delete(f"{API}/bookings/{booking_id}", params=params)

    def read(self, booking_id: str) -> httpx.Response:
        """Look at a booking."""
        return self.client.get(f"{API}/bookings/{booking_id}")

    def available(self, first: date = SOON, nights: int = 2, **params: Any) -> httpx.Response:
        """Ask what may be sold."""
        dates = {"check_in": first.isoformat(), "check_out": (first + timedelta(days=nights)).isoformat()}
        return self.client.get(f"{API}/availability/{HOTEL}", params=dates | params)


def asked(first: date = SOON, nights: int = 2, rooms: Sequence[str] = ("DBL",), **fields: Any) -> dict[str, Any]:
    """The body of a request: rooms of these types at the usual plan; a field that is None is left out."""
    plan, adults = fields.pop("plan", "BAR"), fields.pop("adults", 2)
    body = {
        "check_in": first.isoformat(),
        "check_out": (first + timedelta(days=nights)).isoformat(),
        "rooms": [{"room_type": kind, "rate_plan": plan, "adults": adults} for kind in rooms],
        "guest": {"first_name": "Ana", "last_name": "Reis", "email": "ana@example.com", "country": "PT"},
    }
    return {name: value for name, value in (body | fields).items() if value is not None}


def set_up_market(engine: Engine, **given: Any) -> None:
    """The hotel and its prices: BAR for every type, a little dearer each night, and NRF for doubles."""
    set_up_hotel(engine, **given)
    with engine.begin() as connection:
        save_integration(connection, Integration(TELLER, HOTEL, "hotel_rest", account="prices"))
    tell(engine, *(rate(day, "BAR", kind, price) for day in range(60) for kind, price in PRICES.items()))
    tell(engine, *(rate(day, "NRF", "DBL", 9_000) for day in range(60)))


PRICES = {"DBL": 10_000, "STE": 25_000}


def rate(day: int, plan: str = "BAR", kind: str = "DBL", price: int = 10_000, **told: Any) -> Rate:
    """A price, so many days after the usual arrival; each night costs one unit more than the one before."""
    usual = Rate(
        TELLER, HOTEL, plan, kind, SOON + timedelta(days=day), 0, price + 100 * day, "EUR", is_tax_included=True
    )
    return usual._replace(**told)


def tell(engine: Engine, *rates: Rate) -> None:
    """Write prices, as their loader would."""
    names = Rate._fields
    query = f"""
        INSERT INTO core.rates ({", ".join(names)}, source_version, received_seq, load_id, raw_ref, row_hash)
        VALUES ({", ".join(f":{name}" for name in names)}, 1, 1, 1, 'x', 'x')
        ON CONFLICT (source, property_id, rate_plan_code, room_type_code, stay_on, occupancy_count)
        DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in names)}
    """
    with engine.begin() as connection:
        connection.execute(text(query), [each._asdict() for each in rates])


@contextlib.contextmanager
def importing(engine: Engine) -> Iterator[None]:
    """Import what waits, as the trigger does, until the block ends."""
    is_over = threading.Event()

    def work() -> None:
        while not is_over.is_set():
            if not import_waiting(engine):
                is_over.wait(0.01)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(60)


@contextlib.contextmanager
def calling(settings: Settings, keys: Keys, engine: Engine, terms: Terms | None = None) -> Iterator[Api]:
    """Serve a gateway and give a client with a key for all it can do."""
    reports = settings.data_dir / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    app = create_app(settings.database_url or "", reports, keys, terms=terms)
    key = new_key(engine, keys)
    with (
        serving(app) as port,
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {key}"}, timeout=30
        ) as client,
    ):
        yield Api(client, key)


def new_key(engine: Engine, keys: Keys, *scopes: str, **given: Any) -> str:
    """Make a key of the hotel."""
    with engine.begin() as connection:
        return create_key(connection, keys, HOTEL, scopes or SCOPES, **given)[1]
