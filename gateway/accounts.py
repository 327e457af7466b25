"""Who may call: connector, secrets and property per (source, account), kept for a few seconds."""

import asyncio
import time
from typing import Final, NamedTuple

from connectors.registry import connector
from sqlalchemy import Engine

from connectors.ports import WebhookReceiver
from storage.integrations import integration, webhook_secrets

KEPT_SECONDS: Final = 10.0
MOST_KEPT: Final = 10_000


class Caller(NamedTuple):
    """One configured account and how its calls are verified."""

    receiver: WebhookReceiver
    secrets: list[str]
    property_id: str | None


class Accounts:
    """Looks callers up; a changed secret takes effect within `KEPT_SECONDS`, an outage keeps the known ones."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[tuple[str, str], tuple[float, Caller | None]] = {}

    async def caller(self, source: str, account: str) -> Caller | None:
        """Give the caller's set-up, or None where no such account receives webhooks."""
        found = self._known.get((source, account))
        now = time.monotonic()
        if found and now - found[0] < KEPT_SECONDS:
            return found[1]
        caller = await asyncio.to_thread(self._look_up, source, account)
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        self._known[source, account] = (now, caller)
        return caller

    def _look_up(self, source: str, account: str) -> Caller | None:
        with self._engine.connect() as connection:
            row = integration(connection, source, account)
            if row is None:
                return None
            receiver = connector(row.kind).webhooks
            if receiver is None:
                return None
            return Caller(receiver, webhook_secrets(connection, source, account), row.property_id)
