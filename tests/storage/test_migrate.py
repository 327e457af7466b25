"""Migrations: what they build is what storage/tables declares, again and again, and whatever kills them."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, make_url, text

from storage.engine import engine as engine_of
from storage.migrate import upgrade
from storage.tables import METADATA, SCHEMAS

ROOT = Path(__file__).parents[2]

COLUMNS = """
    -- by name: a column that came later stands at the end
    SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
           a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
"""
CONSTRAINTS = """
    SELECT n.nspname, c.relname, k.conname, k.contype, k.condeferrable, k.condeferred, pg_get_constraintdef(k.oid)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype <> 'n'
"""
INDEXES = """
    SELECT n.nspname, c.relname, pg_get_indexdef(i.indexrelid), pg_get_partkeydef(c.oid)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_index i ON i.indrelid = c.oid
"""
SEQUENCES = """
    SELECT n.nspname, c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqcycle
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_sequence s ON s.seqrelid = c.oid
"""
COMMENTS = """
    SELECT n.nspname, c.relname, obj_description(c.oid, 'pg_class')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
"""
OURS = " WHERE n.nspname = ANY(:schemas) AND NOT c.relispartition AND c.relkind IN ('r', 'p', 'S') AND c.relname <> 'schema_version' ORDER BY 1, 2, 3"


def catalogue(connection: Connection) -> dict[str, list[Any]]:
    """Read what PostgreSQL itself says of our tables; partitions and Alembic's own table left out."""
    return {
        name: [tuple(row) for row in connection.execute(text(query + OURS), {"schemas": list(SCHEMAS)})]
        for name, query in {
            "columns": COLUMNS, "constraints": CONSTRAINTS, "indexes": INDEXES, "comments": COMMENTS, "sequences": SEQUENCES,
        }.items()
    }  # fmt: skip


@pytest.fixture
def empty_database(database_url: str) -> Iterator[Engine]:
    name = f"{make_url(database_url).database}_empty"
    server = engine_of(database_url).execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
        url = make_url(database_url).set(database=name, drivername="postgresql+psycopg")
        empty = create_engine(url)
        yield empty
        empty.dispose()
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


def test_migrations_build_exactly_the_declared_tables(engine: Engine, empty_database: Engine) -> None:
    with empty_database.begin() as connection:
        for schema in SCHEMAS:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
        METADATA.create_all(connection)
    with engine.connect() as migrated, empty_database.connect() as declared:
        found, wanted = catalogue(migrated), catalogue(declared)
    assert len(wanted["columns"]) > 300
    for kind, rows in wanted.items():
        assert found[kind] == rows, kind


def test_a_second_upgrade_changes_nothing(empty_database: Engine) -> None:
    upgrade(empty_database)
    with empty_database.connect() as connection:
        before = catalogue(connection)
    upgrade(empty_database)
    with empty_database.connect() as connection:
        assert catalogue(connection) == before
        assert connection.scalar(text("SELECT count(*) FROM ops.schema_version")) == 1


def test_of_several_upgrades_at_once_one_works_and_none_fails(empty_database: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, [empty_database] * 4))
    with empty_database.connect() as connection:
        assert connection.scalar(text("SELECT to_regclass('ops.audit_log') IS NOT NULL"))


def _kill_while_it_works(empty_database: Engine) -> None:
    url = empty_database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    script = (
        "import sys; from sqlalchemy import event; from storage.engine import engine; from storage.migrate import upgrade\n"
        "e = engine(sys.argv[1])\n"
        "@event.listens_for(e, 'after_cursor_execute')\n"
        "def stop(conn, cursor, statement, *_):\n"
        "    if 'CREATE TABLE core.room_nights' in statement: print('midway', flush=True); import time; time.sleep(60)\n"
        "upgrade(e)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script, url], cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"midway\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()


def test_an_upgrade_killed_midway_leaves_nothing_and_can_be_repeated(empty_database: Engine) -> None:
    _kill_while_it_works(empty_database)
    deadline = time.monotonic() + 10
    with empty_database.connect() as connection:
        assert connection.scalar(text("SELECT to_regnamespace('core') IS NULL")), "half a migration is visible"
        connection.rollback()
    upgrade(empty_database)
    with empty_database.connect() as connection:
        assert connection.scalar(text("SELECT to_regclass('core.room_nights') IS NOT NULL"))
    assert time.monotonic() < deadline, "the dead process still held the lock"
