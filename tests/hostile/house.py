"""A hotel connected to every kind of outside system, each under its own name as source."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, text

from connectors.registry import connector
from operations.import_waiting import import_waiting
from storage.codebooks import save_property
from storage.integrations import Integration, save_integration
from tests.contract.suites import CITY, EVERY_FIELD
from tests.hostile.kinds import HOTEL_NUMBER, READY, suites
from tests.hostile.sold import CREDENTIALS

SETTINGS = {"as_is": list(EVERY_FIELD), "allow_private_hosts": True}


def furnish(house: Engine, kinds: Sequence[str] = READY, own: Mapping[str, Mapping[str, Any]] | None = None) -> None:
    """Write the property and an integration of each kind; `own` are settings of a kind."""
    with house.begin() as connection:
        save_property(connection, CITY._replace(of_record_source="nobody"))
        for kind in kinds:
            told = Integration(
                kind, CITY.property_id, kind, hotel_ref=HOTEL_NUMBER, settings={**SETTINGS, **(own or {}).get(kind, {})}
            )
            save_integration(connection, told, credentials=CREDENTIALS)


def let_in(house: Engine, kind: str, secret: str, *, source: str | None = None, hotel_ref: str = HOTEL_NUMBER) -> None:
    """Let a kind's webhooks in that are signed with this secret."""
    assert connector(kind).webhooks
    told = Integration(source or kind, CITY.property_id, kind, hotel_ref=hotel_ref, settings=SETTINGS)
    with house.begin() as connection:
        save_integration(connection, told, webhook_secrets=[secret])


def connect(house: Engine, kind: str, **options: Any) -> None:
    """Connect a kind at an address of this machine where nobody answers, as its contract tests know it."""
    suite = next((each for each in suites(kind) if hasattr(each, "credentials")), None)
    own = {**SETTINGS, **getattr(suite, "options", {}), "base_url": "http://127.0.0.1:9", **options}
    told = Integration(kind, CITY.property_id, kind, hotel_ref="CITY", settings=own)
    with house.begin() as connection:
        save_integration(connection, told, credentials=getattr(suite, "credentials", {}))


def drain(house: Engine) -> None:
    """Import until nothing waits."""
    while import_waiting(house, limit=200):
        pass


def ask(house: Engine, query: str, **given: Any) -> list[tuple[Any, ...]]:
    """Ask the database."""
    with house.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), given)]
