"""Asking the system: pages of what changed, prices and counts to publish. No retries, no mapping, no words of ours."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any, Final

import httpx
import msgspec

from connectors.auth import Auth, TokenAnswer, client_credentials, fixed_auth
from connectors.batches import Cell, pushed_in_batches
from connectors.calls import Call, Limits, Response
from connectors.errors import FixMapping, RequestRefused, VendorChangedShape
from connectors.hotel_rest.shapes import Envelope, PushAnswer
from connectors.http import HttpClient
from connectors.pages import Told, follow
from connectors.ports import Account, Capabilities, Credentials, Page, Ports
from connectors.pushes import KINDS, Availability, Price, Pushed, RefusedCell, Restriction
from hotel.money import Money

CAPABILITIES: Final = Capabilities(
    datasets=frozenset({"guests", "reservations", "room_status", "rates"}),
    page_cap=500,
    versions={
        "guests": "revision",
        "reservations": "revision",
        "room_status": "modified_at",
        "rates": "received",
    },
    tells_totals=True,
    pushes=frozenset(KINDS),
)
_TOKEN_PATH: Final = "/oauth/token"  # noqa: S105 an address
_FORM: Final = "application/x-www-form-urlencoded"


class Client:
    """One property's account. Follows every source and sink Protocol of `connectors.ports`."""

    capabilities = CAPABILITIES

    def __init__(self, account: Account, credentials: Credentials, ports: Ports, limits: Limits) -> None:
        self._account = account
        self._page_rows = int(account.options.get("page_rows", CAPABILITIES.page_cap))
        base_url = account.options.get("base_url")
        if not base_url:
            msg = f"state base_url in the settings of integration {account.source}"
            raise FixMapping(msg)
        self._open = HttpClient(base_url, account=account, ports=ports, limits=limits)
        auth: Auth = fixed_auth(credentials) or client_credentials(account, credentials, ports.tokens, self._token)
        self._http = HttpClient(base_url, account=account, ports=ports, auth=auth, limits=limits)

    def close(self) -> None:
        """Close the connections."""
        self._open.close()
        self._http.close()

    def guests(self, *, since: datetime, until: datetime) -> Iterator[Page]:
        """Yield all profiles changed in [since, until)."""
        return self._changed("/v1/guests", "guests", since, until)

    def reservations(self, *, since: datetime, until: datetime) -> Iterator[Page]:
        """Yield all reservations changed in [since, until)."""
        return self._changed("/v1/reservations", "reservations", since, until)

    def room_status(self) -> Iterator[Page]:
        """Yield the state of every room now."""
        return self._pages("/v1/rooms/status", "room_status", "rooms", {})

    def rates(self, *, first: date, last: date) -> Iterator[Page]:
        """Yield the prices of [first, last]."""
        return self._pages("/v1/rates", "rates", "rates", {"from": first.isoformat(), "to": last.isoformat()})

    def properties(self) -> Iterator[Page]:
        """Yield the properties this account may see: the cheapest way to test it."""
        return self._pages("/v1/properties", "properties", "properties", {})

    def push_inventory(self, rows: Sequence[Availability], *, idempotency_key: str) -> Pushed:
        """Send absolute counts."""
        return self._bulk(rows, "inventory", _counted, idempotency_key)

    def push_restrictions(self, rows: Sequence[Restriction], *, idempotency_key: str) -> Pushed:
        """Send restrictions of room types; a rate plan is named where one is meant."""
        return self._bulk(rows, "restrictions", _restricted, idempotency_key)

    def push_rates(self, rows: Sequence[Price], *, idempotency_key: str) -> Pushed:
        """Send prices, one request per room type and rate plan."""

        def place(position: int) -> tuple[str, str]:
            return rows[position].room_type_ref, rows[position].rate_plan_ref

        refused: list[RefusedCell] = []
        for (room_type, plan), group in groupby(sorted(range(len(rows)), key=place), key=place):
            positions = list(group)
            prices = [_priced(rows[position]) for position in positions]
            content = {"roomType": room_type, "ratePlan": plan, "rates": prices}
            told = self._push("POST", "/v1/rates", "push_rates", content, f"{idempotency_key}:{room_type}:{plan}")
            refused += [cell._replace(position=positions[cell.position]) for cell in told.refused]
        return Pushed(tuple(refused))

    def _changed(self, path: str, code: str, since: datetime, until: datetime) -> Iterator[Page]:
        window = {"modifiedSince": _instant(since), "modifiedUntil": _instant(until), "limit": str(self._page_rows)}
        return self._pages(path, code, "items", window)

    def _pages(self, path: str, code: str, key: str, params: Mapping[str, str]) -> Iterator[Page]:
        asked = {"propertyId": self._account.hotel_ref, **params}

        def ask(cursor: str | None) -> Told:
            response = self._http.get(path, code, {**asked, "cursor": cursor} if cursor else asked)
            return _told(response, key)

        return follow(ask)

    def _bulk(
        self, rows: Sequence[Cell], code: str, told: Callable[[Cell], dict[str, Any]], idempotency_key: str
    ) -> Pushed:
        def send(some: Sequence[Cell], key: str) -> Pushed:
            return self._push("PUT", "/v1/inventory/bulk", code, {"inventory": list(map(told, some))}, key)

        return pushed_in_batches(rows, CAPABILITIES.push_cap, send, idempotency_key=idempotency_key)

    def _push(self, method: str, path: str, code: str, content: Mapping[str, Any], idempotency_key: str) -> Pushed:
        """Send rows; what was not taken must be named row by row, else the push as a whole failed (law 14)."""
        body = msgspec.json.encode({"propertyId": self._account.hotel_ref, **content})
        answer = self._http.send(Call(method, path, code, content=body, idempotency_key=idempotency_key))
        outcome = answer.decode(PushAnswer)
        if not outcome.success and not outcome.errors:
            msg = f"{code}: answered with 200, but not taken"
            raise RequestRefused(msg, answer.status)
        return Pushed(tuple(RefusedCell(error.index, error.code) for error in outcome.errors))

    def _token(self, form: Mapping[str, str]) -> TokenAnswer:
        content = str(httpx.QueryParams(form)).encode()
        call = Call("POST", _TOKEN_PATH, "token", content=content, media_type=_FORM, is_repeatable=True)
        return self._open.send(call).decode(TokenAnswer)


