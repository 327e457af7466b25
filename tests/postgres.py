"""PostgreSQL for tests: one embedded server per run, one database per worker, copied from a migrated template."""

from collections.abc import Sequence

import psycopg
from psycopg import sql
from sqlalchemy import NullPool, create_engine, make_url

from settings import Settings
from storage import embedded
from storage.embedded.process import Process
from storage.migrate import upgrade
from tests.shared_run import SharedRun

TEMPLATE = "night_audit_template"

_TABLES = """
    select c.oid::regclass::text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('raw', 'core', 'recon', 'ops')
"""


def server_url(run: SharedRun) -> str:
    """Give the run's server: the one it was given, else an embedded one that ends with the run."""
    if run.postgres_url:
        return run.postgres_url
    settings = Settings(data_dir=run.folder / "data")
    return run.once("postgres", lambda: _started(settings, run.controller))


def stop_server(run: SharedRun) -> None:
    """Stop the run's server where one was started."""
    embedded.stop(Settings(data_dir=run.folder / "data"))


def database_from_template(run: SharedRun, name: str) -> str:
    """Make a migrated, empty database and give its address; the schema is migrated once a run."""
    server = server_url(run)
    run.once("template", lambda: _migrated_template(server))
    return _create(server, name, template=TEMPLATE)


def empty_database(run: SharedRun, name: str) -> str:
    """Make a database without any schema and give its address; an older one of that name is dropped."""
    return _create(server_url(run), name, template="template1")


def filled_tables(url: str) -> list[str]:
    """List the tables of ours that hold rows."""
    with psycopg.connect(url, autocommit=True) as connection:
        return _filled(connection)


def empty_tables(url: str, *, except_tables: Sequence[str]) -> None:
    """Empty every table of ours but those that migrations fill, and count ids from 1 again."""
    with psycopg.connect(url, autocommit=True) as connection:
        filled = [table for table in _filled(connection) if table not in except_tables]
        if filled:
            connection.execute(f"truncate {', '.join(filled)} restart identity cascade".encode())


def _filled(connection: psycopg.Connection) -> list[str]:
    tables = [name for (name,) in connection.execute(_TABLES)]
    if not tables:
        return []
    is_filled = " union all ".join(f"(select '{table}' from {table} limit 1)" for table in tables)
    return [name for (name,) in connection.execute(is_filled.encode())]


def _started(settings: Settings, controller: Process) -> str:
    url = embedded.ensure_running(settings, until=controller)
    with psycopg.connect(url, autocommit=True) as connection:
        # A test run's data need not survive the machine; durability is tested on servers of their own.
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(name)))
        connection.execute("select pg_reload_conf()")
    return url


def _migrated_template(server: str) -> str:
    url = _create(server, TEMPLATE, template="template1")
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    upgrade(engine)
    engine.dispose()
    return url


def _create(server: str, name: str, *, template: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    return make_url(server).set(database=name).render_as_string(hide_password=False)
