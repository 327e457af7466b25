"""Open an outside system: its connector, its account, and the ports it needs of ours."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Engine

import settings
from connectors.ports import Account, Connector, Page, Ports
from connectors.registry import connector
from hotel.loads import Window
from operations.errors import NotConfiguredError
from operations.house import address
from storage.breaker import SharedBreaker
from storage.integrations import Integration, credentials, integration
from storage.rate_limit import SharedRateLimit
from storage.requests import RequestTable
from storage.sealing import house_keys
from storage.tokens import SharedTokens

# How far ahead of a night audit prices are read.
RATE_DAYS: Final = 500


class Source(NamedTuple):
    """One configured account of an outside system."""

    integration: Integration
    connector: Connector

    def pages(self, house: Engine, dataset: str, window: Window, *, file: str | None = None) -> Iterator[Page]:
        """Pull a dataset page by page; raises a ConnectorError that says what to do."""
        with closing(self.open(house, file=file)) as client:
            yield from self._told(client, dataset, window)

    def open(self, house: Engine, *, file: str | None = None) -> Any:
        """Open the system with the account's credentials; whoever opens it closes it."""
        with house.connect() as connection:
            secrets = credentials(connection, self.integration.source, self.integration.property_id or "*")
        options = dict(self.integration.settings) | ({"path": file} if file else {})
        account = Account(
            source=self.integration.source,
            property_id=self.integration.property_id or "*",
            hotel_ref=self.integration.hotel_ref or self.integration.property_id or "",
            options=options,
            allow_private_hosts=settings.load().allow_private_hosts or options.get("allow_private_hosts") is True,
        )
        return self.connector.open(account, secrets, ports(house))

    def _told(self, client: Any, dataset: str, window: Window) -> Iterator[Page]:
        match dataset:
            case "guests":
                yield from client.guests(since=window.since, until=window.until)
            case "reservations":
                yield from client.reservations(since=window.since, until=window.until)
            case "room_status":
                yield from client.room_status()
            case "rates":
                first = window.until.date()
                yield from client.rates(first=first, last=first + timedelta(days=RATE_DAYS))
            case _:
                msg = f"{self.connector.kind} has no dataset {dataset!r}: it has {sorted(self.connector.capabilities.datasets)}"
                raise NotConfiguredError(msg)


def source_of(connection: Connection, source: str, property_id: str) -> Source:
    """Give a configured account to read from; raises NotConfiguredError that says what is missing.

    A paused account is told nothing and still read; one in maintenance is left alone.
    """
    found = integration(connection, source, property_id=property_id)
    if found is None:
        msg = f"there is no integration {source!r} for property {property_id!r}: add it to ops.integrations"
        raise NotConfiguredError(msg)
    if found.status == "maintenance":
        msg = f"integration {source!r} for {property_id!r} is in maintenance: set it to active to go on"
        raise NotConfiguredError(msg)
    return Source(found, connector(found.kind))


def ports(house: Engine) -> Ports:
    """Wire what connectors need of ours: each on an autocommit connection, so that it holds whatever a load does."""
    url = address(house)
    return Ports(SharedBreaker(url), SharedRateLimit(url), SharedTokens(url, house_keys()), RequestTable(url))


def now() -> datetime:
    """Give the instant of the call, for windows that nobody scheduled."""
    return datetime.now(UTC)
