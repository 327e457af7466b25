"""Every kind of outside system we can talk to, in one place. A connector is imported when it is first asked for."""

from functools import cache
from importlib import import_module
from typing import Final

from connectors.errors import FixMapping
from connectors.ports import Connector

# Each has a folder of its name with `connector.py` in it.
KINDS: Final = (
    "alpinebits",
    "booking_com",
    "booking_engine",
    "channex",
    "cloudbeds",
    "expedia",
    "file_drop",
    "hotel_rest",
    "myallocator",
    "opentravel_generic",
    "siteminder",
)


@cache
def connector(kind: str) -> Connector:
    """Give the connector of a kind, as `ops.integrations.kind` names it; raises FixMapping for an unknown one."""
    if kind not in KINDS:
        msg = f"no connector {kind!r}: there are {', '.join(KINDS)}"
        raise FixMapping(msg)
    found: Connector = import_module(f"connectors.{kind}.connector").CONNECTOR
    return found
