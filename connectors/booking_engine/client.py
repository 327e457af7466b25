"""Telling the engine what it may sell, and asking how it is. No mapping; its bookings come by events."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec

from connectors.auth import bearer_key
from connectors.batches import pushed_in_batches
from connectors.booking_engine.shapes import Health, Refreshed
from connectors.calls import Call, Limits
from connectors.errors import FixCredentials, FixMapping, RequestRefused
from connectors.http import HttpClient
from connectors.ports import Account, Capabilities, Credentials, Ports
from connectors.pushes import AVAILABILITY, Availability, Pushed, RefusedCell

CAPABILITIES: Final = Capabilities(
    datasets=frozenset(),
    page_cap=1,
    versions={"reservations": "modified_at", "guests": "modified_at"},
    cadence_seconds=300,
    pushes=frozenset({AVAILABILITY}),
)
_REFRESH: Final = "/api/cache/refresh-availability"
_WELL: Final = frozenset({"ok", "healthy", "up", "pass"})


class Client:
    """One hotel's engine: an InventorySink."""

    capabilities = CAPABILITIES

    def __init__(self, account: Account, credentials: Credentials, ports: Ports, limits: Limits) -> None:
        base_url, key = account.options.get("base_url"), credentials.get("api_key")
        if not base_url or not account.hotel_ref:
            msg = f"state base_url in the settings and the engine's hotel id of integration {account.source}"
            raise FixMapping(msg)
        if not key:
            msg = f"{account.source}: state api_key"
            raise FixCredentials(msg)
        self._hotel_ref = account.hotel_ref
        self._http = HttpClient(base_url, account=account, ports=ports, auth=bearer_key(key), limits=limits)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def push_inventory(self, rows: Sequence[Availability], *, idempotency_key: str) -> Pushed:
        """Send absolute counts and have the dates they lie in read anew."""

        def send(some: Sequence[Availability], key: str) -> Pushed:
            dates = [row.stay_on for row in some]
            return self._refreshed(min(dates), max(dates), {"availability": list(map(_counted, some))}, key)

        return pushed_in_batches(rows, CAPABILITIES.push_cap, send, idempotency_key=idempotency_key)

    def refresh(self, first: date, last: date) -> None:
        """Have the engine forget what it knows of [first, last] and ask us again."""
        self._refreshed(first, last, {}, f"refresh:{self._hotel_ref}:{first}:{last}")

    def cache_status(self) -> dict[str, Any]:
        """Give what the engine says of its cache, as it says it."""
        return self._http.get("/api/cache/status", "cache_status").decode(dict[str, Any])

    def is_healthy(self) -> bool:
        """Tell whether the engine says that it is well; raises a ConnectorError where it says nothing."""
        told = self._http.get("/api/health", "health").decode(Health)
        return (told.status or "").lower() in _WELL

    def _refreshed(self, first: date, last: date, more: dict[str, Any], idempotency_key: str) -> Pushed:
        span = {"hotel_id": self._hotel_ref, "start_date": first.isoformat(), "end_date": last.isoformat()}
        call = Call(
            "POST", _REFRESH, "refresh", content=msgspec.json.encode(span | more), idempotency_key=idempotency_key
        )
        answer = self._http.send(call)
        outcome = answer.decode(Refreshed)
        if not outcome.success and not outcome.errors:
            msg = "refresh: answered with 200, but not taken"
            raise RequestRefused(msg, answer.status)
        return Pushed(tuple(RefusedCell(error.index, error.code) for error in outcome.errors))


def open_client(account: Account, credentials: Credentials, ports: Ports) -> Client:
    """Open one account. Settings: `base_url`, `calls_per_second`, `deadline_seconds`."""
    options, usual = account.options, Limits()
    limits = usual._replace(
        deadline_seconds=float(options.get("deadline_seconds", usual.deadline_seconds)),
        per_second=float(options.get("calls_per_second", usual.per_second)),
    )
    return Client(account, credentials, ports, limits)


def _counted(row: Availability) -> dict[str, Any]:
    physical = {} if row.physical_count is None else {"total_rooms": row.physical_count}
    return {
        "room_type_id": row.room_type_ref,
        "date": row.stay_on.isoformat(),
        "available_rooms": row.available_count,
        **physical,
    }
