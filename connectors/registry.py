"""Every kind of outside system we can talk to, in one place. A connector is imported when it is first asked for."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final

from connectors.errors import FixMapping
from connectors.ports import Connector

# kind -> the module that holds its CONNECTOR
KINDS: Final[Mapping[str, str]] = {
    "file_drop": "connectors.file_drop",
    "hotel_rest": "connectors.hotel_rest",
}


@cache
def connector(kind: str) -> Connector:
    """Give the connector of a kind, as `ops.integrations.kind` names it; raises FixMapping for an unknown one."""
    if kind not in KINDS:
        msg = f"no connector {kind!r}: there are {', '.join(sorted(KINDS))}"
        raise FixMapping(msg)
    found: Connector = import_module(KINDS[kind]).CONNECTOR
    return found
