"""Connections: one pool per process and database for transactions, one for the ports."""

import os
from functools import cache
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url

from settings import Settings
from storage.embedded import ensure_running

STATEMENT_TIMEOUT_SECONDS: Final = 300
PORT_TIMEOUT_SECONDS: Final = 10
CONNECT_TIMEOUT_SECONDS: Final = 10


def database_url(settings: Settings) -> str:
    """Give the address of the database in use: the configured one, else the embedded server, started where it is not up."""
    return settings.database_url or ensure_running(settings)


def engine(url: str) -> Engine:
    """Give this process's engine for a database: UTC, statements end after 300 s, dead connections are replaced."""
    return _engine(url, os.getpid(), kind="work")


def autocommit(url: str) -> Engine:
    """Give the engine for ports: each statement commits by itself, ends after 10 s, and has a pool of its own.

    Its own pool, so that an outbound call never waits for the transactions that make it.
    """
    return _engine(url, os.getpid(), kind="port")


def unpooled(url: str) -> Engine:
    """Give the engine for long waits: a connection of its own each time, so that those who wait fill no pool."""
    return _engine(url, os.getpid(), kind="unpooled")


def driver(connection: Connection) -> psycopg.Connection[Any]:
    """Give the psycopg connection beneath, within the same transaction, for COPY and binary arrays."""
    if not connection.in_transaction():
        connection.begin()
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        msg = f"expected psycopg beneath SQLAlchemy, found {type(raw).__name__}"
        raise TypeError(msg)
    return raw


# The process id is part of the key: a forked child must not share its parent's sockets.
@cache
def _engine(url: str, pid: int, *, kind: str) -> Engine:  # noqa: ARG001
    seconds = PORT_TIMEOUT_SECONDS if kind == "port" else STATEMENT_TIMEOUT_SECONDS
    pool: dict[str, Any] = {"poolclass": NullPool} if kind == "unpooled" else {"pool_pre_ping": True}
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT" if kind == "port" else "READ COMMITTED",
        connect_args={
            "application_name": "night-audit",
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "options": f"-c timezone=UTC -c statement_timeout={seconds * 1000}",
        },
        **pool,
    )
