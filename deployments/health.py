"""How each service shows that it is healthy. Nothing here starts anything."""

from collections.abc import Callable
from typing import Any, Final

import httpx
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from deployments.prefect_api import ask
from settings import Settings
from storage import embedded
from storage.embedded.record import url
from storage.engine import engine

ANSWER_SECONDS: Final = 5


def is_healthy(given: Settings, name: str) -> bool:
    """Tell whether a service does what it is for; what is away or still starting does not."""
    try:
        return _CHECKS[name](given)
    except (httpx.HTTPError, SQLAlchemyError, OSError):
        return False


def _database(given: Settings) -> bool:
    return _asked(given, "select true")


def _trigger(given: Settings) -> bool:
    return _listens(given, "trigger")


def _puller(given: Settings) -> bool:
    return _listens(given, "puller")


def _courier(given: Settings) -> bool:
    return _listens(given, "courier")


def _listens(given: Settings, name: str) -> bool:
    listens = f"application_name = '{name}' and datname = current_database()"
    return _asked(given, f"select exists (select from pg_stat_activity where {listens})")


def _asked(given: Settings, question: str) -> bool:
    """Ask the database, but never start one: that is the keeper's work."""
    address = given.database_url
    if address is None:
        record = embedded.status(given)
        if record is None:
            return False
        address = url(given, record.port)
    with engine(address).connect() as connection:
        return bool(connection.execute(text(question)).scalar())


def _prefect(given: Settings) -> bool:
    return bool(ask(given, "GET", "health"))


def _worker(given: Settings) -> bool:
    workers = ask(given, "POST", "work_pools/night-audit/workers/filter", {})
    return any(worker["status"] == "ONLINE" for worker in workers)


def _gateway(given: Settings) -> bool:
    # 503 as well: bookings that waited for the house to open are no reason not to open it.
    return _told(given.gateway_port).get("database") == "reachable"


def _sandbox(given: Settings) -> bool:
    return "seed" in _told(given.sandbox_port)


def _told(port: int) -> dict[str, Any]:
    answer = httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False, timeout=ANSWER_SECONDS)
    return dict(answer.json())


_CHECKS: Final[dict[str, Callable[[Settings], bool]]] = {
    "database": _database,
    "prefect": _prefect,
    "gateway": _gateway,
    "sandbox": _sandbox,
    "trigger": _trigger,
    "puller": _puller,
    "courier": _courier,
    "worker": _worker,
}
