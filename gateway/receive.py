"""Receive a webhook: verify the raw bytes, remove cards, store, commit, 202. Plain ASGI: this is the hot path.

Nothing is stored for a caller who cannot sign; nothing is acknowledged that is not committed (laws 5 and 11).
"""

import asyncio
import hashlib
import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Receive, Scope, Send

from connectors.cards import remove_cards
from connectors.errors import BadSignature, MalformedBody
from gateway.accounts import Accounts
from gateway.counters import ANSWERS
from gateway.group_commit import GroupCommit
from storage.inbox import Delivery, Receipt

MOST_BODY_BYTES: Final = 256 * 1024
BODY_DEADLINE_SECONDS: Final = 10.0
RETRY_AFTER_SECONDS: Final = b"5"
# The paths of the founding documents that name no source speak for the channel manager.
DEFAULT_SOURCE: Final = "channel_manager"
BOOKINGS_PATH: Final = re.compile(r"/webhooks/bookings/(?P<source>[a-z0-9_-]{1,63})(?:/(?P<account>[\w.-]{1,63}))?")
SEED_PATHS: Final = {
    "/webhooks/booking-created": DEFAULT_SOURCE,
    "/webhooks/booking-modified": DEFAULT_SOURCE,
    "/webhooks/booking-cancelled": DEFAULT_SOURCE,
    "/webhooks/booking-update": DEFAULT_SOURCE,
    "/api/webhooks/booking-engine": "booking_engine",
}
SEED_OTA_PATH: Final = re.compile(r"/webhooks/ota/(?P<source>[a-z0-9_-]{1,63})")


class Answer(NamedTuple):
    """What the caller hears: a status and a short JSON object that says what to do."""

    status: int
    fields: dict[str, Any]


class Refusal(Exception):  # noqa: N818 it is an answer, not a fault
    """The request is turned away with an answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"error": message})


def addressed(path: str) -> tuple[str, str] | None:
    """Give (source, account) of a webhook path, or None where the path is no booking webhook."""
    if path in SEED_PATHS:
        return SEED_PATHS[path], ""
    found = BOOKINGS_PATH.fullmatch(path) or SEED_OTA_PATH.fullmatch(path)
    return (found["source"], found.groupdict().get("account") or "") if found else None


class Receiver:
    """The webhook route."""

    def __init__(self, accounts: Accounts, commit: GroupCommit) -> None:
        self._accounts = accounts
        self._commit = commit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call; every outcome is an `Answer`, an unexpected error included."""
        source, account = addressed(scope["path"]) or ("", "")
        try:
            answer = await self._answer(scope, receive, source, account)
        except Refusal as refusal:
            answer = refusal.answer
        except (psycopg.OperationalError, SQLAlchemyError, OSError):
            answer = Answer(503, {"error": "the database is not reachable: send again later"})
        # A made-up source must not become a label of its own.
        ANSWERS.labels("unknown" if answer.status == HTTPStatus.NOT_FOUND else source, int(answer.status)).inc()
        await _send(send, answer)

    async def _answer(self, scope: Scope, receive: Receive, source: str, account: str) -> Answer:
        headers = _headers(scope)
        body = await _body(headers, receive)
        caller = await self._accounts.caller(source, account)
        if caller is None:
            raise Refusal(404, f"no integration {source!r} with this account receives webhooks: configure it first")
        try:
            facts = caller.receiver.verify(headers, body, caller.secrets, datetime.now(UTC))
        except BadSignature as error:
            raise Refusal(401, str(error)) from None
        except MalformedBody as error:
            raise Refusal(400, str(error)) from None
        delivery = Delivery(
            source=source,
            account=account,
            event_id=facts.event_id,
            event_type=facts.event_type,
            body=remove_cards(body).body,
            body_sha256=hashlib.sha256(body).digest(),
            headers={name: headers[name] for name in caller.receiver.kept_headers if name in headers},
            signature_kind=facts.signature_kind,
            property_id=caller.property_id,
        )
        return _accepted(await self._commit.store(delivery))


def _accepted(receipt: Receipt) -> Answer:
    word = "conflict" if receipt.is_conflict else "duplicate" if receipt.is_duplicate else "accepted"
    return Answer(202, {"inbox_id": receipt.inbox_id, "status": word})


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def _body(headers: dict[str, str], receive: Receive) -> bytes:
    if headers.get("content-encoding", "identity") != "identity":
        raise Refusal(415, "send the body without Content-Encoding: the signature is over the bytes as sent")
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length) > MOST_BODY_BYTES:
        raise Refusal(413, f"the body is larger than {MOST_BODY_BYTES} bytes: send one booking per call")
    try:
        async with asyncio.timeout(BODY_DEADLINE_SECONDS):
            return await _read(receive)
    except TimeoutError:
        raise Refusal(408, f"the body did not arrive within {BODY_DEADLINE_SECONDS:.0f} s: send it again") from None


async def _read(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "the connection closed before the body was complete")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MOST_BODY_BYTES:
            raise Refusal(413, f"the body is larger than {MOST_BODY_BYTES} bytes: send one booking per call")
        chunks.append(chunk)
        if not message.get("more_body"):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _send(send: Send, answer: Answer) -> None:
    body = msgspec.json.encode(answer.fields)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", RETRY_AFTER_SECONDS))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
