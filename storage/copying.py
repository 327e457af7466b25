"""Arrow tables into PostgreSQL by COPY: staged in a temporary table, from which one statement writes.

CSV with every text quoted and NULL unquoted, so that an empty text and no text stay two things.
"""

from typing import Any, Final

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql
from pyarrow import csv

_ROWS_PER_CHUNK: Final = 32_768
_CSV: Final = csv.WriteOptions(include_header=False, quoting_style="needed")
_HASH_BYTES: Final = 16
_DIGITS: Final = np.frombuffer(b"0123456789abcdef", np.uint8)
_SQL_TYPES: Final = {
    pa.int64(): "bigint",
    pa.string(): "text",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.timestamp("us", "UTC"): "timestamptz",
    pa.binary(): "bytea",
    pa.list_(pa.string()): "text[]",
}
# Emptying a file costs milliseconds, deleting a few rows a tenth of one; but deleted rows stay in the file.
_WORTH_TRUNCATING_BYTES: Final = 1_000_000
# Below this, statistics of a staging table change no plan and ANALYZE costs more than it saves.
_WORTH_ANALYZING: Final = 2_000


def stage(cursor: psycopg.Cursor[Any], name: str, table: pa.Table) -> None:
    """Fill the temporary table `name` with the rows of an Arrow table, replacing what a transaction put there before.

    The temporary table is made once per connection and kept: `ON COMMIT DROP` or `DELETE ROWS` would cost a micro-batch
    4 to 12 ms a table.
    """
    _empty(cursor, name, table.schema)
    if table.num_rows == 0:
        return
    columns = sql.SQL(", ").join(map(sql.Identifier, table.column_names))
    with cursor.copy(
        sql.SQL("COPY pg_temp.{} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(name), columns)
    ) as copy:
        for batch in _writable(table).to_batches(max_chunksize=_ROWS_PER_CHUNK):
            sink = pa.BufferOutputStream()
            csv.write_csv(batch, sink, _CSV)
            copy.write(sink.getvalue())
    if table.num_rows >= _WORTH_ANALYZING:
        cursor.execute(sql.SQL("ANALYZE pg_temp.{}").format(sql.Identifier(name)))


def _empty(cursor: psycopg.Cursor[Any], name: str, schema: pa.Schema) -> None:
    found = cursor.execute(
        "SELECT pg_relation_size(oid) FROM pg_class WHERE oid = to_regclass(%s)", [f"pg_temp.{name}"]
    ).fetchone()
    table = sql.SQL("pg_temp.{}").format(sql.Identifier(name))
    if found is None:
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(field.name), sql.SQL(_SQL_TYPES[field.type])) for field in schema
        )
        cursor.execute(sql.SQL("CREATE TEMPORARY TABLE {} ({})").format(sql.Identifier(name), columns))
    elif found[0] > _WORTH_TRUNCATING_BYTES:
        cursor.execute(sql.SQL("TRUNCATE {}").format(table))
    elif found[0]:
        cursor.execute(sql.SQL("DELETE FROM {}").format(table))


def _writable(table: pa.Table) -> pa.Table:
    for position, field in enumerate(table.schema):
        if field.type == pa.binary():
            table = table.set_column(position, field.name, _hexed(table[field.name]))
        elif pa.types.is_list(field.type):
            table = table.set_column(position, field.name, _array_literals(table[field.name]))
    return table


def _hexed(hashes: pa.ChunkedArray) -> pa.Array:
    count = len(hashes)
    told = hashes.cast(pa.binary(_HASH_BYTES)).combine_chunks()
    octets = np.frombuffer(told.buffers()[1], np.uint8)[told.offset * _HASH_BYTES :][: count * _HASH_BYTES]
    text = np.empty((count, 2 + 2 * _HASH_BYTES), np.uint8)
    text[:, :2] = np.frombuffer(b"\\x", np.uint8)
    text[:, 2::2] = _DIGITS[octets.reshape(count, _HASH_BYTES) >> 4]
    text[:, 3::2] = _DIGITS[octets.reshape(count, _HASH_BYTES) & 15]
    ends = np.arange(count + 1, dtype=np.int32) * text.shape[1]
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(ends), pa.py_buffer(text)])


def _array_literals(lists: pa.ChunkedArray) -> pa.Array:
    if not pc.sum(pc.list_value_length(lists)).as_py():
        return pa.nulls(len(lists), pa.string())  # the usual case: nothing to warn of
    return pa.array(["{" + ",".join(map(_quoted, words)) + "}" for words in lists.to_pylist()], pa.string())


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
