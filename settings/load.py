"""Read the environment once, into values that are checked and complete."""

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

PREFIX: Final = "NIGHT_AUDIT_"
ROOT: Final = Path(__file__).resolve().parent.parent
SECRET_KEY_BYTES: Final = 32
_STANDARD_ALPHABET: Final = str.maketrans("-_", "+/")

_DATABASE_URL: Final = "NIGHT_AUDIT_DATABASE_URL"
_DATA_DIR: Final = "NIGHT_AUDIT_DATA_DIR"
_SECRET_KEY: Final = "NIGHT_AUDIT_SECRET_KEY"  # noqa: S105 the name of a variable
_PREFECT_PORT: Final = "NIGHT_AUDIT_PREFECT_PORT"
_GATEWAY_PORT: Final = "NIGHT_AUDIT_GATEWAY_PORT"
_SANDBOX_PORT: Final = "NIGHT_AUDIT_SANDBOX_PORT"
_ALLOW_PRIVATE_HOSTS: Final = "NIGHT_AUDIT_ALLOW_PRIVATE_HOSTS"

VARIABLES: Final = frozenset(
    {_DATABASE_URL, _DATA_DIR, _SECRET_KEY, _PREFECT_PORT, _GATEWAY_PORT, _SANDBOX_PORT, _ALLOW_PRIVATE_HOSTS}
)


class SettingsError(ValueError):
    """A variable cannot be used as it is. The message names it and says what it should be, never its value."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the environment says. `database_url` None: the embedded server under `data_dir` is used."""

    database_url: str | None = field(default=None, repr=False)
    data_dir: Path = ROOT / ".data"
    secret_key: bytes | None = field(default=None, repr=False)
    prefect_port: int = 4200
    gateway_port: int = 8080
    sandbox_port: int = 8090
    allow_private_hosts: bool = False
    root: Path = ROOT


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read all settings; an empty variable counts as unset.

    Raises SettingsError for a value that cannot be used and for a `NIGHT_AUDIT_` name that is not a setting.
    """
    given = {name: value for name, value in environ.items() if name.startswith(PREFIX) and value}
    if unknown := sorted(given.keys() - VARIABLES):
        msg = f"{', '.join(unknown)}: not a setting of ours. Known are {', '.join(sorted(VARIABLES))}"
        raise SettingsError(msg)
    return Settings(
        database_url=_database_url(given.get(_DATABASE_URL)),
        data_dir=(ROOT / given.get(_DATA_DIR, ".data")).absolute(),
        secret_key=_secret_key(given.get(_SECRET_KEY)),
        prefect_port=_port(given, _PREFECT_PORT, 4200),
        gateway_port=_port(given, _GATEWAY_PORT, 8080),
        sandbox_port=_port(given, _SANDBOX_PORT, 8090),
        allow_private_hosts=_flag(given, _ALLOW_PRIVATE_HOSTS),
    )


def _database_url(text: str | None) -> str | None:
    if text is not None and not text.startswith(("postgresql://", "postgresql+psycopg://")):
        msg = f"{_DATABASE_URL} must be an address of the form postgresql://user:password@host:port/database"
        raise SettingsError(msg)
    return text


def _secret_key(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        key = base64.b64decode(text.translate(_STANDARD_ALPHABET), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != SECRET_KEY_BYTES:
        msg = f"{_SECRET_KEY} must be {SECRET_KEY_BYTES} bytes in base64. Make one with: openssl rand -base64 32"
        raise SettingsError(msg)
    return key


def _port(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**16):
        msg = f"{name} must be a port number from 1 to 65535"
        raise SettingsError(msg)
    return int(text)


def _flag(given: Mapping[str, str], name: str) -> bool:
    text = given.get(name, "0").lower()
    if text not in {"0", "1", "true", "false", "yes", "no"}:
        msg = f"{name} must be 1 or 0"
        raise SettingsError(msg)
    return text in {"1", "true", "yes"}
