"""Folders and files under the data folder: for nobody else to read, and owned by whoever owns the project."""

import os
import secrets
from pathlib import Path
from typing import Final

from settings.load import Settings

_FOLDER_MODE: Final = 0o700


def data_folder(settings: Settings, *names: str) -> Path:
    """Give `<data_dir>/<names>`, made with mode 0700 where it is missing.

    Made as root, a folder gets the owner of the folder around it, so that this owner can go on without root.
    Raises PermissionError where the data folder is another user's.
    """
    folder = settings.data_dir
    folder.parent.mkdir(parents=True, exist_ok=True)
    _make_private(folder)
    owner = folder.stat().st_uid
    if os.geteuid() not in {0, owner}:
        msg = f"{folder} belongs to user {owner}. Run as that user, or set NIGHT_AUDIT_DATA_DIR to a folder of yours"
        raise PermissionError(msg)
    for name in names:
        folder /= name
        _make_private(folder)
    return folder


def write_private(path: Path, text: str) -> None:
    """Replace a file at once (readers see the old text or the new), mode 0600, owned like its folder."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    own_like_folder(fresh)
    fresh.replace(path)


def own_like_folder(path: Path) -> None:
    """Give a path that root has made the owner and group of the folder it stands in."""
    if os.geteuid() == 0:
        around = path.parent.stat()
        os.chown(path, around.st_uid, around.st_gid, follow_symlinks=False)


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=_FOLDER_MODE)
    except FileExistsError:
        return
    own_like_folder(folder)
