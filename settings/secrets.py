"""The key that seals credentials at rest. It lives outside the database."""

import base64
import os
from pathlib import Path

from settings.folders import data_folder, write_private
from settings.load import SECRET_KEY_BYTES, Settings, SettingsError


def secret_key(settings: Settings) -> bytes:
    """Give the 32-byte key: the one that is set, else with the embedded server `.data/secret.key`, made once.

    Raises SettingsError with a database of one's own and no key set: a generated key that is lost with this
    machine would make the credentials in that database unreadable.
    """
    if settings.secret_key is not None:
        return settings.secret_key
    if settings.database_url is not None:
        msg = (
            "NIGHT_AUDIT_DATABASE_URL is set, so NIGHT_AUDIT_SECRET_KEY must be set too. "
            "Make one with: openssl rand -base64 32"
        )
        raise SettingsError(msg)
    path = data_folder(settings) / "secret.key"
    if not path.exists():
        _make_key(path)
    key = base64.urlsafe_b64decode(path.read_text(encoding="ascii"))
    if len(key) != SECRET_KEY_BYTES:
        msg = f"{path} does not hold a key of {SECRET_KEY_BYTES} bytes; restore it from a backup"
        raise SettingsError(msg)
    return key


def _make_key(path: Path) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    write_private(fresh, base64.urlsafe_b64encode(os.urandom(SECRET_KEY_BYTES)).decode())
    try:
        # A hard link fails where the name is taken: two processes that start at once agree on one key.
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
