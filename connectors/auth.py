"""How an account proves who it is: an API key, a name and password, or an OAuth2 token that all processes share."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import msgspec

from connectors.errors import FixCredentials, RequestRefused
from connectors.ports import Account, Credentials, Token, TokenStore

# Where a server does not say how long its token lives, assume little: a refused token is renewed once anyway.
_UNSTATED_LIFETIME_SECONDS: Final = 300.0


class Auth(Protocol):
    """Gives the headers of a request, and other ones once the vendor answered 401 to the first."""

    def headers(self) -> dict[str, str]:
        """Give the headers to send."""
        ...

    def renewed(self, rejected: Mapping[str, str]) -> dict[str, str] | None:
        """Give new headers after a 401, None where nothing but new credentials would help."""
        ...


class NoAuth:
    """No credentials at all."""

    def headers(self) -> dict[str, str]:
        """Give none."""
        return {}

    def renewed(self, _rejected: Mapping[str, str]) -> None:
        """Nothing can be renewed."""


class FixedHeader(NoAuth):
    """One header that stays the same until an operator changes it."""

    def __init__(self, name: str, value: str) -> None:
        self._headers = {name: value}

    def headers(self) -> dict[str, str]:
        """Give the header."""
        return dict(self._headers)


def bearer_key(key: str) -> FixedHeader:
    """Send an API key as a bearer token."""
    return FixedHeader("Authorization", f"Bearer {key}")


def header_key(name: str, key: str) -> FixedHeader:
    """Send an API key in a header of the vendor's own."""
    return FixedHeader(name, key)


def basic(username: str, password: str) -> FixedHeader:
    """Send a name and a password by HTTP Basic, in UTF-8."""
    return FixedHeader("Authorization", "Basic " + b64encode(f"{username}:{password}".encode()).decode())


class ClientCredentials:
    """OAuth2 client credentials. The token lives in the store; one process at a time asks for a new one."""

    def __init__(self, store: TokenStore, source: str, account: str, grant: Callable[[], Token]) -> None:
        self._store = store
        self._source = source
        self._account = account
        self._grant = grant

    def headers(self) -> dict[str, str]:
        """Give the stored token, or a new one."""
        return _bearer(self._store.token(self._source, self._account, self._grant))

    def renewed(self, rejected: Mapping[str, str]) -> dict[str, str]:
        """Give another token than the rejected one: what a neighbour fetched meanwhile, or a new one."""
        refused = rejected["Authorization"].removeprefix("Bearer ")
        return _bearer(self._store.token(self._source, self._account, self._grant, rejected=refused))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class TokenAnswer(msgspec.Struct):
    """What a token endpoint answers, as far as we need it (RFC 6749 §5.1)."""

    access_token: str
    expires_in: float = _UNSTATED_LIFETIME_SECONDS


def fixed_auth(credentials: Credentials) -> FixedHeader | None:
    """Choose by what is there: `api_key` (with `api_key_header` in that header), or `username` and `password`."""
    if key := credentials.get("api_key"):
        name = credentials.get("api_key_header")
        return header_key(name, key) if name else bearer_key(key)
    if credentials.get("username"):
        return basic(credentials["username"], credentials.get("password", ""))
    return None


def client_credentials(
    account: Account, credentials: Credentials, store: TokenStore, ask: Callable[[dict[str, str]], TokenAnswer]
) -> ClientCredentials:
    """Set up OAuth2 for an account; `ask` posts the form it is given to the vendor's token address.

    Raises FixCredentials where `client_id` or `client_secret` is missing.
    """
    if not credentials.get("client_id") or not credentials.get("client_secret"):
        msg = f"{account.source}: state api_key, username and password, or client_id and client_secret"
        raise FixCredentials(msg)
    form = {
        "grant_type": "client_credentials",
        "client_id": credentials["client_id"],
        "client_secret": credentials["client_secret"],
    }
    if credentials.get("scope"):
        form["scope"] = credentials["scope"]

    def grant() -> Token:
        try:
            answer = ask(form)
        except RequestRefused as error:  # RFC 6749 §5.2: invalid_client and invalid_scope come as 400
            msg = f"{account.source}: the token was refused; check client_id, client_secret and scope"
            raise FixCredentials(msg) from error
        return Token(answer.access_token, answer.expires_in)

    return ClientCredentials(store, account.source, account.property_id, grant)
