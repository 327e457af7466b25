"""Make a connector from the living example: `python -m deployments.scaffold NAME`, or `make connector NAME=…`."""

import keyword
import re
import shutil
import sys
from pathlib import Path
from typing import Final

import settings

EXAMPLE: Final = "hotel_rest"
NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
NOT_COPIED: Final = ("__pycache__", "*.pyc")
# The sandbox speaks the example's own contract, so these tests would stay the example's.
SANDBOX_TESTS: Final = f"test_{EXAMPLE}_sandbox.py"
# Where every connector is named: the registry, and the rules that keep vendors apart. (file, list, entry)
LISTS: Final = (
    ("connectors/registry.py", r"KINDS: Final = \((.*?),?\s*\)", "{name}"),
    ("pyproject.toml", r'id = "vendors".*?\nmodules = \[(.*?),?\s*\]', "connectors.{name}"),
    ("pyproject.toml", r'id = "shared-by-vendors".*?\nforbidden_modules = \[(.*?),?\s*\]', "connectors.{name}"),
)


class ScaffoldError(Exception):
    """The connector cannot be made; the message says why."""


def make_connector(root: Path, name: str) -> list[Path]:
    """Copy the example and its contract tests under a new name, make it known; give the files made, the folder first."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        msg = f"{name!r} cannot name a connector: take lower-case words with underscores, like acme_pms"
        raise ScaffoldError(msg)
    folder = root / "connectors" / name
    if folder.exists():
        msg = f"connectors/{name} is there already"
        raise ScaffoldError(msg)
    for listing, pattern, entry in LISTS:
        _enter(root / listing, pattern, entry.format(name=name))
    shutil.copytree(root / "connectors" / EXAMPLE, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    tests = [_copy_test(path, name) for path in sorted((root / "tests" / "contract").glob(f"test_{EXAMPLE}*.py"))
             if path.name != SANDBOX_TESTS]  # fmt: skip
    for path in [*folder.glob("*.py"), *folder.glob("*.md"), *tests]:
        path.write_text(path.read_text().replace(EXAMPLE, name))
    _promise_nothing(folder / "README.md")
    return [folder, *tests]


def _copy_test(path: Path, name: str) -> Path:
    return Path(shutil.copyfile(path, path.with_name(path.name.replace(EXAMPLE, name))))


def _enter(path: Path, pattern: str, entry: str) -> None:
    """Add an entry at the end of a list."""
    text = path.read_text()
    found = re.search(pattern, text, flags=re.DOTALL)
    if found is None:
        msg = f"{path.name} does not list connectors as expected: add {entry} by hand"
        raise ScaffoldError(msg)
    path.write_text(f'{text[: found.end(1)]}, "{entry}"{text[found.end(1) :]}')


def _promise_nothing(readme: Path) -> None:
    """What was verified of the example was not verified of its copy."""
    text = re.sub(r"(?s)\*\*Verified\*\*.*?(\n\n|\Z)", "**Verified**: nothing yet.\n", readme.read_text())
    readme.write_text(text)


def main() -> None:
    """Make the connector and say what to do next."""
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("usage: make connector NAME=acme_pms")
    root = settings.load().root
    try:
        made = make_connector(root, sys.argv[1])
    except ScaffoldError as error:
        sys.exit(str(error))
    shown = [str(path.relative_to(root)) for path in made]
    sys.stdout.write(
        "".join(f"made {path}\n" for path in shown)
        + f'\nRun its tests: make test ARGS="{" ".join(shown[1:])}"\nThen read docs/connectors.md.\n'
    )


if __name__ == "__main__":
    main()
