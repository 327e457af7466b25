"""What every test of the storage lane stands on."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine


@pytest.fixture
def connection(clean_database: str, engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that is rolled back after the test, on tables that are empty."""
    with engine.connect() as opened:
        yield opened
