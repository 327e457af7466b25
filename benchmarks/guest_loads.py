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
WAL: Final = "the WAL of a plain upsert"
# A missed aim is shown as missed, with the profile beneath it.
AIMS: Final = {
    ("first load", DLT): 8,
    ("first load", COPY): 0.15,
    ("1 % changed", COPY): 0.4,
    ("1 % changed", WAL): 0.25,
}


METHOD: Final = (
    "## Guests",
    "",
    "Every contender begins with an empty database of its own and makes the three loads in order; before each the database is",
    "vacuumed, analysed and checkpointed. The **pipeline** begins with JSON pages in memory, decodes, maps and gates them, and",
    "links new guests; a changed load is the whole file again, as a full pull tells it. The peers get the same 20 columns mapped",
    "already and do none of that: **COPY** has the CSV in memory and an empty table with the same primary key each time, so that",
    "it is the floor for any load, not a way to apply changes; **plain upsert** is COPY to a temporary table, then INSERT ... ON",
    "CONFLICT DO UPDATE of every row; **dlt** merges (strategy upsert) dicts or an Arrow table; **`to_sql`** appends 10,000 rows a",
    "chunk. Where a peer loads fewer rows its ratio is per row.",
    "",
    "What separates the pipeline from COPY is Python: decoding, mapping, hashing and laying out a row is work of one interpreter",
    "thread, before PostgreSQL sees it. Where a step takes longer than our own processor time, PostgreSQL or another program had",
    "the processor; COPY, nearly all of it PostgreSQL's work, suffers less from a busy machine than a long run of Python does.",
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
    ratios = {peer: per_row[peer] / per_row[PIPELINE] for peer in (DLT, DLT_ARROW, COPY)}
    ratios[WAL] = ours.told["wal"] / found[UPSERT].told["wal"]
    return [
        f"### {case.capitalize()}",
        "",
        "; ".join(_sentence(name, ratio, AIMS.get((case, name))) for name, ratio in ratios.items()) + ".",
        "",
        "| | rows | seconds, median (spread) | rows/s | speed against COPY | WAL bytes a row |",
        "|-|-|-|-|-|-|",
        *(_row(name, field[name].count, each, per_row[COPY]) for name, each in found.items()),
        "",
        *_profile(ours, field[PIPELINE].count),
        "",
    ]


def _sentence(name: str, ratio: float, aim: float | None) -> str:
    if aim is None:
        return f"{ratio:.2f} x {name}"
    is_reached = ratio <= aim if name == WAL else ratio >= aim
    return f"**{ratio:.2f} x {name}** (aim {'at most' if name == WAL else 'at least'} {aim}, {'reached' if is_reached else 'missed'})"


def _row(name: str, count: int, each: Measured, copy_per_row: float) -> str:
    per_row = each.median / count
    return (
        f"| {name} | {count:,} | {each.median:.2f} ({each.spread}) | {1 / per_row:,.0f} "
        f"| {copy_per_row / per_row:.3f} | {each.told['wal'] / count:,.0f} |"
    )


def _profile(ours: Measured, count: int) -> list[str]:
    """Show where the pipeline's time went in its last round, microseconds a row."""
    last = ours.seconds[-1]
    told = {name: (ours.told[name], ours.told[f"{name} cpu"]) for name in STEPS if name in ours.told}
    beside = [name for name in told if name not in {"map", "judge"}]
    told["the loader alone: all but map and judge"] = (
        last - told["map"][0] - told["judge"][0],
        sum(told[name][1] for name in beside),
    )
    told["all"] = (last, sum(told[name][1] for name in STEPS if name in told))
    return [
        "| the pipeline's last round, microseconds a row | in all | of them our own processor time |",
        "|-|-|-|",
        *(f"| {name} | {wall / count * 1e6:.2f} | {cpu / count * 1e6:.2f} |" for name, (wall, cpu) in told.items()),
    ]
