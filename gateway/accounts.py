"""Who may call: receiver, secrets and property per (source, account), kept for a few seconds."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from connectors.ports import WebhookReceiver
from gateway.questions import Questions
from hotel.codebook import ANY_PROPERTY
from storage.integrations import integration, webhook_secrets
from storage.sealing import Keys

KEPT_SECONDS: Final = 5.0
FRESH_SECONDS: Final = 1.0
MOST_KEPT: Final = 10_000
ANSWER_SECONDS: Final = 2.5

ReceiverOf = Callable[[str], WebhookReceiver | None]


class Caller(NamedTuple):
    """One configured account and how its calls are verified."""

    receiver: WebhookReceiver
    secrets: tuple[str, ...]
    property_id: str | None


class _Kept(NamedTuple):
    asked_at: float
    caller: Caller | None


class Accounts:
    """Looks callers up. What was found is kept for `KEPT_SECONDS`, and for as long as the database is away."""

    def __init__(self, engine: Engine, keys: Keys, receiver_of: ReceiverOf) -> None:
        self._engine = engine
        self._keys = keys
        self._receiver_of = receiver_of
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._questions = Questions(seconds=ANSWER_SECONDS)

    async def caller(self, source: str, account: str, *, no_older_than: float | None = None) -> Caller | None:
        """Give the caller's set-up, or None where no such account receives webhooks.

        Raises SQLAlchemyError or TimeoutError where the database is away and the account is not known from before,
        SealError where its secrets do not open.
        """
        place = source, account
        kept = self._kept.get(place)
        now = time.monotonic()
        no_older_than = KEPT_SECONDS if no_older_than is None else no_older_than
        # "No such account" is worth less: it was perhaps set up just now.
        if kept and now - kept.asked_at < (no_older_than if kept.caller else FRESH_SECONDS):
            return kept.caller
        try:
            caller = await self._questions.ask(place, lambda: self._look_up(source, account))
        except (SQLAlchemyError, TimeoutError):
            if kept is None:
                raise
            caller = kept.caller
        if len(self._kept) >= MOST_KEPT:
            self._kept = {each: kept for each, kept in self._kept.items() if kept.caller}
        self._kept[place] = _Kept(now, caller)
        return caller

    def _look_up(self, source: str, account: str) -> Caller | None:
        with self._engine.connect() as connection:
            row = integration(connection, source, account)
            receiver = self._receiver_of(row.kind) if row else None
            if row is None or receiver is None:
                return None
            secrets = webhook_secrets(connection, source, account, keys=self._keys)
        property_id = None if row.property_id == ANY_PROPERTY else row.property_id
        # Anybody can sign with an empty secret.
        return Caller(receiver, tuple(filter(None, secrets)), property_id)
