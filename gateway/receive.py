"""Receive a webhook: verify the raw bytes, remove cards, store, commit, 202. Plain ASGI: this is the hot path.

Nothing is stored for a caller who cannot sign; nothing is acknowledged that is not committed (laws 5 and 11).
"""

import hashlib
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

import psycopg
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Receive, Scope, Send

from connectors.errors import BadSignature, MalformedBody
from connectors.logins import without_logins
from connectors.ports import DeliveryFacts, RepliesInKind
from gateway.accounts import FRESH_SECONDS, Accounts, Caller
from gateway.addresses import Address
from gateway.answers import Answer, Refusal, send_answer
from gateway.bodies import whole_body
from gateway.counters import SEALED, answers
from gateway.group_commit import GroupCommit
from operations.errors import error_place
from operations.stored_bodies import MOST_NAME_CHARACTERS, is_storable_name, storable_id, storable_type, stored_body
from storage.inbox import Delivery, Receipt
from storage.sealing import Keys, SealError

_UNAVAILABLE: Final = (psycopg.OperationalError, SQLAlchemyError, OSError, SealError)
logger = logging.getLogger(__name__)


class Receiver:
    """The webhook route."""

    def __init__(self, accounts: Accounts, commit: GroupCommit, keys: Keys) -> None:
        self._accounts = accounts
        self._commit = commit
        self._keys = keys

    async def __call__(self, address: Address, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call; every outcome is an `Answer`, an unexpected error included."""
        counted_as = "unknown"  # a made-up source must not become a label of its own
        try:
            caller = await self._caller(address, scope["method"])
            counted_as = address.source
            answer = await self._take(address, caller, _headers(scope), receive)
        except Refusal as refusal:
            answer = refusal.answer
        except Exception as error:  # noqa: BLE001 whatever happens, the sender hears that nothing was stored
            answer = _answer_to(error)
        answers(counted_as, answer.status.value).inc()
        await send_answer(send, answer)

    async def _caller(self, address: Address, method: str) -> Caller:
        if method != "POST":
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "webhooks are sent with POST")
        caller = await self._accounts.caller(*address)
        if caller is None:
            message = f"no integration {address.source!r} with account {address.account!r} receives webhooks"
            raise Refusal(HTTPStatus.NOT_FOUND, f"{message}: configure it first")
        return caller

    async def _take(self, address: Address, caller: Caller, headers: Mapping[str, str], receive: Receive) -> Answer:
        body = await whole_body(headers, receive)
        try:
            facts = await self._verified(address, caller, headers, body)
        except BadSignature as error:
            raise Refusal(HTTPStatus.UNAUTHORIZED, str(error)) from None
        except MalformedBody as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, str(error)) from None
        _refuse_names_we_cannot_store(facts)
        receipt = await self._commit.store(self._delivery(address, caller, headers, body, facts))
        return _accepted(receipt, caller, facts)

    async def _verified(
        self, address: Address, caller: Caller, headers: Mapping[str, str], body: bytes
    ) -> DeliveryFacts:
        now = datetime.now(UTC)
        try:
            return caller.receiver.verify(headers, body, caller.secrets, now)
        except BadSignature:
            # A secret that was set a moment ago counts at once; strangers cause one question a second.
            renewed = await self._accounts.caller(*address, no_older_than=FRESH_SECONDS)
            if renewed is None or renewed.secrets == caller.secrets:
                raise
            return renewed.receiver.verify(headers, body, renewed.secrets, now)

    def _delivery(
        self, address: Address, caller: Caller, headers: Mapping[str, str], body: bytes, facts: DeliveryFacts
    ) -> Delivery:
        kept, digest = without_logins(body, caller.secrets), hashlib.sha256(body).digest()
        event_id = storable_id(facts.event_id, digest)
        stored = stored_body(kept, self._keys, "raw.inbox", *address, event_id)
        if stored.key_id:
            SEALED.labels(address.source).inc()
        return Delivery(
            source=address.source,
            account=address.account,
            event_id=event_id,
            event_type=storable_type(facts.event_type),
            body=stored.body,
            body_sha256=digest,
            headers={name: headers[name] for name in caller.receiver.kept_headers if name in headers},
            signature_kind=facts.signature_kind,
            property_id=caller.property_id,
            key_id=stored.key_id,
            is_test=facts.is_test,
        )


def _accepted(receipt: Receipt, caller: Caller, facts: DeliveryFacts) -> Answer:
    """Answer 202 in JSON; whoever speaks a protocol with answers of its own hears 200 and such an answer."""
    if isinstance(caller.receiver, RepliesInKind):
        return Answer(HTTPStatus.OK, {}, caller.receiver.reply(facts, receipt.inbox_id))
    word = "conflict" if receipt.is_conflict else "duplicate" if receipt.is_duplicate else "accepted"
    return Answer(HTTPStatus.ACCEPTED, {"inbox_id": receipt.inbox_id, "status": word})


def _refuse_names_we_cannot_store(facts: DeliveryFacts) -> None:
    for name, value in (("id", facts.event_id), ("type", facts.event_type)):
        if not is_storable_name(value):
            message = f"the event's {name} must be 1 to {MOST_NAME_CHARACTERS} printable characters"
            raise Refusal(HTTPStatus.BAD_REQUEST, message)


def _answer_to(error: Exception) -> Answer:
    if isinstance(error, _UNAVAILABLE):
        message = "not stored, the database is not available: send it again later"
        return Answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": message})
    logger.error("a webhook was not stored: %s", error_place(error))
    return Answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "not stored: our log says why. Send it again later"})


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
