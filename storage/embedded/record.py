"""What the keeper tells others: who keeps the server, on which port, and whether it takes connections."""

import json
from pathlib import Path
from typing import NamedTuple

from settings.folders import data_folder, write_private
from settings.load import Settings
from storage.embedded.process import Process

USER = "night_audit"
DATABASE = "night_audit"
HOST = "127.0.0.1"


class Record(NamedTuple):
    """The contents of `.data/run/database.json`. It says what was true when it was written, so ask `is_up`."""

    keeper: Process
    server: Process | None
    port: int
    is_ready: bool

    @property
    def is_up(self) -> bool:
        """Tell whether keeper and server live and the server takes connections."""
        return self.is_ready and self.keeper.is_alive and self.server is not None and self.server.is_alive


def write_record(settings: Settings, record: Record) -> None:
    """Publish a record to whoever asks next."""
    write_private(_path(settings), json.dumps(record._asdict()))


def read_record(settings: Settings) -> Record | None:
    """Read the last record, or None where no keeper ever ran."""
    try:
        told = json.loads(_path(settings).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    server = told["server"]
    return Record(Process(*told["keeper"]), Process(*server) if server else None, told["port"], told["is_ready"])


def url(settings: Settings, port: int) -> str:
    """Give the address that psql and every driver take. The password is hexadecimal, so nothing needs escaping."""
    return f"postgresql://{USER}:{password_path(settings).read_text(encoding='ascii')}@{HOST}:{port}/{DATABASE}"


def password_path(settings: Settings) -> Path:
    """Say where the generated password lies."""
    return data_folder(settings, "run") / "database.password"


def port_path(settings: Settings) -> Path:
    """Say where the chosen port is kept."""
    return data_folder(settings, "run") / "database.port"


def lock_path(settings: Settings) -> Path:
    """Say which file's lock decides who keeps the server."""
    return data_folder(settings, "run") / "database.lock"


def log_path(settings: Settings) -> Path:
    """Say where a keeper without a terminal writes."""
    return data_folder(settings, "logs") / "database.log"


def _path(settings: Settings) -> Path:
    return data_folder(settings, "run") / "database.json"
