"""What is known of partners by name: one file of settings for each, to start from. None of them is verified."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from connectors.errors import FixMapping

FOLDER: Final = Path(__file__).parent / "partners"


def names() -> tuple[str, ...]:
    """List the partners there are settings for."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def partner(name: str) -> Mapping[str, Any]:
    """Give the settings of a partner; raises FixMapping for a name there are none for."""
    if name not in names():
        msg = f"no partner {str(name)[:40]!r}: there are {', '.join(names())}; state the settings themselves instead"
        raise FixMapping(msg)
    return tomllib.loads((FOLDER / f"{name}.toml").read_text())
