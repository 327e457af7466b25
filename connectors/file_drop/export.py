"""The mappings in `exports/`: one TOML per export, checked as a whole when it is loaded."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import msgspec

from connectors.errors import FixMapping
from connectors.file_drop.faults import faults_of
from connectors.file_drop.rules import Export

EXPORTS: Final = Path(__file__).parent / "exports"


def export_names(folder: Path = EXPORTS) -> list[str]:
    """List the exports that have a mapping."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_export(name: str, folder: Path = EXPORTS) -> Export:
    """Load one export's mapping; raises FixMapping that names the file, the key and what is wrong with it."""
    try:
        export = msgspec.convert({**_stated(name, folder), "name": name}, Export)
        faults = list(faults_of(export))
    except (msgspec.ValidationError, FixMapping) as error:
        faults = [str(error)]
    if faults:
        msg = f"exports/{name}.toml: {'; '.join(faults)}"
        raise FixMapping(msg)
    return export


def _stated(name: str, folder: Path, *, is_extended: bool = False) -> dict[str, Any]:
    """Read a mapping's TOML over the one it `extends`."""
    path = folder / f"{name}.toml"
    if not re.fullmatch(r"[a-z0-9_-]+", name) or not path.is_file():
        msg = f"there is no such mapping; there are: {', '.join(export_names(folder))}"
        raise FixMapping(msg)
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        msg = f"not TOML: {error}"
        raise FixMapping(msg) from None
    if "extends" not in stated:
        return stated
    if is_extended:
        msg = f"{name} extends another itself: extend that one"
        raise FixMapping(msg)
    extended = _stated(str(stated.pop("extends")), folder, is_extended=True)
    return _over(extended, stated)


def _over(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    merged = {
        key: _over(lower[key], value) if isinstance(value, dict) and isinstance(lower.get(key), dict) else value
        for key, value in upper.items()
    }
    return lower | merged
