"""A message on its way: in the partner's envelope, signed in as the partner wants it, answered by bytes."""

import secrets
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlsplit

from connectors.auth import basic
from connectors.calls import Call, Limits
from connectors.errors import FixCredentials, FixMapping
from connectors.http import HttpClient
from connectors.opentravel_generic.settings import SOAPS, Endpoint, Settings
from connectors.ports import Account, Credentials, Ports
from connectors.protocols import soap, wsse
from connectors.protocols.opentravel.compose_xml import Element, Head, Hotel, Requestor

GET: Final = "GET"
_NAMED: Final = frozenset({"basic", "wsse_text", "wsse_digest", "requestor"})
_NONCE_BYTES: Final = 16


class Caller:
    """One hotel's way to its partner."""

    def __init__(
        self, settings: Settings, account: Account, credentials: Credentials, ports: Ports, limits: Limits
    ) -> None:
        address = urlsplit(settings.base_url)
        if not address.netloc or not account.hotel_ref:
            msg = f"state base_url in the settings and the partner's hotel code of integration {account.source}"
            raise FixMapping(msg)
        self._settings = settings
        self._credentials = credentials
        self._source = account.source
        self.hotel = Hotel(account.hotel_ref, **settings.hotel)
        self._http = HttpClient(settings.base_url, account=account, ports=ports, limits=limits)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def head(self, endpoint: Endpoint, echo_token: str | None = None) -> Head:
        """Give the head of a message to an endpoint: when, under which token, from whom."""
        settings, party = self._settings, self._settings.party
        requestor = self._requestor(endpoint)
        software = Requestor(party.partner_id, party.partner_type) if requestor and party.partner_id else None
        return Head(
            echo_token or secrets.token_hex(_NONCE_BYTES),
            datetime.now(UTC).replace(microsecond=0),
            settings.version,
            settings.target,
            settings.language,
            requestor,
            (software,) if software else (),
        )

    def send(self, endpoint: Endpoint, code: str, message: Element) -> bytes:
        """Post a message and give the body of the answer. Messages are states or questions: sending twice does no harm."""
        version = self._version(endpoint)
        content = soap.wrap(message, version, self._security(endpoint))
        media_type = soap.media_type(version, endpoint.action) if version else self._settings.media_type
        headers = self._headers(endpoint) | soap.action_headers(version, endpoint.action)
        call = Call("POST", self._path(endpoint), code, {}, content, media_type, headers, is_repeatable=True)
        return self._http.send(call).body

    def get(self, endpoint: Endpoint, code: str) -> bytes:
        """Ask an address that answers without a message."""
        return self._http.send(Call(GET, self._path(endpoint), code, headers=self._headers(endpoint))).body

    def auth_of(self, endpoint: Endpoint) -> tuple[str, ...]:
        """Name how we sign in at an endpoint."""
        return self._settings.auth if endpoint.auth is None else endpoint.auth

    def check_keys(self, endpoint: Endpoint) -> None:
        """Raise FixCredentials where what an endpoint asks for is not stated."""
        auth = set(self.auth_of(endpoint))
        if auth & _NAMED:
            self._login()
        if "api_key" in auth and not self._credentials.get("api_key"):
            msg = f"{self._source}: state api_key"
            raise FixCredentials(msg)

    def _path(self, endpoint: Endpoint) -> str:
        return endpoint.path.replace("{hotel}", quote(self.hotel.code, safe=""))

    def _version(self, endpoint: Endpoint) -> str | None:
        return self._settings.soap if endpoint.soap is None else SOAPS[endpoint.soap]

    def _headers(self, endpoint: Endpoint) -> dict[str, str]:
        auth = self.auth_of(endpoint)
        headers = {"Accept": "text/xml, application/xml, application/soap+xml"}
        if "basic" in auth:
            headers |= basic(*self._login()).headers()
        if "api_key" in auth:
            headers[self._settings.api_key_header] = self._credentials["api_key"]
        return headers

    def _security(self, endpoint: Endpoint) -> Element | None:
        auth = self.auth_of(endpoint)
        if "wsse_text" in auth:
            return wsse.text_token(self._login())
        if "wsse_digest" in auth:
            nonce = secrets.token_bytes(_NONCE_BYTES)
            return wsse.digest_token(self._login(), nonce=nonce, created_at=datetime.now(UTC))
        return None

    def _requestor(self, endpoint: Endpoint) -> Requestor | None:
        party, is_proof = self._settings.party, "requestor" in self.auth_of(endpoint)
        if not is_proof and party.id is None:
            return None
        login = self._login() if is_proof else None
        return Requestor(
            party.id or (login.username if login else ""),
            party.type,
            party.context,
            login.password if login else None,
            party.company,
            party.company_code,
            party.channel_type,
        )

    def _login(self) -> wsse.Login:
        username, password = self._credentials.get("username"), self._credentials.get("password")
        if not username or not password:
            msg = f"{self._source}: state username and password"
            raise FixCredentials(msg)
        return wsse.Login(username, password)
