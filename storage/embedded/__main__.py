"""`python -m storage.embedded keep|start|stop|url|status`."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from settings import Settings, SettingsError, load
from storage.embedded import ensure_running, keep, status, stop
from storage.embedded.process import process


def main(words: list[str]) -> int:
    """Do what the words say; the exit code of `status` is 3 where the server is not up, as with systemd."""
    try:
        return _do(_parsed(words))
    except (OSError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _do(given: argparse.Namespace) -> int:
    settings = load()
    if given.data_dir:
        settings = replace(settings, data_dir=given.data_dir.absolute())
    match given.action:
        case "keep":
            keep(settings, is_patient=not given.at_once, until=process(given.until) if given.until else None)
        case "start":
            ensure_running(settings)
        case "stop":
            stop(settings)
        case "url":
            sys.stdout.write(f"{settings.database_url or ensure_running(settings)}\n")
        case "status":
            return _print_status(settings)
    return 0


def _print_status(settings: Settings) -> int:
    record = status(settings)
    if record is None or record.server is None:
        sys.stdout.write("down\n")
        return 3
    sys.stdout.write(f"up on port {record.port}: keeper {record.keeper.pid}, server {record.server.pid}\n")
    return 0


def _parsed(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m storage.embedded", description="The embedded PostgreSQL server")
    parser.add_argument("action", choices=("keep", "start", "stop", "url", "status"))
    parser.add_argument("--data-dir", type=Path, help="instead of NIGHT_AUDIT_DATA_DIR")
    parser.add_argument("--at-once", action="store_true", help="keep: return where another keeper lives")
    parser.add_argument("--until", type=int, metavar="PID", help="keep: stop when this process has ended")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
