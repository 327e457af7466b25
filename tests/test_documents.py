"""What the documents say of the tree is true: the map of flows, links, commands, names, queries."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from sqlalchemy import Connection

from storage.tables import METADATA

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    path for path in ROOT.rglob("*.md") if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)
LINK = re.compile(r"\]\((?!https?://)([^)#\s]+)")


class Line(NamedTuple):
    """One line of the README's map."""

    flow: str
    path: str
    parameters: tuple[str, ...]
    when: str
    tables: tuple[str, ...]


def map_lines() -> Iterator[Line]:
    for row in re.findall(r"^\| \[`.+$", (ROOT / "README.md").read_text(), flags=re.MULTILINE):
        flow, when, data = (cell.strip() for cell in row.strip("|").split("|")[:3])
        found = re.fullmatch(r"\[`(\w+)`\]\((\S+)\) `\((.*)\)`", flow)
        assert found, f"the map's line does not name flow, file and parameters: {flow}"
        tables = tuple(re.findall(r"`([a-z]+\.[a-z_]+)`", data))
        yield Line(found[1], found[2], tuple(found[3].split(", ")), when, tables)


MAP = list(map_lines())
MAPPED = pytest.mark.parametrize("line", MAP, ids=[line.flow for line in MAP])


def deployments() -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = yaml.safe_load((ROOT / "deployments" / "prefect.yaml").read_text())["deployments"]
    return told


def schedule_in_words(cron: str, zone: str) -> str:
    """Say a schedule as the map says it: `every minute`, `every 15 minutes`, `hourly`, `02:30 local`."""
    minute, hour, *_ = cron.split()
    if minute.startswith("*/"):
        return f"every {minute[2:]} minutes"
    if hour != "*":
        assert zone != "UTC", "a time of day is the property's own"
        return f"{int(hour):02}:{int(minute):02} local"
    return "every minute" if minute == "*" else "hourly"


def test_the_map_has_every_flow_once() -> None:
    flows = sorted(path.stem for path in (ROOT / "flows").glob("*.py") if path.stem != "__init__")
    assert sorted(line.flow for line in MAP) == flows


@MAPPED
def test_the_map_names_a_flow_s_file_and_parameters(line: Line) -> None:
    assert line.path == f"flows/{line.flow}.py"
    tree = ast.parse((ROOT / line.path).read_text())
    (function,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == line.flow]
    assert line.parameters == tuple(argument.arg for argument in function.args.args)


@MAPPED
def test_the_map_says_when_a_flow_runs(line: Line) -> None:
    own = [each for each in deployments() if each["entrypoint"].endswith(f":{line.flow}")]
    plans = [plan for each in own for plan in each.get("schedules", [])]
    words = {schedule_in_words(plan["cron"], plan["timezone"]) for plan in plans}
    words |= {"on demand" for each in own if "schedules" not in each}
    assert {word for word in words if word not in line.when} == set()
    told = set(re.findall(r"\d\d:\d\d local|hourly|every minute|every \d+ minutes|on demand", line.when))
    assert told == words


@MAPPED
def test_the_map_names_tables_that_exist(line: Line) -> None:
    assert {table for table in line.tables if table not in METADATA.tables} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=[path.relative_to(ROOT).as_posix() for path in DOCUMENTS])
def test_every_link_leads_somewhere(path: Path) -> None:
    assert [link for link in LINK.findall(path.read_text()) if not (path.parent / link).exists()] == []


def test_the_list_of_decisions_is_whole_and_in_order() -> None:
    folder = ROOT / "docs" / "decisions"
    records = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert LINK.findall((folder / "README.md").read_text()) == records


def test_code_names_laws_that_exist() -> None:
    laws = [
        int(number) for number in re.findall(r"^(\d+)\. ", (ROOT / "docs" / "laws.md").read_text(), flags=re.MULTILINE)
    ]
    assert laws == list(range(1, len(laws) + 1))
    texts = [path.read_text() for path in (*DOCUMENTS, *ROOT.glob("[a-z]*/**/*.py"))]
    named = {
        int(number)
        for text in texts
        for pair in re.findall(r"\blaws? (\d+)(?: and (\d+))?", text)
        for number in pair
        if number
    }
    assert named - set(laws) == set()


def test_documents_name_commands_that_make_knows() -> None:
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = {name for path in DOCUMENTS for name in re.findall(r"`make (?:-\w+ )?([a-z-]+)", path.read_text())}
    assert named - known == set()
    assert named


def test_runbooks_name_deployments_that_exist() -> None:
    known = {f"{each['entrypoint'].split(':')[1].replace('_', '-')}/{each['name']}" for each in deployments()}
    text = "".join(path.read_text() for path in (ROOT / "docs" / "runbooks").glob("*.md"))
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+/[a-z-]+)`", text))
    assert named - known == set()
    assert named


def queries() -> list[str]:
    return [block for path in DOCUMENTS for block in re.findall(r"```sql\n(.*?)```", path.read_text(), flags=re.DOTALL)]


@pytest.mark.parametrize("query", queries())
def test_every_query_in_a_document_runs(connection: Connection, query: str) -> None:
    connection.exec_driver_sql(query.replace("%", "%%"))
