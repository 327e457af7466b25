"""Every parser on every attack, in a process of its own: rows or an error that says what to do, soon, and nothing fetched."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from connectors.errors import FixMapping
from hotel.incoming import Refused
from tests.fuzz.harness import Find, Target, tried
from tests.fuzz.targets import groups
from tests.guarded import ROOT
from tests.hostile.bait import Watched, watched
from tests.hostile.locked_room import MOST_GROWN, Watch
from tests.hostile.xml_attacks import forbidden

_ROOMS = 4
LONGEST_SECONDS = 300


def attacked(names: tuple[str, ...], bait: Watched) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.hostile.locked_room", ",".join(names), bait.bait.file, bait.bait.url]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=LONGEST_SECONDS, check=False)
    assert ran.returncode == 0, ran.stderr.decode()[-3000:]
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("room", range(_ROOMS))
def test_no_attack_fells_a_parser_or_makes_it_fetch_anything(tmp_path: Path, room: int) -> None:
    names = groups()[room::_ROOMS]
    with watched(tmp_path) as bait:
        told = attacked(names, bait)

        assert told["finds"] == []
        assert told["asked"] == []
        assert bait.asked == []
        assert bait.opened_count() == 0
    assert told["grown"] < MOST_GROWN
    assert {name.partition(".")[0] for name in told["counts"]} == set(names)
    assert min(told["counts"].values()) > 100


def test_a_careless_parser_takes_the_bait(tmp_path: Path) -> None:
    """The watch itself: what a parser with all its doors open does is seen."""
    careless = etree.XMLParser(resolve_entities=True, load_dtd=True, no_network=False)
    with watched(tmp_path) as bait:
        made = dict(forbidden(b"<a><b>x</b></a>", bait.bait))
        etree.fromstring(made["an entity of a file"], careless)
        assert bait.opened_count() > 0
        assert bait.opened_count() == 0
        assert httpx.get(f"{bait.bait.url}/entity").status_code == 404
        assert bait.asked == ["/entity"]


def test_what_a_process_asks_of_the_world_is_noted(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    watch = Watch()
    watch.is_armed = True
    (tmp_path / "x").read_text()
    watch.is_armed = False

    assert any(str(tmp_path / "x") in each for each in watch.asked)


def test_what_is_not_allowed_is_a_find() -> None:
    found: dict[str, Find] = {}
    odd = Refused("reservations", "s", "p", "r", "i:8:0", (), {})

    for run in (lambda _: [1 // 0], lambda _: iter([odd]), lambda _: [sum(range(10**7))], _refusing):
        tried(Target("t", (b"x",), run), b"x", found)

    assert sorted(found) == [
        "t is slow",
        "t raises ZeroDivisionError at test_parsers.py:" + str(_line_of("1 // 0")),
        "t: a refusal without a reason",
        "t: the raw_ref is not one of this document",
    ]


def _refusing(_: bytes) -> list[Any]:
    msg = "says what to do"
    raise FixMapping(msg)


def _line_of(text: str) -> int:
    lines = Path(__file__).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)
