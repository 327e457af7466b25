"""Houses for the tests of what runs when."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployments.sandbox_house import House, sandbox_house


@pytest.fixture
def house(clean_database: str, tmp_path: Path) -> Iterator[House]:
    """The worker's database, empty but for the sandbox's hotels."""
    with sandbox_house(clean_database, tmp_path / "data folder", size=60) as made:
        yield made
