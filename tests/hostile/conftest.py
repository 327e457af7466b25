import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from storage.sealing import house_keys
from tests.hostile.house import furnish


@pytest.fixture
def house(engine: Engine, clean_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The worker's database, empty but for a property that every kind of system is connected to."""
    monkeypatch.setenv("NIGHT_AUDIT_DATABASE_URL", clean_database)
    monkeypatch.setenv("NIGHT_AUDIT_DATA_DIR", str(tmp_path / ".data"))
    monkeypatch.setenv("NIGHT_AUDIT_SECRET_KEY", base64.b64encode(bytes(range(32))).decode())
    house_keys.cache_clear()
    furnish(engine)
    yield engine
    house_keys.cache_clear()
