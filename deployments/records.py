"""Who runs as which service, written down by the service itself: (pid, start time) in `.data/run/<name>.json`."""

import json

from settings import Settings
from settings.folders import data_folder, write_private
from storage.embedded.process import Process, this_process


def record(settings: Settings, name: str) -> None:
    """Write this process down as the service."""
    write_private(data_folder(settings, "run") / f"{name}.service.json", json.dumps(this_process()._asdict()))


def recorded(settings: Settings, name: str) -> Process | None:
    """Give the process that is the service, if it still runs."""
    try:
        told = Process(**json.loads((data_folder(settings, "run") / f"{name}.service.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return told if told.is_alive else None
