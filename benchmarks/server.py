"""A PostgreSQL of the benchmark's own, as durable as in production, and a fresh database for every contender."""

import os
import pwd
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from settings import Settings
from storage import embedded
from storage.embedded.process import this_process
from storage.engine import engine
from storage.migrate import upgrade

TEMPLATE = "bench_template"


class Server(NamedTuple):
    """The server and its folder; it ends, and the folder goes, with the benchmark."""

    url: str
    folder: Path

    def make_template(self) -> None:
        """Make the migrated database that fresh ones are copied from."""
        self._run("CREATE DATABASE {}", TEMPLATE)
        template = engine(self.address(TEMPLATE))
        upgrade(template)
        template.dispose()

    def fresh(self, name: str) -> str:
        """Give a migrated, empty database of this name, in place of an older one."""
        self.drop(name)
        self._run("CREATE DATABASE {} TEMPLATE {}", name, TEMPLATE)
        return self.address(name)

    def drop(self, name: str) -> None:
        """Drop a database and close our connections to it."""
        engine(self.address(name)).dispose()
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def address(self, name: str) -> str:
        """Give a database's address, ready for psql."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def settle(self, url: str) -> None:
        """Bring a database to rest, so that every contender starts alike: vacuumed, analysed, all pages on disk."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def running_server() -> Iterator[Server]:
    """Run an embedded server in a temporary folder, fsync and synchronous_commit on."""
    folder = Path(tempfile.mkdtemp(prefix="night-audit-bench-"))
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    settings = Settings(data_dir=folder / "data")
    try:
        server = Server(embedded.ensure_running(settings, until=this_process()), folder)
        server.make_template()
        yield server
    finally:
        embedded.stop(settings)
        shutil.rmtree(folder, ignore_errors=True)


def wal_bytes(url: str, work: Callable[[], object]) -> int:
    """Run something and give how many bytes of write-ahead log the server wrote meanwhile."""
    with psycopg.connect(url, autocommit=True) as connection:
        before = connection.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
        work()
        row = connection.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s)", before).fetchone()
    return int(row[0]) if row else 0
