"""A database set up with the sandbox's hotels, and the environment a process needs to work on it."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Engine

from deployments.demo_house import set_up_sandbox
from sandbox.server import running
from sandbox.world import World, build
from storage.engine import engine as engine_of
from storage.sealing import house_keys

KEY = base64.b64encode(bytes(range(32))).decode()


class House(NamedTuple):
    """A set-up database, the world that its PMS and channel tell of, and a data folder."""

    engine: Engine
    url: str
    world: World
    data_dir: Path

    @property
    def environment(self) -> dict[str, str]:
        """Give the variables by which a process finds this house."""
        return {
            "NIGHT_AUDIT_DATABASE_URL": self.url,
            "NIGHT_AUDIT_DATA_DIR": str(self.data_dir),
            "NIGHT_AUDIT_SECRET_KEY": KEY,
        }


@contextmanager
def sandbox_house(url: str, data_dir: Path, *, size: int = 40, flawed_per_mille: int = 0) -> Iterator[House]:
    """Serve a small world, set a migrated, empty database up for it, and let this process find it as well."""
    with pytest.MonkeyPatch.context() as patch, running(build(size=size, flawed_per_mille=flawed_per_mille)) as sandbox:
        house = House(engine_of(url), url, sandbox.world, data_dir)
        for name, value in house.environment.items():
            patch.setenv(name, value)
        house_keys.cache_clear()
        set_up_sandbox(house.engine, sandbox.world, sandbox.url)
        yield house
    house_keys.cache_clear()
