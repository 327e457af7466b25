"""A copy of the project under an awkward path, run by an ordinary user even where the tests run as root."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from deployments.supervised import supervised
from deployments.supervision import end_all
from settings import Settings
from settings.ports import free_port
from storage import embedded
from storage.embedded.place import UNPRIVILEGED, Identity
from storage.embedded.process import Process
from tests.guarded import ROOT

LONG = 200
NOT_COPIED = (".*", "__pycache__", "tests", "docs")


class Clone(NamedTuple):
    """A project folder, and as what it runs."""

    settings: Settings

    @property
    def environment(self) -> dict[str, str]:
        given = self.settings
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(given.root),
            "NIGHT_AUDIT_PREFECT_PORT": str(given.prefect_port),
            "NIGHT_AUDIT_GATEWAY_PORT": str(given.gateway_port),
            "NIGHT_AUDIT_SANDBOX_PORT": str(given.sandbox_port),
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m <words>` in the folder, as its owner."""
        owner = self.settings.root.stat()
        become: dict[str, Any] = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.settings.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            **(become if os.geteuid() == 0 else {}),
        )
        return done

    @property
    def left(self) -> list[Process]:
        """Whatever still runs."""
        record = embedded.status(self.settings)
        servers = [record.keeper, record.server] if record else []
        return [*supervised(self.settings), *(each for each in servers if each and each.is_alive)]


@contextmanager
def clone() -> Iterator[Clone]:
    """Copy the project to a path of 200 characters with blanks in it; remove it, and what still runs in it, after."""
    outside = Path(tempfile.mkdtemp(prefix="night audit ", dir="/var/tmp"))
    root = outside / "a folder".ljust(LONG - len(str(outside)) - 2, "x")
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*NOT_COPIED))
    if _is_for_nobody():
        _give_to(UNPRIVILEGED, outside)
    given = Settings(
        root=root, data_dir=root / ".data", prefect_port=free_port(), gateway_port=free_port(), sandbox_port=free_port()
    )
    made = Clone(given)
    try:
        yield made
    finally:
        end_all(supervised(given))
        embedded.stop(given)
        shutil.rmtree(outside)


def _is_for_nobody() -> bool:
    """Tell whether the clone shall be an ordinary user's: the tests run as root, and that user can reach this Python."""
    if os.geteuid() != 0:
        return False
    nobody = pwd.getpwnam(UNPRIVILEGED)
    return Identity(nobody.pw_uid, nobody.pw_gid).reaches(Path(sys.executable).resolve())


def _give_to(user: str, folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, user)
