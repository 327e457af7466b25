"""The import rules hold, and each is seen to break on the violation it is there for."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract["name"] for contract in CONFIGURATION["contracts"]}

# A violation is one or more planted modules: path -> its only line.
VIOLATIONS = [
    ("layers", {"storage/planted.py": "import operations"}),
    ("layers", {"reports/planted.py": "import storage"}),
    ("layers", {"tasks/planted.py": "import gateway"}),
    ("layers", {"settings/planted.py": "def late(): import reports"}),
    ("prefect", {"operations/planted.py": "import prefect"}),
    ("prefect", {"gateway/planted.py": "def late(): from prefect.client import orchestration"}),
    ("great-expectations", {"operations/planted.py": "import great_expectations"}),
    ("gateway-without-gate", {"gateway/planted.py": "import expectations"}),
    (
        "gateway-without-gate",
        {"gateway/planted.py": "from operations import planted", "operations/planted.py": "import expectations"},
    ),
    ("flows-through-tasks", {"flows/planted.py": "import operations"}),
    ("flows-through-tasks", {"flows/planted.py": "from storage import embedded"}),
    ("vendors", {"connectors/hotel_rest/planted.py": "import connectors.file_drop"}),
    ("shared-by-vendors", {"connectors/protocols/planted.py": "import connectors.hotel_rest"}),
    ("settings", {"expectations/planted.py": "import settings"}),
    ("settings", {"flows/planted.py": "import settings"}),
    ("sandbox", {"tasks/planted.py": "import sandbox"}),
    ("sandbox", {"deployments/planted.py": "import sandbox"}),
    ("hotel", {"hotel/planted.py": "import pydantic"}),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of all packages, to plant violations in."""
    copy = tmp_path_factory.mktemp("house")
    for package in CONFIGURATION["root_packages"]:
        for source in (ROOT / package).rglob("*.py"):
            target = copy / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    (copy / "tests").mkdir()
    for name in ("pyproject.toml", "tests/__init__.py", "tests/only_contract.py"):
        shutil.copyfile(ROOT / name, copy / name)
    return copy


def broken_contracts(house: Path) -> list[str]:
    """Check the rules and name the contracts that are broken."""
    script = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [sys.executable, str(script), "--no-logo"],
        cwd=house,
        env={"PYTHONPATH": str(house), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = dict(re.findall(r"^(.+) (KEPT|BROKEN)\b", checked.stdout, flags=re.MULTILINE))
    assert set(verdicts) == set(CONTRACTS.values()), checked.stdout + checked.stderr
    return [identity for identity, name in CONTRACTS.items() if verdicts[name] == "BROKEN"]


def test_the_house_keeps_all_its_import_rules(house: Path) -> None:
    assert broken_contracts(house) == []


@pytest.mark.parametrize(("contract", "planted"), VIOLATIONS, ids=[f"{n}-{c}" for n, (c, _) in enumerate(VIOLATIONS)])
def test_a_violation_breaks_its_contract_and_no_other(house: Path, contract: str, planted: dict[str, str]) -> None:
    for path, line in planted.items():
        (house / path).write_text(f"{line}\n")
    try:
        assert broken_contracts(house) == [contract]
    finally:
        for path in planted:
            (house / path).unlink()


def test_every_contract_has_a_violation_that_breaks_it() -> None:
    assert {contract for contract, _ in VIOLATIONS} == set(CONTRACTS)


def test_every_vendor_folder_stands_in_the_contracts_about_vendors() -> None:
    folders = {path.parent.name for path in (ROOT / "connectors").glob("*/__init__.py")} - {"protocols"}
    vendors = {f"connectors.{name}" for name in folders}
    by_id = {contract["id"]: contract for contract in CONFIGURATION["contracts"]}
    assert set(by_id["vendors"]["modules"]) == vendors
    assert set(by_id["shared-by-vendors"]["forbidden_modules"]) == vendors


def test_every_folder_of_code_is_a_package_that_the_rules_see() -> None:
    folders = {path.relative_to(ROOT).parts[0] for path in ROOT.glob("[a-z]*/**/*.py")} - {"tests"}
    assert folders == set(CONFIGURATION["root_packages"])
    assert [name for name in folders if not (ROOT / name / "__init__.py").is_file()] == []
