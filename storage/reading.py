"""Read a query into a typed frame: COPY out, Arrow in, no Python object per row."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import pyarrow as pa
from pyarrow import csv
from sqlalchemy import Connection

from hotel.report_frames import Schema
from storage.engine import driver

_ARROW: Final = {
    "datetime64[s]": pa.date32(),
    "int64": pa.int64(),
    "Int64": pa.int64(),
    "str": pa.string(),
    "boolean": pa.bool_(),
}
_PANDAS: Final = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}


def read_frame(connection: Connection, query: str, values: Mapping[str, Any], schema: Schema) -> pd.DataFrame:
    """Run a SELECT with `%(name)s` parameters and give its columns in the schema's order and dtypes.

    The query's columns stand in the schema's order; NULL becomes NA, an empty text stays one. A sum of bigint is
    numeric in PostgreSQL: cast it, or Arrow refuses the column.
    """
    body = bytearray()
    with driver(connection).cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", values) as copy:
        for block in copy:
            body += block
    if not body:
        return pd.DataFrame(columns=list(schema)).astype(schema)
    table = csv.read_csv(
        pa.BufferReader(body),
        read_options=csv.ReadOptions(column_names=list(schema)),
        convert_options=csv.ConvertOptions(
            column_types={name: _ARROW[dtype] for name, dtype in schema.items()},
            true_values=["t"],
            false_values=["f"],
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
        parse_options=csv.ParseOptions(newlines_in_values=True),
    )
    frame: pd.DataFrame = table.to_pandas(types_mapper=_PANDAS.get, date_as_object=False).astype(schema)
    return frame
