"""A connector that somebody has just made is known, kept apart from the others, and its contract tests run."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from deployments.scaffold import EXAMPLE, ScaffoldError, make_connector
from tests.guarded import ROOT

NOT_COPIED = (".*", "__pycache__", "docs")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project."""
    root = tmp_path / "project"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*NOT_COPIED))
    return root


def run(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(copy), "PYTHONPATH": str(copy)}
    return subprocess.run(
        [sys.executable, *words], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )


def test_the_contract_tests_of_a_fresh_connector_run_at_once(copy: Path) -> None:
    done = run(copy, "-m", "deployments.scaffold", "example")
    assert done.returncode == 0, done.stderr
    tests = [line.removeprefix("made ") for line in done.stdout.splitlines() if line.startswith("made tests/")]
    assert "tests/contract/test_example.py" in tests
    passed = run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)
    assert passed.returncode == 0, passed.stdout[-3000:]
    assert " passed" in passed.stdout
    known = run(copy, "-c", "from connectors.registry import connector; print(connector('example').kind)")
    assert known.stdout.strip() == "example", known.stderr


def test_nothing_of_a_fresh_connector_names_the_example(copy: Path) -> None:
    folder, *tests = make_connector(copy, "acme_pms")
    texts = [path.read_text() for path in [*folder.iterdir(), *tests]]
    assert len(texts) > 10
    assert [text for text in texts if EXAMPLE in text] == []
    assert "**Verified**: nothing yet." in (folder / "README.md").read_text()


def test_a_fresh_connector_is_kept_apart_from_the_others(copy: Path) -> None:
    make_connector(copy, "acme_pms")
    make_connector(copy, "other_pms")
    contracts = tomllib.loads((copy / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    rules = {contract["id"]: contract for contract in contracts}
    for listed in (rules["vendors"]["modules"], rules["shared-by-vendors"]["forbidden_modules"]):
        assert listed[-2:] == ["connectors.acme_pms", "connectors.other_pms"]
        assert f"connectors.{EXAMPLE}" in listed
    (copy / "connectors" / "acme_pms" / "client.py").open("a").write("import connectors.other_pms.client\n")
    checked = run(copy, str(Path(sys.executable).with_name("lint-imports")), "--no-cache")
    assert checked.returncode != 0
    assert "connectors.acme_pms is not allowed to import connectors.other_pms" in checked.stdout


@pytest.mark.parametrize("name", ["Acme", "acme-pms", "1st", "", "class", "../up", "hotel_rest"])
def test_a_name_that_cannot_be_one_is_refused_before_anything_changes(copy: Path, name: str) -> None:
    before = (copy / "pyproject.toml").read_bytes()
    with pytest.raises(ScaffoldError):
        make_connector(copy, name)
    assert (copy / "pyproject.toml").read_bytes() == before
