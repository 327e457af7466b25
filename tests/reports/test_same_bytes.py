"""The same figures give the same bytes: twice, in another process, another zone, another hash seed, another order."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reports.samples import RENDERERS, STAYS, report

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import hashlib
from tests.reports.samples import RENDERERS, report
for name, render in RENDERERS.items():
    print(name, hashlib.sha256(render(report())).hexdigest())
"""


def digests() -> dict[str, str]:
    return {name: hashlib.sha256(render(report())).hexdigest() for name, render in RENDERERS.items()}


def test_twice_in_one_process() -> None:
    assert digests() == digests()


@pytest.mark.parametrize(("seed", "zone"), [("1", "Pacific/Auckland"), ("77", "America/St_Johns")])
def test_in_another_process_with_another_seed_and_zone(seed: str, zone: str) -> None:
    environment = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert dict(line.split() for line in run.stdout.splitlines()) == digests()


@pytest.mark.parametrize("name", RENDERERS)
def test_the_order_of_the_rows_does_not_matter(name: str) -> None:
    assert RENDERERS[name](report()) == RENDERERS[name](report(stays=STAYS[::-1]))


@pytest.mark.parametrize("name", RENDERERS)
def test_another_figure_gives_other_bytes(name: str) -> None:
    assert RENDERERS[name](report()) != RENDERERS[name](report(stays=STAYS[1:]))
