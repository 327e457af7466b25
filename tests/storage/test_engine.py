"""Connections: UTC, bounded in time, one pool per process, ports apart from transactions."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from settings import Settings
from storage.engine import autocommit, database_url, driver, engine, unpooled

ROOT = Path(__file__).parents[2]


def test_the_configured_database_is_the_one_in_use(settings: Settings) -> None:
    assert database_url(settings) == settings.database_url


def test_an_engine_speaks_utc_says_who_it_is_and_ends_long_statements(database_url: str) -> None:
    with engine(database_url).connect() as connection:
        shown = [
            connection.scalar(text(f"SHOW {name}")) for name in ("timezone", "application_name", "statement_timeout")
        ]
    assert shown == ["UTC", "night-audit", "5min"]
    with autocommit(database_url).connect() as connection:
        assert connection.scalar(text("SHOW statement_timeout")) == "10s"


def test_a_process_has_one_engine_per_database(database_url: str) -> None:
    assert engine(database_url) is engine(database_url)
    assert len({id(each(database_url)) for each in (engine, autocommit, unpooled)}) == 3
    other = make_url(database_url).set(database="other").render_as_string(hide_password=False)
    assert engine(other) is not engine(database_url)


def test_a_forked_child_does_not_use_its_parents_sockets(database_url: str) -> None:
    script = (
        "import os, sys\n"
        "from sqlalchemy import text\n"
        "from storage.engine import engine\n"
        "def backend():\n"
        "    with engine(sys.argv[1]).connect() as c: return c.scalar(text('select pg_backend_pid()'))\n"
        "parent = backend()\n"
        "child = os.fork()\n"
        "if child == 0: os._exit(0 if backend() != parent else 1)\n"
        "assert os.waitpid(child, 0)[1] == 0 and backend() == parent\n"
    )
    subprocess.run([sys.executable, "-c", script, database_url], cwd=ROOT, check=True)


def test_on_the_autocommit_engine_each_statement_is_durable_by_itself(database_url: str, clean_database: str) -> None:
    with autocommit(database_url).connect() as connection:
        connection.execute(text("INSERT INTO ops.breakers (source, endpoint_code) VALUES ('a', 'b')"))
        with engine(database_url).connect() as other:
            assert other.scalar(text("SELECT count(*) FROM ops.breakers")) == 1


def test_the_drivers_connection_is_in_the_same_transaction(engine: Engine, clean_database: str) -> None:
    insert = "INSERT INTO ops.breakers (source, endpoint_code) VALUES ('a', 'b')"
    with engine.connect() as connection:
        driver(connection).execute(insert)
        connection.rollback()
        driver(connection).execute(insert)
        connection.commit()
        assert connection.scalar(text("SELECT count(*) FROM ops.breakers")) == 1


def test_long_waits_do_not_use_up_a_pool(database_url: str) -> None:
    opened, close = threading.Barrier(21), threading.Event()

    def hold() -> None:
        with unpooled(database_url).connect():
            opened.wait(20)
            close.wait(20)

    threads = [threading.Thread(target=hold) for _ in range(20)]
    for thread in threads:
        thread.start()
    opened.wait(20)
    close.set()
    for thread in threads:
        thread.join()


def test_another_driver_beneath_is_refused() -> None:
    class Stranger:
        connection = type("Fairy", (), {"driver_connection": object()})()

        def in_transaction(self) -> bool:
            return True

    with pytest.raises(TypeError, match="expected psycopg"):
        driver(Stranger())  # type: ignore[arg-type]
