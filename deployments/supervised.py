"""Which processes a supervisor of this house has started: they, and all that they started, bear its mark."""

import os
from pathlib import Path
from typing import Final

from settings import Settings
from storage.embedded.process import Process, process

MARK: Final = "AUDIT_SUPERVISED"


def mark(given: Settings) -> dict[str, str]:
    """Give the variable that a supervisor hands down to whatever runs under it, flow runs of the worker included."""
    return {MARK: str(given.data_dir)}


def supervised(given: Settings) -> list[Process]:
    """Find every living process with the mark of this data folder, oldest first, but not the one that asks.

    A supervisor or worker that was killed leaves processes that no file names; the mark still does. The embedded
    database's server does not bear it (it starts from an empty environment): its keeper stops it.
    """
    wanted = f"{MARK}={given.data_dir}".encode()
    found = [
        each
        for entry in Path("/proc").glob("[0-9]*")
        if int(entry.name) != os.getpid() and (each := process(int(entry.name))) and wanted in _environment(entry)
    ]
    return sorted(found, key=lambda each: (each.started, each.pid))


def _environment(entry: Path) -> list[bytes]:
    try:
        return (entry / "environ").read_bytes().split(b"\0")
    except OSError:  # it has just ended, or is another user's and so none of ours
        return []
