"""The log of outbound requests: `ops.requests`, a partition a month."""

from datetime import datetime
from typing import Final, Protocol

from sqlalchemy.dialects.postgresql import insert

from storage.engine import autocommit
from storage.tables import ops

_COLUMNS: Final = tuple(column.name for column in ops.requests.columns)


class _Record(Protocol):
    """What identifies a connector's `RequestRecord`; its other fields are the table's columns."""

    @property
    def request_id(self) -> str: ...
    @property
    def sent_at(self) -> datetime: ...


class RequestTable:
    """Follows `connectors.ports.RequestLog`."""

    def __init__(self, database_url: str) -> None:
        self._engine = autocommit(database_url)

    def write(self, record: _Record) -> None:
        """Store one record, once however often it is written."""
        values = {name: getattr(record, name) for name in _COLUMNS}
        with self._engine.connect() as connection:
            connection.execute(insert(ops.requests).values(values).on_conflict_do_nothing())