def open_client(account: Account, credentials: Credentials, ports: Ports) -> Client:
    """Open one account. Settings: `base_url`, `page_rows`, `calls_per_second`, `deadline_seconds`."""
    options, usual = account.options, Limits()
    limits = usual._replace(
        deadline_seconds=float(options.get("deadline_seconds", usual.deadline_seconds)),
        per_second=float(options.get("calls_per_second", usual.per_second)),
    )
    return Client(account, credentials, ports, limits)


def _told(response: Response, key: str) -> Told:
    envelope = response.decode(Envelope)
    rows = getattr(envelope, key)
    if rows is None:
        msg = f"the answer has no list {key!r}"
        raise VendorChangedShape(msg)
    return Told(response, len(rows), envelope.next_cursor, envelope.total)


def _counted(row: Availability) -> dict[str, Any]:
    return {
        "date": row.stay_on.isoformat(),
        "roomType": row.room_type_ref,
        "totalRooms": row.physical_count,
        "availableRooms": row.available_count,
    }


def _restricted(row: Restriction) -> dict[str, Any]:
    restrictions = {
        "stopSell": row.is_stop_sell,
        "minimumStay": row.min_stay_arrival_count,
        "maximumStay": row.max_stay_count,
        "closedToArrival": row.is_closed_to_arrival,
        "closedToDeparture": row.is_closed_to_departure,
    }
    told = {name: value for name, value in restrictions.items() if value is not None}
    plan = {"ratePlan": row.rate_plan_ref} if row.rate_plan_ref else {}
    return {"date": row.stay_on.isoformat(), "roomType": row.room_type_ref, **plan, "restrictions": told}


def _priced(row: Price) -> dict[str, Any]:
    amount = Money(row.price_minor, row.currency).decimal()
    return {"date": row.stay_on.isoformat(), "price": str(amount), "currency": row.currency}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
