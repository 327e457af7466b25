"""Where the cluster lies and as whom the server runs. PostgreSQL refuses to run as root, so root must choose someone."""

import os
import pwd
import secrets
import stat
import subprocess
from pathlib import Path
from typing import Any, Final, NamedTuple

from settings.folders import data_folder, write_private
from settings.load import Settings

UNPRIVILEGED: Final = "nobody"
OUTSIDE: Final = Path("/var/tmp")  # noqa: S108 an unguessable 0700 folder in it, made at once with its mode
_POINTER: Final = "postgres.location"


class Identity(NamedTuple):
    """A user and group to become; only root has to."""

    uid: int
    gid: int

    @property
    def popen(self) -> dict[str, Any]:
        """Give the arguments of `subprocess` that become this user, with no other group left."""
        return {} if os.geteuid() != 0 else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def reaches(self, path: Path) -> bool:
        """Tell whether this user can enter (or run) a path; asked of the system, so that ACLs count too."""
        asked = subprocess.run(["/bin/sh", "-c", 'test -x "$1"', "sh", path], cwd="/", check=False, **self.popen)
        return asked.returncode == 0


class Place(NamedTuple):
    """A folder that belongs to the server alone, and its user."""

    folder: Path
    identity: Identity

    @property
    def cluster(self) -> Path:
        """The cluster's own folder (PGDATA)."""
        return self.folder / "cluster"


def find_place(settings: Settings) -> Place:
    """Choose, and keep to, the folder of the cluster and the user of the server.

    `.data/postgres` as whoever runs this. As root: as the owner of `.data` where that is somebody who can reach it,
    else as `nobody` in an unguessable folder under /var/tmp, which a pointer file in `.data` names.
    """
    data = data_folder(settings)
    owner = data.stat()
    identity = Identity(owner.st_uid, owner.st_gid)
    if os.geteuid() != 0 or (owner.st_uid != 0 and identity.reaches(data)):
        return Place(data_folder(settings, "postgres"), identity)
    return _place_outside(data / _POINTER)


def _place_outside(pointer: Path) -> Place:
    user = pwd.getpwnam(UNPRIVILEGED)
    identity = Identity(user.pw_uid, user.pw_gid)
    if pointer.exists():
        folder = Path(pointer.read_text(encoding="utf-8"))
        if not _is_private_folder_of(identity, folder):
            msg = (
                f"{pointer} names {folder}, which is gone or no longer a private folder of {UNPRIVILEGED}. "
                f"Bring it back, or remove {pointer} to begin with an empty database"
            )
            raise OSError(msg)
        return Place(folder, identity)
    folder = OUTSIDE / f"night-audit-{secrets.token_hex(16)}"
    folder.mkdir(mode=0o700)
    os.chown(folder, identity.uid, identity.gid)
    write_private(pointer, str(folder))
    return Place(folder, identity)


def _is_private_folder_of(identity: Identity, folder: Path) -> bool:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == stat.S_IRWXU and found.st_uid == identity.uid
