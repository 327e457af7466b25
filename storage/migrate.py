"""Bring a database to the current schema: `python -m storage.migrate`, or `upgrade(engine)`.

All pending steps, the lock and the partitions of the coming months are one transaction: a process killed midway
leaves the database as it was, and of several that start at once one works and the others find nothing to do.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from settings import load
from storage.engine import database_url, engine
from storage.partitions import add_partitions
from storage.tables import SCHEMAS

_LOCK: Final = 0x4E41_0001  # any number, as long as it is ours alone
_MIGRATIONS: Final = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Run every pending migration; nothing where there is none."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        for schema in SCHEMAS:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        add_partitions(connection, datetime.now(UTC).date())


if __name__ == "__main__":
    upgrade(engine(database_url(load())))
