"""Asking the vendor: bookings with their rates by modification time, and who comes. No mapping, nothing is written there."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx

from connectors.auth import Auth, ClientCredentials, bearer_key, header_key
from connectors.calls import Call, Limits, Response
from connectors.cloudbeds.guests import guests_of
from connectors.cloudbeds.shapes import Envelope, Token
from connectors.errors import FixCredentials, FixMapping, RequestRefused, TryLater, VendorChangedShape
from connectors.http import HttpClient
from connectors.pages import Told, follow
from connectors.ports import Account, Capabilities, Credentials, Page, Ports
from connectors.ports import Token as Granted

CAPABILITIES: Final = Capabilities(
    datasets=frozenset({"reservations", "guests"}),
    page_cap=100,
    versions={"reservations": "modified_at", "guests": "modified_at"},
    cadence_seconds=300,
    naive_zone="property",
    hints_by_webhook=True,
    tells_totals=True,
)
_PATH: Final = "getReservationsWithRateDetails"
_TOKEN_PATH: Final = "access_token"  # noqa: S105 an address
_FORM: Final = "application/x-www-form-urlencoded"
# The vendor's stamps are in a zone nobody documents. No clock is further from UTC than these.
_FURTHEST_WEST: Final = timedelta(hours=12)
_FURTHEST_EAST: Final = timedelta(hours=14)
_SECOND: Final = timedelta(seconds=1)
_ABOUT_LOGIN: Final = ("token", "credential", "unauthorized", "not authorized", "api key")


class Client:
    """One property's account: a ReservationSource and a GuestSource."""

    capabilities = CAPABILITIES

    def __init__(self, account: Account, credentials: Credentials, ports: Ports, limits: Limits) -> None:
        base_url = account.options.get("base_url")
        if not base_url:
            msg = f"state base_url in the settings of integration {account.source}"
            raise FixMapping(msg)
        self._hotel_ref = account.hotel_ref
        self._zone = _zone(account)
        self._page_rows = min(int(account.options.get("page_rows", CAPABILITIES.page_cap)), CAPABILITIES.page_cap)
        self._open = HttpClient(base_url, account=account, ports=ports, limits=limits)
        auth = _fixed(credentials) or self._refreshed(account, credentials, ports)
        self._http = HttpClient(base_url, account=account, ports=ports, auth=auth, limits=limits)

    def close(self) -> None:
        """Close the connections."""
        self._open.close()
        self._http.close()

    def reservations(self, *, since: datetime, until: datetime) -> Iterator[Page]:
        """Yield all bookings changed in [since, until), deleted ones too; some more where no zone is stated."""
        return self._changed(since, until, "reservations", {}, lambda page: (len(page.rows), page.total))

    def guests(self, *, since: datetime, until: datetime) -> Iterator[Page]:
        """Yield the guests of all bookings changed in [since, until); the vendor does not count them."""
        more = {"includeGuestsDetails": "true"}
        return self._changed(since, until, "guests", more, lambda page: (sum(1 for _ in guests_of(page.body)), None))

    def _changed(
        self,
        since: datetime,
        until: datetime,
        code: str,
        more: dict[str, str],
        counted: Callable[["_Page"], tuple[int, int | None]],
    ) -> Iterator[Page]:
        asked = {
            **({"propertyID": self._hotel_ref} if self._hotel_ref else {}),
            "modifiedFrom": self._stamp(since, -_FURTHEST_WEST),
            "modifiedTo": self._stamp(until + _SECOND - timedelta(microseconds=1), _FURTHEST_EAST),
            "includeDeleted": "true",
            "pageSize": str(self._page_rows),
            **more,
        }
        totals: set[int | None] = set()

        def ask(cursor: str | None) -> Told:
            number = int(cursor or 1)
            page = _Page(self._http.get(_PATH, code, {**asked, "pageNumber": str(number)}), code)
            totals.add(page.total)
            if len(totals) > 1:
                # What changes leaves the window, and the rows behind it move up: one may have been passed over.
                msg = f"{code}: the list changed while it was read"
                raise TryLater(msg)
            row_count, total = counted(page)
            return Told(page.response, row_count, self._following(page, number), total)

        return follow(ask)

    def _following(self, page: "_Page", number: int) -> str | None:
        """Give the number of the next page, where there is one."""
        if page.total is None:
            return str(number + 1) if len(page.rows) == self._page_rows else None
        told = (number - 1) * self._page_rows + len(page.rows)
        if told < page.total and len(page.rows) < self._page_rows:
            msg = f"page {number} is shorter than the vendor's own count"
            raise VendorChangedShape(msg)
        return str(number + 1) if told < page.total else None

    def _stamp(self, moment: datetime, widest: timedelta) -> str:
        local = moment.astimezone(self._zone) if self._zone else moment.astimezone(UTC) + widest
        return local.strftime("%Y-%m-%d %H:%M:%S")

    def _refreshed(self, account: Account, credentials: Credentials, ports: Ports) -> Auth:
        needed = ("client_id", "client_secret", "refresh_token")
        if not all(credentials.get(name) for name in needed):
            msg = f"{account.source}: state api_key, or client_id, client_secret and refresh_token"
            raise FixCredentials(msg)
        form = {"grant_type": "refresh_token"} | {name: credentials[name] for name in needed}

        def grant() -> Granted:
            content = str(httpx.QueryParams(form)).encode()
            call = Call("POST", _TOKEN_PATH, "token", content=content, media_type=_FORM, is_repeatable=True)
            try:
                told = self._open.send(call).decode(Token)
            except RequestRefused as error:
                msg = f"{account.source}: the token was refused; connect the property again"
                raise FixCredentials(msg) from error
            return Granted(told.access_token, told.expires_in)

        return ClientCredentials(ports.tokens, account.source, account.property_id, grant)


