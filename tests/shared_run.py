"""What all processes of one test run share: a folder, and servers that live as long as the run does."""

import fcntl
import os
import pwd
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from storage.embedded.process import Process, this_process


class SharedRun(NamedTuple):
    """One run of pytest: its folder, and the process that ends last (xdist's controller, or pytest itself)."""

    folder: Path
    controller: Process
    postgres_url: str | None = None  # a server to test on instead of the embedded one

    def once(self, name: str, make: Callable[[], str]) -> str:
        """Give what `make` gave to the first process of the run that asked; the others wait for it."""
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            told = self.told(name)
            if told is None:
                told = make()
                (self.folder / f"{name}.once").write_text(told)
            return told

    def told(self, name: str) -> str | None:
        """Give what `once` has made, or None where nobody has asked yet."""
        known = self.folder / f"{name}.once"
        return known.read_text() if known.exists() else None

    def to_text(self) -> str:
        """Write the run down for a worker process."""
        return f"{self.controller.pid} {self.controller.started} {self.folder}"


def begin_run(postgres_url: str | None) -> SharedRun:
    """Begin a run. As root its folder is `nobody`'s, so that PostgreSQL runs as `nobody` inside it."""
    folder = Path(tempfile.mkdtemp(prefix="night-audit-tests-"))
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return SharedRun(folder, this_process(), postgres_url)


def run_from_text(text: str, postgres_url: str | None) -> SharedRun:
    """Join the run that the controller wrote down."""
    pid, started, folder = text.split(" ", 2)
    return SharedRun(Path(folder), Process(int(pid), int(started)), postgres_url)


def end_run(run: SharedRun) -> None:
    """Remove what the run left on disk. Its servers have been stopped."""
    shutil.rmtree(run.folder, ignore_errors=True)
