"""Who calls: an API key of one hotel, as a bearer token or in X-API-Key, with its scopes and its share of requests."""

import math
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Final, NamedTuple

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from gateway.booking_engine.problems import ProblemError
from gateway.booking_engine.service import Service
from storage.api_keys import ApiKey, find_key, id_in, note_use

KEPT_SECONDS: Final = 5.0
FRESH_SECONDS: Final = 1.0
USE_NOTED_SECONDS: Final = 60.0
MOST_KEPT: Final = 1_000
READ: Final = "bookings:read"
WRITE: Final = "bookings:write"
_BEARER: Final = HTTPBearer(auto_error=False, description="An API key: `Authorization: Bearer na_…`.")
_HEADER: Final = APIKeyHeader(name="X-API-Key", auto_error=False, description="The same key in a header of its own.")


class Caller(NamedTuple):
    """Whose key it is and of which hotel."""

    key_id: int
    property_id: str


class _Kept(NamedTuple):
    asked_at: float
    key: ApiKey | None


class KeyRing:
    """Looks keys up; what was found is kept for `KEPT_SECONDS`, so a key taken back ends within them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kept: dict[str, _Kept] = {}
        self._used_at: dict[int, float] = {}

    async def find(self, text: str) -> ApiKey | None:
        """Give the stored key, good or not; None where this is none."""
        if id_in(text) is None:
            return None
        kept = self._kept.get(text)
        if kept and time.monotonic() - kept.asked_at < (KEPT_SECONDS if kept.key else FRESH_SECONDS):
            return kept.key
        keys = self._service.keys
        key = await self._service.ask(lambda connection: find_key(connection, keys, text), ("key", text))
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[text] = _Kept(time.monotonic(), key)
        return key

    async def spend(self, key: ApiKey) -> float:
        """Take one request from the key's share; 0.0, or the seconds after which to ask again. Notes the use."""
        now = time.monotonic()
        is_due = now - self._used_at.get(key.key_id, -math.inf) >= USE_NOTED_SECONDS
        if is_due:
            self._used_at[key.key_id] = now
            await self._service.ask(lambda connection: note_use(connection, key.key_id))
        bucket = f"key:{key.key_id}"
        limit, terms = self._service.rate_limit, self._service.terms
        return await self._service.call(
            lambda: limit.take("api", bucket, per_second=terms.per_second, burst=terms.burst)
        )


def given_key(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
    header: Annotated[str | None, Security(_HEADER)],
) -> str | None:
    """Give the key a request is made with."""
    return bearer.credentials if bearer else header


GivenKey = Annotated[str | None, Depends(given_key)]


def _ring(request: Request) -> KeyRing:
    found: KeyRing = request.app.state.ring
    return found


Ring = Annotated[KeyRing, Depends(_ring)]


async def admitted(ring: KeyRing, text: str | None, scope: str) -> Caller:
    """Give the caller; raises ProblemError 401, 403 or 429."""
    key = await ring.find(text) if text else None
    if key is None or not key.is_good(datetime.now(UTC)):
        problem = ProblemError(HTTPStatus.UNAUTHORIZED, "unauthorized", "this needs an API key that is good: see /docs")
        problem.headers["WWW-Authenticate"] = "Bearer"
        raise problem
    seconds = await ring.spend(key)
    if seconds > 0:
        problem = ProblemError(HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests", "too many requests of this key")
        problem.headers["Retry-After"] = str(math.ceil(seconds))
        raise problem
    if scope not in key.scopes:
        raise ProblemError(HTTPStatus.FORBIDDEN, "forbidden", f"this key lacks the scope {scope}")
    return Caller(key.key_id, key.property_id)


async def _reader(ring: Ring, key: GivenKey) -> Caller:
    return await admitted(ring, key, READ)


async def _writer(ring: Ring, key: GivenKey) -> Caller:
    return await admitted(ring, key, WRITE)


Reader = Annotated[Caller, Depends(_reader)]
Writer = Annotated[Caller, Depends(_writer)]
