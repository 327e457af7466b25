"""A request on its way: known already or composed, stored and committed, then waited for a little."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final, NamedTuple

import psycopg
from sqlalchemy import Connection

from connectors.booking_engine.asked import Asked as Message
from connectors.booking_engine.asked import written
from gateway.booking_engine.auth import Caller
from gateway.booking_engine.naming import Name
from gateway.booking_engine.problems import SENTENCES, ProblemError, conflict, unavailable
from gateway.booking_engine.service import Service
from hotel.asked import CREATE, EXISTS_ALREADY, NOT_ACCEPTED, SOURCE
from operations.stored_bodies import stored_body
from storage.asked import BOOKING, Asked, asked, asked_by_id
from storage.inbox import Delivery
from storage.sealing import SealError

_AWAY: Final = (psycopg.OperationalError, OSError, SealError)
SIGNATURE: Final = "api_key"


class Ask(NamedTuple):
    """What is asked for: its kind and name, and what tells it from another request of that name."""

    kind: str
    name: Name
    digest: bytes
    is_keyed: bool


async def settled(service: Service, caller: Caller, ask: Ask, compose: Callable[[Connection], Message]) -> Asked:
    """Give what became of a request, over or not; raises ProblemError where it is refused before it is stored.

    Once it is committed it is decided by whoever imports it, whether we live or not: sent again with the same key, it is
    found and answered from what became of it.
    """

    def known_or_composed(connection: Connection) -> Asked | Message:
        return asked(connection, SOURCE, caller.property_id, ask.name.event_id) or compose(connection)

    found = await service.ask(known_or_composed)
    if isinstance(found, Asked) and found.body_sha256 != ask.digest:
        raise _reused(ask)
    inbox_id = found.inbox_id if isinstance(found, Asked) else await _store(service, caller, ask, found)

    async def look() -> Asked:
        told = await service.ask(lambda connection: asked_by_id(connection, SOURCE, caller.property_id, inbox_id))
        if told is None:
            raise unavailable()
        return told

    told = await service.outcomes.reached(inbox_id, look, lambda each: each.is_over)
    if told.body_sha256 != ask.digest:  # another of this name came first, just now
        raise _reused(ask)
    return told


def refusal(told: Asked) -> ProblemError:
    """Say why a request came to nothing."""
    return conflict(told.error_code if told.error_code in SENTENCES else NOT_ACCEPTED)


def _reused(ask: Ask) -> ProblemError:
    if ask.kind == CREATE and not ask.is_keyed:
        return conflict(EXISTS_ALREADY)
    sentence = "this Idempotency-Key was sent with another request: give each request a key of its own"
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "key_reused", sentence)


async def _store(service: Service, caller: Caller, ask: Ask, message: Message) -> int:
    identity = ("raw.inbox", SOURCE, caller.property_id, ask.name.event_id)
    try:
        stored = stored_body(written(message), service.keys, *identity)
        receipt = await service.commit.store(
            Delivery(
                source=SOURCE,
                account=caller.property_id,
                event_id=ask.name.event_id,
                event_type=ask.kind,
                body=stored.body,
                body_sha256=ask.digest,
                headers={BOOKING: ask.name.booking_ref, "api-key": str(caller.key_id)},
                signature_kind=SIGNATURE,
                property_id=caller.property_id,
                key_id=stored.key_id,
            )
        )
    except _AWAY as error:
        raise unavailable() from error
    return receipt.inbox_id
