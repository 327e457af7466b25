"""Who may ask: an API key as bearer, Basic, or OAuth2 client credentials with tokens that expire."""

import base64
import secrets
import time
from collections.abc import Callable
from hmac import compare_digest
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class Keys(NamedTuple):
    """What opens the sandbox; invented, the same for everyone, worth nothing."""

    api_key: str = "sandbox-api-key"
    client_id: str = "sandbox-client"
    client_key: str = "sandbox-client-key"
    token_seconds: float = 3600.0


class Access:
    """Grants tokens and checks who asks. `clock` counts seconds and never goes back."""

    def __init__(self, keys: Keys | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.keys = keys or Keys()
        self._clock = clock
        self._ends: dict[str, float] = {}

    def is_granted(self, authorization: str) -> bool:
        """Tell whether an Authorization header opens the door."""
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "basic":
            return compare_digest(value.encode(), basic(self.keys.client_id, self.keys.client_key).encode())
        if scheme.lower() != "bearer":
            return False
        return compare_digest(value.encode(), self.keys.api_key.encode()) or self._ends.get(value, 0) > self._clock()

    def grant(self) -> str:
        """Make a token that holds for `token_seconds`."""
        token = secrets.token_urlsafe(24)
        self._ends[token] = self._clock() + self.keys.token_seconds
        return token

    def expire_all(self) -> None:
        """End every token now; the API key and Basic stay good."""
        self._ends.clear()

    async def token(self, request: Request) -> Response:
        """Answer `POST /oauth/token`: client credentials in the form or as Basic."""
        form = dict(parse_qsl((await request.body()).decode("latin-1")))
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        client = f"{form.get('client_id')}:{form.get('client_secret')}"
        in_form = compare_digest(client.encode(), f"{self.keys.client_id}:{self.keys.client_key}".encode())
        header = request.headers.get("authorization", "")
        if not in_form and not (header.lower().startswith("basic ") and self.is_granted(header)):
            return JSONResponse({"error": "invalid_client"}, 401, {"WWW-Authenticate": "Basic"})
        seconds = self.keys.token_seconds
        answer = {"access_token": self.grant(), "token_type": "Bearer", "expires_in": int(seconds)}
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def basic(user: str, word: str) -> str:
    """Encode a user and a word for an `Authorization: Basic` header."""
    return base64.b64encode(f"{user}:{word}".encode()).decode()


def refused() -> Response:
    """Answer somebody who may not ask."""
    return JSONResponse({"error": "invalid_token"}, 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