class _Page:
    """One answer, whole: a 200 without success is a failure (law 14)."""

    def __init__(self, response: Response, code: str) -> None:
        told = response.decode(Envelope)
        if not told.success:
            _refuse(told.message or "", code)
        if told.data is None:
            msg = f"{code}: the answer has no rows"
            raise VendorChangedShape(msg)
        self.response, self.body, self.rows = response, response.body, told.data
        self.total = int(told.total) if told.total is not None else None


def open_client(account: Account, credentials: Credentials, ports: Ports) -> Client:
    """Open one account. Settings: `base_url`, `time_zone`, `page_rows`, `calls_per_second`, `deadline_seconds`."""
    # Five calls a second and property; who asks for more is shut out.
    options, usual = account.options, Limits(per_second=4.0, burst=1)
    limits = usual._replace(
        deadline_seconds=float(options.get("deadline_seconds", usual.deadline_seconds)),
        per_second=float(options.get("calls_per_second", usual.per_second)),
    )
    return Client(account, credentials, ports, limits)


def _fixed(credentials: Credentials) -> Auth | None:
    """Choose by what is there: an API key, or a token somebody else renews."""
    if credentials.get("api_key"):
        return header_key("x-api-key", credentials["api_key"])
    return bearer_key(credentials["access_token"]) if credentials.get("access_token") else None


def _zone(account: Account) -> ZoneInfo | None:
    """Give the property's zone where it is stated: the window is then asked for as it is."""
    stated = account.options.get("time_zone")
    try:
        return ZoneInfo(stated) if stated else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        msg = f"time_zone {stated!r} of integration {account.source} is no IANA zone"
        raise FixMapping(msg) from error


def _refuse(message: str, code: str) -> None:
    """Raise what a failure asks for; the vendor's words may name people and do not go on."""
    if any(word in message.lower() for word in _ABOUT_LOGIN):
        msg = f"{code}: answered with 200, but the login is not taken"
        raise FixCredentials(msg)
    msg = f"{code}: answered with 200, but without success"
    raise RequestRefused(msg)
