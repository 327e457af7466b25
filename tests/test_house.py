"""The rules of the house that no linter knows. Each names what breaks it."""

import ast
import importlib.metadata
import os
import re
import statistics
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from packaging.requirements import Requirement
from sqlalchemy.dialects import postgresql

from settings.load import VARIABLES
from storage.tables import METADATA

ROOT = Path(__file__).resolve().parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES: list[str] = PROJECT["tool"]["importlinter"]["root_packages"]

MOST_LINES = 300
MOST_TEST_LINES = 400
MOST_FUNCTION_LINES = 40
MEDIAN_FUNCTION_LINES = 10
MOST_README_LINES = 40
BANNED_WORDS = {"util", "utils", "common", "helper", "helpers", "lib", "manager", "base", "misc", "new", "v2"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders or PACKAGES:
        yield from sorted((ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Give each function's place and length in lines, decorators left out."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, Function) and node.end_lineno is not None:
            yield f"{name_of(path)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def own_paths() -> Iterator[Path]:
    """Give every file of ours: what lies neither in a dotted folder (but .ci) nor in a cache."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [one for one in folders if (not one.startswith(".") or one == ".ci") and one != "__pycache__"]
        yield from (Path(folder, name) for name in names)


def test_files_are_short() -> None:
    assert [name_of(path) for path in python_files() if len(path.read_text().splitlines()) > MOST_LINES] == []


def test_test_files_are_short() -> None:
    long = [name_of(path) for path in python_files("tests") if len(path.read_text().splitlines()) > MOST_TEST_LINES]
    assert long == []


def test_functions_are_short() -> None:
    lengths = [one for path in python_files() for one in functions(path)]
    assert [place for place, length in lengths if length > MOST_FUNCTION_LINES] == []
    assert statistics.median(length for _, length in lengths) <= MEDIAN_FUNCTION_LINES


def test_no_path_bears_a_word_that_says_nothing() -> None:
    def words(path: Path) -> set[str]:
        return {word for part in path.relative_to(ROOT).parts for word in re.split(r"[^a-z0-9]+", part.lower())}

    assert [name_of(path) for path in own_paths() if words(path) & BANNED_WORDS] == []


def test_no_flow_shadows_a_folder_a_package_or_the_standard_library() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    taken = folders | set(importlib.metadata.packages_distributions()) | sys.stdlib_module_names
    assert {path.stem for path in (ROOT / "flows").glob("*.py")} - {"__init__"} & taken == set()


def test_every_folder_of_code_says_its_rule_in_a_short_readme() -> None:
    vendors = [path.parent for path in (ROOT / "connectors").glob("*/__init__.py")]
    folders = [*(ROOT / package for package in PACKAGES), *vendors, ROOT / "storage" / "embedded", ROOT / "tests"]
    assert [name_of(folder) for folder in folders if not (folder / "README.md").is_file()] == []
    readmes = [path for folder in folders for path in folder.rglob("README.md")]
    assert [name_of(path) for path in readmes if len(path.read_text().splitlines()) > MOST_README_LINES] == []


def test_every_connector_has_contract_tests() -> None:
    vendors = {path.parent.name for path in (ROOT / "connectors").glob("*/__init__.py")} - {"protocols"}
    tests = [name_of(path) for path in (ROOT / "tests" / "contract").rglob("test_*.py")]
    assert sorted(vendor for vendor in vendors if not any(vendor in test for test in tests)) == []


def flow_names() -> set[str]:
    return {path.stem for path in (ROOT / "flows").glob("*.py")} - {"__init__"}


def test_every_flow_has_a_deployment_and_every_deployment_a_flow() -> None:
    deployments = yaml.safe_load((ROOT / "deployments" / "prefect.yaml").read_text())["deployments"]
    deployed = {deployment["entrypoint"] for deployment in deployments}
    assert deployed == {f"flows/{name}.py:{name}" for name in flow_names()}


def test_every_flow_has_a_test() -> None:
    texts = [path.read_text() for path in (ROOT / "tests" / "flows").rglob("test_*.py")]
    assert sorted(name for name in flow_names() if not any(name in text for text in texts)) == []


def test_every_setting_stands_in_the_example_and_nothing_else_does() -> None:
    assert set(re.findall(r"NIGHT_AUDIT_[A-Z_]+", (ROOT / ".env.example").read_text())) == VARIABLES


def test_nothing_but_settings_reads_the_environment() -> None:
    readers = {"environ", "environb", "getenv", "getenvb"}

    def reads(node: ast.AST) -> bool:
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            return any(alias.name in readers for alias in node.names)
        is_of_os = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
        return isinstance(node, ast.Attribute) and is_of_os and node.attr in readers

    paths = [path for package in PACKAGES if package != "settings" for path in python_files(package)]
    assert [name_of(path) for path in paths if any(reads(node) for node in ast.walk(tree_of(path)))] == []


def makes_passed_batch(path: Path) -> bool:
    called = [node.func for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    names = [func.id if isinstance(func, ast.Name) else getattr(func, "attr", "") for func in called]
    return "PassedBatch" in names


def test_only_the_gate_makes_the_ticket_into_core() -> None:
    assert [name_of(path) for path in python_files() if makes_passed_batch(path)] == ["expectations/gate.py"]


WRITES_CORE = re.compile(
    r"\b(insert\s+into|update(\s+only)?|delete\s+from(\s+only)?|truncate(\s+table)?|merge\s+into|copy)\s+\"?core\"?\.",
    flags=re.IGNORECASE,
)
WRITING_CONSTRUCTS = {"insert", "update", "delete"}


def writes_core(path: Path) -> bool:
    """Tell whether a file writes to `core`, in SQL text or by SQLAlchemy's writing constructs."""
    nodes = list(ast.walk(tree_of(path)))
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    imported = {
        alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "sqlalchemy"
        for alias in node.names
    }
    return any(WRITES_CORE.search(text) for text in texts) or bool(imported & WRITING_CONSTRUCTS)


def test_writes_to_core_stand_only_in_storage() -> None:
    paths = [path for package in PACKAGES if package != "storage" for path in python_files(package)]
    assert [name_of(path) for path in paths if writes_core(path)] == []


@pytest.mark.parametrize(
    "planted",
    [
        'SQL = "insert  into core.guests values (1)"',
        'SQL = f"UPDATE core.{table} set x = 1"',
        "from sqlalchemy import delete",
        "from sqlalchemy.dialects.postgresql import insert",
    ],
)
def test_a_write_to_core_elsewhere_is_seen(tmp_path: Path, planted: str) -> None:
    path = tmp_path / "planted.py"
    path.write_text(planted)
    assert writes_core(path)


@pytest.mark.parametrize("planted", ["PassedBatch('guests')", "passed.PassedBatch(**known)"])
def test_a_ticket_made_elsewhere_is_seen(tmp_path: Path, planted: str) -> None:
    path = tmp_path / "planted.py"
    path.write_text(planted)
    assert makes_passed_batch(path)


def money_columns() -> list[sa.Column[Any]]:
    return [column for table in METADATA.tables.values() for column in table.columns if column.name.endswith("_minor")]


def test_money_is_a_whole_number_of_minor_units_in_every_table() -> None:
    # JSON holds whole numbers by currency where one row sums up several.
    whole = (sa.BigInteger, postgresql.JSONB)
    assert money_columns()
    assert [str(column) for column in money_columns() if not isinstance(column.type, whole)] == []
    columns = [column for table in METADATA.tables.values() for column in table.columns]
    assert [str(column) for column in columns if isinstance(column.type, sa.Float)] == []


def test_money_stands_beside_its_currency() -> None:
    single = [column for column in money_columns() if not isinstance(column.type, postgresql.JSONB)]
    assert [str(column) for column in single if "currency" not in column.table.columns] == []


def locked(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", text, flags=re.MULTILINE))


@pytest.mark.parametrize(
    ("lock", "group"),
    [("requirements.lock", None), ("requirements-dev.lock", "dev"), ("requirements-bench.lock", "bench")],
)
def test_the_locks_hold_what_the_project_asks_for(lock: str, group: str | None) -> None:
    asked = PROJECT["project"]["dependencies"] + (PROJECT["dependency-groups"][group] if group else [])
    versions = locked(lock)
    requirements = [Requirement(line) for line in asked]
    assert [str(one) for one in requirements if not one.specifier.contains(versions.get(one.name.lower(), "0"))] == []


def test_the_locks_agree_with_each_other_and_name_no_host() -> None:
    core = locked("requirements.lock")
    for name in ("requirements-dev.lock", "requirements-bench.lock"):
        other = locked(name)
        assert {package: other.get(package) for package in core} == core
    for path in ROOT.glob("requirements*.lock"):
        assert re.findall(r"\S*://\S*|--(?:extra-)?index-url|--find-links", path.read_text()) == []


def test_every_target_of_the_makefile_explains_itself() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = set(re.findall(r"^\.PHONY: (.+)$", text, flags=re.MULTILINE)[0].split())
    assert phony == set(re.findall(r"^([a-z-]+):.*## \S", text, flags=re.MULTILINE))
    promised = {"demo", "test", "up", "down", "database-url", "check", "bench", "deploy", "connector", "help", "setup"}
    assert promised <= phony


def test_the_ci_script_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
