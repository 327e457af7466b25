"""Who loads guests: the pipeline, PostgreSQL by hand, and pandas."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import pandas as pd
import psycopg

from benchmarks.guest_cases import Case
from benchmarks.guest_pages import CODEBOOK, PROPERTY, SOURCE
from benchmarks.server import Server
from benchmarks.stages import stopwatch, stopwatches
from connectors.registry import connector
from expectations.facts import BatchFacts
from hotel.guests import Guest
from hotel.loads import BatchId
from operations.facts import house_facts
from operations.loading import Circumstances, Rows, load_rows
from operations.mapped import map_pages, without_garbage_collection
from storage.engine import engine
from storage.pages import Batch
from storage.retrying import in_transaction

KEY: Final = "source, property_id, source_ref"
COLUMNS: Final = ", ".join(Guest._fields)
_CHUNK: Final = 1 << 20
# The same columns with the same types and the same primary key as core.guests, without the loader's own columns.
_PLAIN: Final = f"CREATE TABLE plain AS SELECT {COLUMNS} FROM core.guests; ALTER TABLE plain ADD PRIMARY KEY ({KEY})"
_STAGE: Final = "CREATE TEMPORARY TABLE staged (LIKE plain) ON COMMIT DROP"
_UPSERT: Final = f"INSERT INTO plain SELECT * FROM staged ON CONFLICT ({KEY}) DO UPDATE SET " + ", ".join(
    f"{column} = excluded.{column}" for column in Guest._fields[3:]
)


class Contender(Protocol):
    """One way to load. A round of it begins with `begin` and takes the cases in order."""

    url: str

    def begin(self) -> None:
        """Make an empty place to load into."""
        ...

    def prepare(self, case: Case) -> Callable[[], Mapping[str, float] | None]:
        """Get ready, untimed, and give what is to be timed."""
        ...


class Pipeline:
    """Page bytes to committed rows: decode, map, hash, classify, gate, write, link, record."""

    def __init__(self, server: Server) -> None:
        self._server, self.url = server, server.address("pipeline")
        self._batch_id = 0

    def begin(self) -> None:
        """Begin with an empty house."""
        self._server.fresh("pipeline")

    def prepare(self, case: Case) -> Callable[[], Mapping[str, float]]:
        """Take the next batch id."""
        self._batch_id += 1
        batch_id = BatchId(self._batch_id)
        return lambda: self._load(case, batch_id)

    @without_garbage_collection()  # as operations.load_batch
    def _load(self, case: Case, batch_id: BatchId) -> Mapping[str, float]:
        started_at, count = datetime.now(UTC), case.rows.num_rows
        place = PROPERTY.property_id
        pull = Batch(
            batch_id,
            SOURCE,
            place,
            dataset="guests",
            kind="hotel_rest",
            window=None,
            expected_count=count,
            is_complete=True,
            opened_at=started_at,
            business_on=None,
            page_count=len(case.pages),
            row_count=count,
        )
        with stopwatches() as seconds:
            with stopwatch(seconds, "map"):
                mapped = map_pages(case.pages, pull, connector("hotel_rest").mappers["guests"], CODEBOOK)[place]
            rows = Rows("guests", SOURCE, place, mapped.incoming, [], batch_id, batch_id)
            given = Circumstances(BatchFacts(count, count), house_facts({place: PROPERTY}, started_at), started_at)
            part = in_transaction(engine(self.url), lambda connection: load_rows(connection, rows, given).part)
        if part.verdict != "passed" or part.passed_count != count:
            msg = f"{part.passed_count} of {count} rows passed: {part.verdict} {part.blocked_by}"
            raise ValueError(msg)
        return seconds


class Copy:
    """Plain COPY of CSV that is in memory already, into an empty table with the same primary key. Knows no change."""

    def __init__(self, server: Server) -> None:
        self._server, self.url = server, server.address("plain_copy")

    def begin(self) -> None:
        """Make the table."""
        _execute(self._server.fresh("plain_copy"), _PLAIN)

    def prepare(self, case: Case) -> Callable[[], None]:
        """Empty the table."""
        _execute(self.url, "TRUNCATE plain")
        return lambda: self._load(case)

    def _load(self, case: Case) -> None:
        with psycopg.connect(self.url) as connection:
            _copy(connection, "plain", case.csv)


class PlainUpsert:
    """COPY of CSV in memory to a temporary table, then INSERT ... ON CONFLICT DO UPDATE of every row."""

    def __init__(self, server: Server) -> None:
        self._server, self.url = server, server.address("plain_upsert")

    def begin(self) -> None:
        """Make the table."""
        _execute(self._server.fresh("plain_upsert"), _PLAIN)

    def prepare(self, case: Case) -> Callable[[], None]:
        """Nothing to prepare."""
        return lambda: self._load(case)

    def _load(self, case: Case) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(_STAGE)
            _copy(connection, "staged", case.csv)
            connection.execute(_UPSERT.encode())


class ToSql:
    """`pandas.DataFrame(records).to_sql`, 10,000 rows a chunk, into an empty table with the same primary key."""

    def __init__(self, server: Server, count: int) -> None:
        self._server, self.url, self._count = server, server.address("to_sql"), count

    def begin(self) -> None:
        """Make the table."""
        _execute(self._server.fresh("to_sql"), _PLAIN)

    def prepare(self, case: Case) -> Callable[[], None]:
        """Empty the table and make the records."""
        _execute(self.url, "TRUNCATE plain")
        records = case.records(self._count)
        return lambda: self._load(records)

    def _load(self, records: list[dict[str, Any]]) -> None:
        frame = pd.DataFrame(records)
        frame.to_sql("plain", engine(self.url), if_exists="append", index=False, chunksize=10_000)


def _copy(connection: psycopg.Connection[Any], table: str, data: memoryview) -> None:
    with connection.cursor().copy(f"COPY {table} ({COLUMNS}) FROM STDIN (FORMAT csv)".encode()) as copy:
        for start in range(0, len(data), _CHUNK):
            copy.write(data[start : start + _CHUNK])


def _execute(url: str, statements: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statements.encode())
