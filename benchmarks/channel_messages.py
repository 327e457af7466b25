"""Messages of channels from their bytes to committed rows, against parsing the same bytes and nothing else."""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from benchmarks.message_ways import Protocol, Way, importing, mapping, parsing, parsing_safely, protocols
from benchmarks.rounds import Measured, interleave
from benchmarks.server import Server
from benchmarks.stages import STEPS
from expectations.gate import warm_up

BARE: Final = "bare parsing"
SAFE: Final = "parsed safely"
MAPPED: Final = "cards removed, mapped"
IMPORTED: Final = "imported"
METHOD: Final = (
    "## Messages of channels",
    "",
    "The same bookings in two protocols: one to three rooms, one to five nights, guests, taxes, half of them with a card. An",
    "import begins with a full inbox and ends with an empty one: bookings and guests are claimed, mapped, gated and loaded, the",
    "inventory of four room types is counted, the channel's new counts are queued, the messages are marked. **Bare parsing** is",
    "`lxml.etree.fromstring` or `msgspec.json.decode` of the same bytes and nothing else, **parsed safely** is our own parser of",
    "XML (no document type, no entities, known encodings). All in one process; per core means per second of that process's own",
    "processor time, beside which PostgreSQL does its work.",
    "",
)
WHY: Final = (
    "What an OpenTravel message costs is its mapping: some four hundred questions to its tree of elements, each a call from",
    "Python into lxml and back, while a JSON message is decoded into our own shapes by one call. Where a step takes longer than",
    "our own processor time, PostgreSQL or another program had the processor.",
    "",
)


def measure(server: Server, count: int, rounds: int) -> list[str]:
    """Measure and give the lines of the report."""
    warm_up()
    told = protocols(count)
    own: defaultdict[str, list[float]] = defaultdict(list)
    ways = {f"{each.kind} {name}": way for each in told for name, way in _ways(each, server).items()}
    measured = interleave({name: (way.prepare, _clocked(way, own[name])) for name, way in ways.items()}, rounds)
    cores = {name: statistics.median(seconds) for name, seconds in own.items()}
    sections = [line for each in told for line in _section(each, ways, measured, cores)]
    return [*METHOD, *sections, *_stages(told, measured)]


def _ways(protocol: Protocol, server: Server) -> dict[str, Way]:
    safe = {SAFE: parsing_safely(protocol)} if protocol.is_xml else {}
    bare = {BARE: parsing(protocol, protocol.bare)}
    return bare | safe | {MAPPED: mapping(protocol), IMPORTED: importing(protocol, server)}


def _clocked(way: Way, own: list[float]) -> Callable[[], Mapping[str, float] | None]:
    """Note the processor time of each round beside what `interleave` notes."""

    def run() -> Mapping[str, float] | None:
        started = time.process_time()
        told = way.run()
        own.append(time.process_time() - started)
        return told

    return run


def _section(
    protocol: Protocol, ways: Mapping[str, Way], measured: Mapping[str, Measured], cores: Mapping[str, float]
) -> list[str]:
    count = len(protocol.bodies)
    walls, owns = {}, {}
    for name in (BARE, SAFE, MAPPED, IMPORTED):
        full = f"{protocol.kind} {name}"
        if full in ways:
            times = count * ways[full].passes
            walls[name], owns[name] = measured[full].median / times, cores[full] / times
    size = statistics.mean(map(len, protocol.bodies))
    return [
        f"### {protocol.name}",
        "",
        (
            f"{count:,} messages of {size:,.0f} bytes. **{1 / owns[IMPORTED]:,.0f} messages a second and core** are imported, "
            f"{owns[IMPORTED] / owns[BARE]:,.0f} x the time of bare parsing; {1 / walls[IMPORTED]:,.0f} a second by the clock."
        ),
        "",
        "| | messages/s | messages/s and core | time against bare parsing, by the clock | of our own |",
        "|-|-|-|-|-|",
        *(
            f"| {name} | {1 / walls[name]:,.0f} | {1 / owns[name]:,.0f} | {walls[name] / walls[BARE]:,.1f} "
            f"| {owns[name] / owns[BARE]:,.1f} |"
            for name in walls
        ),
        "",
    ]


def _stages(told: Sequence[Protocol], measured: Mapping[str, Measured]) -> list[str]:
    """Show where the time of the last import went, and what goes before it, in microseconds a message."""
    columns = [_microseconds(each, measured[f"{each.kind} {IMPORTED}"]) for each in told]
    names = " | ".join(f"{each.kind} | of our own" for each in told)
    return [
        "### Where the time goes",
        "",
        *WHY,
        f"| the last round, microseconds a message | {names} |",
        "|-|" + "-|" * 2 * len(told),
        *(f"| {name} | {' | '.join(column[name] for column in columns)} |" for name in columns[0]),
        "",
    ]


def _microseconds(protocol: Protocol, imported: Measured) -> dict[str, str]:
    seconds = defaultdict(float, imported.told)
    seconds["import"] = imported.seconds[-1]
    for clock in ("", " cpu"):
        seconds[f"map{clock}"] = seconds[f"read{clock}"] - seconds[f"parse{clock}"]
        known = sum(seconds[f"{name}{clock}"] for name in ("claim", "read", *STEPS[1:], "mark"))
        seconds[f"the rest{clock}"] = seconds[f"import{clock}"] - known
    shown = {
        "before: cards and login removed": "cards",
        "before: stored in the inbox": "store",
        "claim": "claim",
        "parse (of XML)": "parse",
        "map": "map",
        **{name: name for name in STEPS[1:]},
        "mark": "mark",
        "the rest: attempts, records, commit": "the rest",
        "all of the import": "import",
    }
    each = 1e6 / len(protocol.bodies)
    return {title: f"{seconds[name] * each:.1f} | {seconds[f'{name} cpu'] * each:.1f}" for title, name in shown.items()}
