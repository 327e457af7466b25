"""Write `docs/data-model.md` from the tables: `python -m storage.tables.document`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import CheckConstraint, Column, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateColumn

from storage.tables import METADATA, SCHEMAS, core, ops, raw, recon
from storage.tables.columns import load_tail

PATH: Final = Path(__file__).parents[2] / "docs" / "data-model.md"
_MODULES: Final = {"raw": raw, "core": core, "recon": recon, "ops": ops}
_TAIL: Final = tuple(column.name for column in load_tail())
_DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]

_OPENING: Final = """# Data model

Generated from `storage/tables/` by `python -m storage.tables.document`; a test compares. Do not edit.

Grammar: `_id` ours, `_ref` theirs, `_at` instant (UTC), `_on` local date, `_minor` integer minor units of the `currency`
beside it, `_count` a number of things, `_code` open vocabulary, `_rate` a share, `is_` yes or no (empty: not told).
🔑 part of the primary key · 👤 personal · **bold** never empty. **[L]**: the load tail, on every table the loader writes:
"""


def document() -> str:
    """Give the whole document."""
    tail = "\n".join(_column(column) for column in load_tail())
    parts = [_OPENING, "| column | type | default |", "|---|---|---|", tail, ""]
    for schema in SCHEMAS:
        parts += [f"## {schema}", "", (_MODULES[schema].__doc__ or "").strip(), ""]
        for table in METADATA.sorted_tables:
            if table.schema == schema:
                parts += [*_table(table), ""]
    return "\n".join(parts).rstrip() + "\n"


def _table(table: Table) -> Iterator[str]:
    partition = table.dialect_options["postgresql"]["partition_by"]
    yield f"### {table.fullname}"
    yield ""
    yield f"{table.comment}." + (f" Partitioned by {partition}." if partition else "")
    yield ""
    yield "| column | type | default |"
    yield "|---|---|---|"
    has_tail = set(_TAIL) <= set(table.columns.keys())
    yield from (_column(column) for column in table.columns if not (has_tail and column.name in _TAIL))
    if has_tail:
        yield "| [L] | | |"
    rules = sorted(_rules(table))
    if rules:
        yield ""
        yield from rules


def _column(column: Column[object]) -> str:
    marks = ("🔑 " if column.primary_key else "") + ("👤 " if column.info.get("personal") else "")
    name = f"`{column.name}`" if column.nullable else f"**`{column.name}`**"
    declared = str(CreateColumn(column).compile(dialect=_DIALECT)).split(" ", 1)[1].removesuffix(" NOT NULL")
    kind, _, default = declared.partition(" DEFAULT ")
    kind, _, computed = kind.partition(" GENERATED ")
    return f"| {marks}{name} | {kind.lower()} | {_code(default or computed)} |"


def _code(expression: str) -> str:
    return f"`{expression}`" if expression else ""


def _rules(table: Table) -> Iterator[str]:
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            yield f"- check `{constraint.sqltext}`"
        elif isinstance(constraint, UniqueConstraint):
            yield f"- unique ({', '.join(constraint.columns.keys())})"
    for foreign in table.foreign_key_constraints:
        when = ", at commit" if foreign.deferrable else ""
        yield f"- ({', '.join(foreign.column_keys)}) must be in {foreign.referred_table.fullname}{when}"
    for index in table.indexes:
        where = index.dialect_options["postgresql"]["where"]
        condition = f" where `{where}`" if where is not None else ""
        yield f"- index ({', '.join(column.name for column in index.columns)}){condition}"


if __name__ == "__main__":
    PATH.write_text(document(), encoding="utf-8")
