"""Houses for the tests of what runs when."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployments.sandbox_house import House, sandbox_house


@pytest.fixture
def house(clean_database: str, tmp_path: Path) -> Iterator[House]:
    """The worker's database, empty but for the sandbox's hotels."""
    with sandbox_house(clean_database, tmp_path / "data folder", size=60) as made:
        yield made


@pytest.fixture
def silent_api() -> Iterator[dict[str, str]]:
    """An address that takes connections and never answers, as a Prefect server does that hangs."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield {"PREFECT_API_URL": f"http://127.0.0.1:{listener.getsockname()[1]}/api"}
