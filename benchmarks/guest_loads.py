"""Part A: a million guests, three loads, all contenders in turn."""

from collections.abc import Callable
from typing import Final, NamedTuple

from benchmarks.dlt_contender import Dlt
from benchmarks.guest_cases import Case, cases
from benchmarks.guest_contenders import Contender, Copy, Pipeline, PlainUpsert, ToSql
from benchmarks.rounds import Measured, interleave
from benchmarks.server import Server, wal_bytes
from benchmarks.stages import STEPS
from expectations.gate import warm_up

PIPELINE: Final = "pipeline"
COPY: Final = "COPY"
UPSERT: Final = "plain upsert"
TO_SQL: Final = "`to_sql`"
DLT: Final = "dlt, records"
DLT_ARROW: Final = "dlt, Arrow"
# Peers that take minutes load a fifth of the rows; all ratios are per row.
SLOW_PEERS_SHARE: Final = 5
SHOWN_SECONDS: Final = 0.01


METHOD: Final = (
    "## Guests",
    "",
    "Every contender begins with an empty database of its own and makes the three loads in order; before each the database is",
    "vacuumed, analysed and checkpointed. The **pipeline** begins with JSON pages in memory, decodes, maps and gates them, and",
    "links new guests; a changed load is the whole file again, as a full pull tells it. The peers get the same 20 columns mapped",
    "already and do none of that: **COPY** has the CSV in memory and an empty table with the same primary key each time, so that",
    "it is the floor for any load, not a way to apply changes; **plain upsert** is COPY to a temporary table, then INSERT ... ON",
    "CONFLICT DO UPDATE of every row; **dlt** merges (strategy upsert) dicts or an Arrow table; **`to_sql`** appends 10,000 rows a",
    "chunk. Where a peer loads fewer rows its ratio is per row. *Its loader alone* is the pipeline without map and gate.",
    "",
)


class Place(NamedTuple):
    """One contender, the rows it loads, and the cases it can do."""

    contender: Contender
    count: int  # type: ignore[assignment]  # rows are counted, whatever tuple.count is for
    cases: tuple[Case, ...]


def measure(server: Server, size: int, rounds: int) -> list[str]:
    """Measure and give the lines of the report."""
    warm_up()
    told = tuple(cases(size))
    few = max(size // SLOW_PEERS_SHARE, 1)
    field = {
        PIPELINE: Place(Pipeline(server), size, told),
        COPY: Place(Copy(server), size, told),
        UPSERT: Place(PlainUpsert(server), size, told),
        DLT_ARROW: Place(Dlt(server, size, from_arrow=True), size, told),
        DLT: Place(Dlt(server, few, from_arrow=False), few, told),
        TO_SQL: Place(ToSql(server, few), few, told[:1]),
    }
    measured = interleave(
        {
            f"{name}, {case.name}": _turn(server, place, case, is_first=case is place.cases[0])
            for name, place in field.items()
            for case in place.cases
        },
        rounds,
    )
    return [*METHOD, *(line for case in told for line in _section(case.name, field, measured))]


def _turn(
    server: Server, place: Place, case: Case, *, is_first: bool
) -> tuple[Callable[[], None], Callable[[], dict[str, float]]]:
    ready: list[Callable[[], object]] = []

    def prepare() -> None:
        if is_first:
            place.contender.begin()
        ready[:] = [place.contender.prepare(case)]
        server.settle(place.contender.url)

    def run() -> dict[str, float]:
        told: dict[str, float] = {}
        written = wal_bytes(place.contender.url, lambda: told.update(ready.pop()() or {}))  # type: ignore[call-overload]
        return {**told, "wal": written}

    return prepare, run


def _section(case: str, field: dict[str, Place], measured: dict[str, Measured]) -> list[str]:
    found = {name: measured[f"{name}, {case}"] for name in field if f"{name}, {case}" in measured}
    per_row = {name: each.median / field[name].count for name, each in found.items()}
    ours = found[PIPELINE]
    alone = ours.median - ours.told["map"] - ours.told["judge"]
    rows = [
        f"| {name} | {field[name].count:,} | {each.median:.2f} ({each.spread}) | {1 / per_row[name]:,.0f} "
        f"| {per_row[COPY] / per_row[name]:.3f} | {each.told['wal'] / field[name].count:,.0f} |"
        for name, each in found.items()
    ]
    rows.insert(
        1,
        f"| … its loader alone | {field[PIPELINE].count:,} | {alone:.2f} | {field[PIPELINE].count / alone:,.0f} "
        f"| {found[COPY].median / alone:.3f} | |",
    )
    steps = ", ".join(
        f"{name} {ours.told[name]:.2f} ({ours.told[f'{name} cpu']:.2f})"
        for name in STEPS
        if ours.told.get(name, 0) >= SHOWN_SECONDS
    )
    ratios = {
        "dlt from records": per_row[DLT] / per_row[PIPELINE],
        "dlt from Arrow": per_row[DLT_ARROW] / per_row[PIPELINE],
        "COPY": per_row[COPY] / per_row[PIPELINE],
    }
    shown = ", ".join(f"{ratio:.2f} x {name}" for name, ratio in ratios.items())
    wal = ours.told["wal"] / found[UPSERT].told["wal"]
    return [
        f"### {case.capitalize()}",
        "",
        f"Pipeline, map and gate included: **{shown}; {wal:.3f} of the WAL of a plain upsert**.",
        "",
        "| | rows | seconds, median (spread) | rows/s | speed against COPY | WAL bytes a row |",
        "|-|-|-|-|-|-|",
        *rows,
        "",
        f"Pipeline, last round, seconds by step (of them our own processor time): {steps}.",
        "",
    ]
