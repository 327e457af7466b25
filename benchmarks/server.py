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

TEMPLATE = "template_of_bench"
_MADE = "bench_"


class Server(NamedTuple):
    """The server and its folder; it ends, and the folder goes, with the benchmark."""

    url: str
    folder: Path

    def make_template(self) -> None:
        """Make the migrated database that fresh ones are copied from."""
        self._run("CREATE DATABASE {}", TEMPLATE)
        template = engine(self._url(TEMPLATE))
        upgrade(template)
        template.dispose()

    def fresh(self, name: str) -> str:
        """Give a migrated, empty database of this name, and drop those made before: nobody vacuums them meanwhile."""
        self._drop_made()
        self._run("CREATE DATABASE {} TEMPLATE {}", _MADE + name, TEMPLATE)
        return self.address(name)

    def clear(self) -> None:
        """Drop all that was made, the template too."""
        self._drop_made()
        self._run("DROP DATABASE {}", TEMPLATE)

    def _drop_made(self) -> None:
        query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        with psycopg.connect(self.url, autocommit=True) as connection:
            made = connection.execute(query, [_MADE]).fetchall()
        for (database,) in made:
            engine(self._url(database)).dispose()
            self._run("DROP DATABASE {} WITH (FORCE)", database)

    def address(self, name: str) -> str:
        """Give the address of a database that `fresh` made, ready for psql."""
        return self._url(_MADE + name)

    def _url(self, database: str) -> str:
        return make_url(self.url).set(database=database).render_as_string(hide_password=False)

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
