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
from sqlalchemy import Table

from storage.planning import analyze, is_many

# Small enough that the server reads one while we write the next.
_ROWS_PER_CHUNK: Final = 8_192
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
    pa.time64("us"): "time",
    pa.decimal128(9, 8): "numeric",
    pa.list_(pa.int64()): "smallint[]",
}
# Emptying a file costs milliseconds, deleting a few rows a tenth of one; but deleted rows stay in the file.
_WORTH_TRUNCATING_BYTES: Final = 1_000_000


def stage(cursor: psycopg.Cursor[Any], name: str, table: pa.Table) -> None:
    """Fill the temporary table `name` with the rows of an Arrow table, replacing what a transaction put there before.

    The temporary table is made once per connection and kept: `ON COMMIT DROP` or `DELETE ROWS` would cost a micro-batch
    4 to 12 ms a table.
    """
    _empty(cursor, name, table.schema)
    if table.num_rows:
        copy_in(cursor, ("pg_temp", name), table)
    if is_many(table.num_rows):
        analyze(cursor, f"pg_temp.{name}")


def copy_in(cursor: psycopg.Cursor[Any], target: tuple[str, str], table: pa.Table) -> None:
    """Copy the rows of an Arrow table into the columns of the same names; lists that are all empty are left out."""
    told = _writable(table)
    columns = sql.SQL(", ").join(map(sql.Identifier, told.column_names))
    command = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(*target), columns)
    with cursor.copy(command) as copy:
        for batch in told.to_batches(max_chunksize=_ROWS_PER_CHUNK):
            sink = pa.BufferOutputStream()
            csv.write_csv(batch, sink, _CSV)
            copy.write(sink.getvalue())


def is_known(cursor: psycopg.Cursor[Any], table: Table, rows: pa.Table) -> bool:
    """Tell whether a table of `core` holds anything of the sources and properties that these rows are of."""
    names = [name for name in ("source", "property_id") if name in table.primary_key.columns]
    places = rows.group_by(names).aggregate([]).to_pylist()
    condition = sql.SQL(" AND ").join(sql.SQL("{} = {}").format(sql.Identifier(n), sql.Placeholder(n)) for n in names)
    query = sql.SQL("SELECT 1 FROM core.{} WHERE {} LIMIT 1").format(sql.Identifier(table.name), condition)
    return any(cursor.execute(query, place).fetchone() for place in places)


def _empty(cursor: psycopg.Cursor[Any], name: str, schema: pa.Schema) -> None:
    found = cursor.execute(
        "SELECT pg_relation_size(oid) FROM pg_class WHERE oid = to_regclass(%s)", [f"pg_temp.{name}"]
    ).fetchone()
    table = sql.SQL("pg_temp.{}").format(sql.Identifier(name))
    if found is None:
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(field.name), sql.SQL(_SQL_TYPES.get(field.type, "text[]")))
            for field in schema
        )
        cursor.execute(sql.SQL("CREATE TEMPORARY TABLE {} ({})").format(sql.Identifier(name), columns))
    elif found[0] > _WORTH_TRUNCATING_BYTES:
        cursor.execute(sql.SQL("TRUNCATE {}").format(table))
    elif found[0]:
        cursor.execute(sql.SQL("DELETE FROM {}").format(table))


def _writable(table: pa.Table) -> pa.Table:
    for field in table.schema:
        place = table.schema.get_field_index(field.name)
        if field.type == pa.binary():
            table = table.set_column(place, field.name, _hexed(table[field.name]))
        elif pa.types.is_timestamp(field.type):
            table = table.set_column(place, field.name, _in_utc(table[field.name]))
        elif pa.types.is_list(field.type) and not pc.sum(pc.list_value_length(table[field.name])).as_py():
            table = table.remove_column(place)  # the usual case: nothing to warn of, no children
        elif pa.types.is_list(field.type):
            table = table.set_column(place, field.name, _array_literals(table[field.name]))
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


def _in_utc(instants: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write instants as text: Arrow's CSV looks the zone up for every single one, which takes twenty times as long."""
    return pc.binary_join_element_wise(instants.cast(pa.timestamp("us")).cast(pa.string()), "Z", "")


def _array_literals(lists: pa.ChunkedArray) -> pa.Array:
    told = (None if each is None else "{" + ",".join(map(_quoted, each)) + "}" for each in lists.to_pylist())
    return pa.array(told, pa.string())


def _quoted(word: str | int) -> str:
    escaped = str(word).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
