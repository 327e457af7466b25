"""A sandbox house, and a Prefect server that keeps the runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.house import open_house
from tests.deployments.sandbox_house import House, sandbox_house
from tests.prefect_server import PrefectServer


@pytest.fixture
def house(clean_database: str, prefect_api: PrefectServer, tmp_path: Path) -> Iterator[House]:
    """The worker's database, empty but for the sandbox's hotels; a tenth of the bookings is told wrong."""
    open_house.cache_clear()
    with sandbox_house(clean_database, tmp_path / "data", size=40, flawed_per_mille=30) as made:
        yield made
    open_house.cache_clear()
