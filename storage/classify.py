"""What each incoming row would do to what is stored: one statement, the same answer as `hotel.versions.fate`."""

from functools import lru_cache
from typing import Final, LiteralString, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from psycopg import sql
from sqlalchemy import Connection, Table

from storage.copying import is_known, stage
from storage.engine import driver
from storage.frames import RESERVATIONS, TABLES, Frames, take
from storage.planning import is_many, planned_for
from storage.upserting import names, ordered

NEW: Final = b"n"
CHANGED: Final = b"c"
REWRITTEN: Final = b"r"  # changed, at the version that is stored
BENEATH_CANCEL: Final = b"b"  # older than the cancel that is stored, newer than the content: written, stays cancelled
VERSION_ONLY: Final = b"v"
UNCHANGED: Final = b"u"
STALE: Final = b"s"

WRITTEN: Final = (NEW, CHANGED, REWRITTEN, BENEATH_CANCEL)
# Asking first whether anything is stored at all pays where there is much to compare.
_WORTH_ASKING: Final = 1_000


class Fates(NamedTuple):
    """The fate of each row of a batch: one letter for each line of the parent frame, in its order."""

    frames: Frames
    letters: npt.NDArray[np.bytes_]

    def is_one_of(self, *fates: bytes) -> npt.NDArray[np.bool_]:
        """Tell of each row whether it has one of these fates."""
        return np.isin(self.letters, fates)

    def count(self, *fates: bytes) -> int:
        """Count the rows of these fates."""
        return int(self.is_one_of(*fates).sum())

    def rows(self, *fates: bytes) -> pa.Table:
        """Give the parent frame's rows of these fates."""
        return self.frames.parent.filter(pa.array(self.is_one_of(*fates)))

    def to_judge(self) -> dict[str, pa.Table]:
        """Give the frames of what would be written: new and changed rows. The rest needs no new verdict."""
        if self.count(*WRITTEN) == len(self.letters):
            return self.frames.tables
        return take(self.frames.tables, self.rows(*WRITTEN)["row_number"].combine_chunks())


def classify(connection: Connection, frames: Frames) -> Fates:
    """Compare a batch with storage by key, version and content hash; nothing wider crosses the wire."""
    cursor = driver(connection).cursor()
    table = TABLES[frames.dataset]
    parent = frames.parent
    if parent.num_rows == 0 or (parent.num_rows >= _WORTH_ASKING and not is_known(cursor, table, parent)):
        return Fates(frames, np.full(parent.num_rows, NEW, "S1"))
    wanted = [*table.primary_key.columns.keys(), *_COMPARED, *(("action",) if frames.dataset == RESERVATIONS else ())]
    positions = pa.array(np.arange(parent.num_rows))
    stage(cursor, f"{table.name}_keys", parent.select(wanted).append_column("position", positions))
    with planned_for(cursor, parent.num_rows):
        if not is_many(parent.num_rows):
            cursor.execute(_statement(table, _LOCK))
        answer = cursor.execute(_statement(table, _CLASSIFY)).fetchone()
    return Fates(frames, np.frombuffer(answer[0].encode() if answer else b"", "S1"))


@lru_cache
def _statement(table: Table, template: LiteralString) -> sql.Composed:
    return sql.SQL(template).format(
        table=sql.Identifier(table.name),
        keys=sql.Identifier(f"{table.name}_keys"),
        key=names(table.primary_key.columns.keys()),
        order=ordered(table, "k"),
        beneath=sql.SQL(_BENEATH if table.name == RESERVATIONS else ""),
        beside=sql.SQL(_BESIDE if table.name == RESERVATIONS else ""),
    )


# Messages of one booking come close together: a micro-batch waits here for the one before it, rather than be done again.
# A large batch does not: locking writes to each row, and most of its rows are as they were.
_LOCK: Final = """
SELECT count(*) FROM (
    SELECT FROM core.{table} s JOIN pg_temp.{keys} k USING ({key}) ORDER BY {order} FOR NO KEY UPDATE OF s
) locked
"""
_COMPARED: Final = ("source_version", "received_seq", "has_versions", "row_hash")
_CLASSIFY: Final = """
SELECT string_agg(fate, '' ORDER BY position) FROM (
    SELECT position, CASE
        WHEN s.source_version IS NULL THEN 'n'
        WHEN (k.source_version, k.received_seq) > (s.source_version, s.received_seq) THEN CASE
            WHEN k.row_hash <> s.row_hash {beside} THEN
                CASE WHEN k.has_versions AND k.source_version = s.source_version THEN 'r' ELSE 'c' END
            WHEN k.has_versions AND k.source_version > s.source_version THEN 'v'
            ELSE 'u' END
        WHEN k.row_hash = s.row_hash THEN 'u'
        {beneath}
        ELSE 's' END AS fate
    FROM pg_temp.{keys} k LEFT JOIN core.{table} s USING ({key})
) fates
"""


def told_beneath_a_cancel(told: str, stored: str) -> str:
    """Write the SQL condition that a create or modify is older than the cancel stored, but newer than the content.

    A cancel moves the version of the booking, not of its rooms: theirs is that of the message that told them. So a
    message that arrives late fills in what the cancel did not say, and every order of arrival ends in the same state.
    """
    return f"""{stored}.status IN ('cancelled', 'no_show') AND coalesce((
            SELECT ({told}.source_version, {told}.received_seq) > (r.source_version, r.received_seq)
            FROM core.reservation_rooms r
            WHERE (r.source, r.property_id, r.source_ref) = ({told}.source, {told}.property_id, {told}.source_ref)
            ORDER BY r.source_version DESC, r.received_seq DESC LIMIT 1), {stored}.is_tombstone)"""


_BENEATH: Final = f"WHEN k.action <> 'cancel' AND {told_beneath_a_cancel('k', 's')} THEN 'b'"
# A cancel told beside an older write of the same batch follows it, even where a cancel just like it is what is stored.
_BESIDE: Final = """OR k.action = 'cancel' AND EXISTS (
                SELECT FROM pg_temp.reservations_keys w WHERE w.action <> 'cancel'
                    AND (w.source, w.property_id, w.source_ref) = (k.source, k.property_id, k.source_ref))"""
