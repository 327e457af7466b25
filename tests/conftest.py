"""One PostgreSQL and one Prefect server per test run, started when first asked for; one database per worker."""

import os

# Before anything of ours or Prefect is imported: no telemetry, and nothing of the caller's own installation.
for _name in [name for name in os.environ if name.startswith(("NIGHT_AUDIT_", "PREFECT_", "PG"))]:
    del os.environ[_name]
os.environ.update(
    {
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "0.1",
        "PREFECT_TASKS_REFRESH_CACHE": "true",
    }
)

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from settings import Settings
from storage.engine import engine as engine_of
from tests import postgres
from tests.prefect_server import PrefectServer, shared_server, stop_shared_server
from tests.shared_run import SharedRun, begin_run, end_run, run_from_text

_RUN = pytest.StashKey[SharedRun]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres-url", help="a superuser's address: test on this server, not on the embedded one")
    parser.addoption("--fault-seed", type=int, help="repeat the fault tests of a run that printed this seed")


def pytest_configure(config: pytest.Config) -> None:
    given, url = getattr(config, "workerinput", None), config.getoption("--postgres-url")
    config.stash[_RUN] = run_from_text(given["shared_run"], url) if given else begin_run(url)
    os.environ["PREFECT_HOME"] = str(config.stash[_RUN].folder / "prefect")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["shared_run"] = node.config.stash[_RUN].to_text()


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or _RUN not in config.stash:
        return
    run = config.stash[_RUN]
    stop_shared_server(run)
    postgres.stop_server(run)
    end_run(run)


@pytest.fixture(scope="session")
def shared_run(pytestconfig: pytest.Config) -> SharedRun:
    """The run this process belongs to."""
    return pytestconfig.stash[_RUN]


@pytest.fixture(scope="session")
def worker(pytestconfig: pytest.Config) -> str:
    """The name of this process within the run: `gw0`, `gw1` ... or `main`. Names in Prefect carry it."""
    given = getattr(pytestconfig, "workerinput", None)
    return str(given["workerid"]) if given else "main"


@pytest.fixture(scope="session")
def database_url(shared_run: SharedRun, worker: str) -> str:
    """A migrated database of this worker's own, psql-ready."""
    return postgres.database_from_template(shared_run, f"worker_{worker}")


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    """The engine on the worker's database."""
    made = engine_of(database_url)
    yield made
    made.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that is rolled back after the test."""
    with engine.connect() as opened:
        yield opened  # closing rolls back


@pytest.fixture(scope="session")
def _tables_of_migrations(database_url: str) -> list[str]:
    return postgres.filled_tables(database_url)


@pytest.fixture
def clean_database(database_url: str, _tables_of_migrations: list[str]) -> str:
    """The worker's database with every table empty, for tests that commit."""
    postgres.empty_tables(database_url, except_tables=_tables_of_migrations)
    return database_url


@pytest.fixture
def settings(clean_database: str, tmp_path: Path) -> Settings:
    """Settings of a test's own: its worker's database, emptied, and a data folder."""
    return Settings(database_url=clean_database, data_dir=tmp_path / ".data", secret_key=bytes(range(32)))


@pytest.fixture(scope="session")
def prefect_api(shared_run: SharedRun) -> Iterator[PrefectServer]:
    """The run's Prefect server; within the test process Prefect's client talks to it."""
    from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

    server = shared_server(shared_run)
    with temporary_settings({PREFECT_API_URL: server.api_url, PREFECT_API_AUTH_STRING: server.auth_string}):
        yield server
