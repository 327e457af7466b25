"""A house that sells through two channels, each a sandbox of its own behind HTTP."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Engine, text

from hotel.incoming import Incoming
from sandbox.server import Sandbox
from sandbox.server.access import Keys
from storage.codebooks import save_code_mappings
from storage.integrations import Integration, save_integration
from tests.storage.outbox_house import LONG_AGO, add_rooms, asked, day, sell
from tests.storage.stays import HOUSE

# How the sandboxes name the house, its types and its plans.
HOTEL = "harbour-lisbon"
TYPES = {"STD": "double", "SUP": "suite"}
PLANS = {"BAR": "BAR", "NRF": "saver"}
NEAR, FAR = "agoda", "expedia"


def add_house(house: Engine, sandboxes: dict[str, Sandbox], counts: dict[str, int | None] | None = None) -> None:
    """The house with its rooms, and an account at each sandbox that is told its counts."""
    with house.begin() as connection:
        add_rooms(connection, {"double": 3, "suite": 2} if counts is None else counts)
    for source, sandbox in sandboxes.items():
        connect(house, source, sandbox)


def connect(house: Engine, source: str, sandbox: Sandbox, *, key: str | None = None, **given: Any) -> None:
    """An account at a sandbox; `given` are fields of it, `settings` beside the usual ones."""
    settings = {"base_url": sandbox.url, "allow_private_hosts": True, "deadline_seconds": 2} | given.pop("settings", {})
    known: dict[str, Any] = {"pushes": ("availability",), "went_live_on": LONG_AGO, "hotel_ref": HOTEL}
    with house.begin() as connection:
        account = Integration(source, HOUSE, "hotel_rest", settings=settings, **known | given)
        save_integration(connection, account, credentials={"api_key": key or Keys().api_key})
        codes = {(HOUSE, "room_type", ref): code for ref, code in TYPES.items()}
        codes |= {(HOUSE, "rate_plan", ref): code for ref, code in PLANS.items()}
        save_code_mappings(connection, source, codes)


def book(house: Engine, ref: str, *numbers: int, kind: str = "double", seq: int = 1) -> int:
    """A booking comes in for these nights; give how many things are to be told anew."""
    with house.begin() as connection:
        return sell(connection, ref, numbers, kind=kind, seq=seq)


def bring(house: Engine, incoming: Sequence[Incoming], dataset: str, seq: int = 1) -> int:
    """Rows come in; give how many things are to be told anew."""
    with house.begin() as connection:
        return asked(connection, incoming, seq, dataset)


def counts(sandbox: Sandbox) -> dict[tuple[str, date], int]:
    """What a channel sells by: their room type and date -> rooms."""
    told = sandbox.state.inventory.items()
    return {
        (kind, date.fromisoformat(on)): row["availableRooms"] for (_, kind, on), row in told if "availableRooms" in row
    }


def pushes(sandbox: Sandbox) -> int:
    """How many messages of ours a channel was sent, whatever it answered."""
    return sum(each.method in {"PUT", "POST"} and each.path.startswith("/v1/") for each in sandbox.state.asked)


def ask(house: Engine, query: str, **given: Any) -> list[tuple[Any, ...]]:
    with house.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), given)]


def ended(house: Engine, source: str) -> list[tuple[Any, ...]]:
    """How a channel's rows stand, counted by status and code."""
    query = (
        "SELECT status, error_code, count(*) FROM ops.outbox WHERE destination = :source GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return ask(house, query, source=source)


def states(house: Engine, source: str) -> list[tuple[Any, ...]]:
    """Whether a channel and we agree, by room type."""
    query = "SELECT entity, entity_ref, status, error_code FROM ops.sync_states WHERE source = :source ORDER BY 1, 2"
    return ask(house, query, source=source)


def let_time_pass(house: Engine) -> None:
    """Make due what is held back, and let every breaker that is open be probed."""
    with house.begin() as connection:
        connection.execute(text("UPDATE ops.outbox SET not_before_at = now() WHERE status = 'pending'"))
        connection.execute(text("UPDATE ops.breakers SET next_probe_at = now() WHERE state <> 'closed'"))


__all__ = [
    "FAR", "HOTEL", "HOUSE", "NEAR", "add_house", "ask", "book", "bring", "connect", "counts", "day", "ended",
    "let_time_pass", "pushes", "states",
]  # fmt: skip
