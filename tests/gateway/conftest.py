"""Fixtures: a gateway in front of this worker's database, its integrations, its inbox."""

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from gateway.app import create_app
from gateway.serving import BoundedProtocol
from settings import Settings
from storage.integrations import Integration, save_integration
from storage.sealing import Keys
from tests.gateway.receivers import KIND, SECRET, receiver_of
from tests.gateway.running import SOURCE, Gateway, Inbox, Integrate, Start, serving


@pytest.fixture
def keys(settings: Settings) -> Keys:
    assert settings.secret_key
    return Keys(settings.secret_key)


@pytest.fixture
def integrate(engine: Engine, keys: Keys) -> Integrate:
    def integrate(source: str = SOURCE, *secrets: str, **fields: Any) -> None:
        with engine.begin() as connection:
            told = Integration(**{"source": source, "property_id": "*", "kind": KIND, **fields})
            save_integration(connection, told, webhook_secrets=secrets or [SECRET], keys=keys)

    return integrate


@pytest.fixture
def start(settings: Settings, keys: Keys, integrate: Integrate) -> Iterator[Start]:
    integrate()
    reports = settings.data_dir / "reports"
    reports.mkdir(parents=True)
    with contextlib.ExitStack() as stack:

        def start(url: str | None = None, protocol: type[BoundedProtocol] = BoundedProtocol) -> Gateway:
            app = create_app(url or settings.database_url or "", reports, keys, receiver_of=receiver_of)
            port = stack.enter_context(serving(app, protocol))
            return Gateway(port, stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20)))

        yield start


@pytest.fixture
def gateway(start: Start) -> Gateway:
    """A gateway with one integration, `channel`."""
    return start()


@pytest.fixture
def inbox(engine: Engine) -> Inbox:
    """All rows of the inbox, in order."""

    def rows() -> list[Any]:
        with engine.connect() as connection:
            return list(connection.execute(text("SELECT * FROM raw.inbox ORDER BY inbox_id")))

    return rows
