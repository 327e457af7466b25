"""The keys of those who may use our own API. Only a keyed hash is stored: neither a dump nor the house key alone gives one.

A key reads `na_<key_id>_<secret>`: the id finds the row, the secret (256 bits) is compared by its hash.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, insert, select, text, update

from storage import audit
from storage.sealing import Keys
from storage.tables import ops

SCOPES: Final = ("bookings:read", "bookings:write")
_SECRET_BYTES: Final = 32
_KEY: Final = re.compile(r"na_([0-9]{1,18})_([A-Za-z0-9_-]{43})")
_k = ops.api_keys.c
_SHOWN: Final = (
    _k.key_id, _k.property_id, _k.scopes, _k.expires_at, _k.last_used_at, _k.is_active, _k.description, _k.created_at,
)  # fmt: skip


class ApiKey(NamedTuple):
    """One key as it is stored, without its hash."""

    key_id: int
    property_id: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    last_used_at: datetime | None
    is_active: bool
    description: str | None
    created_at: datetime

    def is_good(self, now: datetime) -> bool:
        """Tell whether it may be used at an aware instant."""
        return self.is_active and (self.expires_at is None or now < self.expires_at)


def create_key(
    connection: Connection,
    keys: Keys,
    property_id: str,
    scopes: Sequence[str],
    *,
    expires_at: datetime | None = None,
    description: str | None = None,
    actor: str = "command line",
) -> tuple[int, str]:
    """Make a key for one property; give its id and the key itself, which nobody can read again."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    values = {"property_id": property_id, "scopes": list(scopes), "expires_at": expires_at, "description": description}
    written = insert(ops.api_keys).values(values | {"hash": b""}).returning(_k.key_id)
    key_id = int(connection.execute(written).scalar_one())
    _save_hash(connection, key_id, _hash(keys.current, key_id, secret))
    after = {"property_id": property_id, "scopes": list(scopes), "expires_at": expires_at and expires_at.isoformat()}
    audit.note(connection, actor=actor, action="create", entity="ops.api_keys", entity_key=str(key_id), after=after)
    return key_id, f"na_{key_id}_{secret}"


def id_in(key: str) -> int | None:
    """Give the id a key claims to have; None where it is not even written like a key."""
    found = _KEY.fullmatch(key)
    return int(found[1]) if found else None


def find_key(connection: Connection, keys: Keys, key: str) -> ApiKey | None:
    """Give the stored key whose secret this is, good or not; None where there is none.

    A hash made with a former house key is made anew with the current one.
    """
    parts = _KEY.fullmatch(key)
    if parts is None:
        return None
    row = connection.execute(select(*_SHOWN, _k.hash).where(_k.key_id == int(parts[1]))).one_or_none()
    if row is None:
        return None
    for place, house_key in enumerate((keys.current, *keys.former)):
        if hmac.compare_digest(_hash(house_key, row.key_id, parts[2]), row.hash):
            if place:
                _save_hash(connection, row.key_id, _hash(keys.current, row.key_id, parts[2]))
            return _shown(row[:-1])
    return None


def note_use(connection: Connection, key_id: int) -> None:
    """Say that a key was used just now."""
    connection.execute(update(ops.api_keys).where(_k.key_id == key_id).values(last_used_at=text("now()")))


def list_keys(connection: Connection, property_id: str | None = None) -> list[ApiKey]:
    """List all keys, or those of one property, the oldest first."""
    query = select(*_SHOWN).order_by(_k.key_id)
    if property_id is not None:
        query = query.where(_k.property_id == property_id)
    return [_shown(row) for row in connection.execute(query)]


def revoke_key(connection: Connection, key_id: int, *, actor: str = "command line") -> bool:
    """Take a key back; False where there is no such key that is active."""
    taken = update(ops.api_keys).where(_k.key_id == key_id, _k.is_active).values(is_active=False)
    if not connection.execute(taken).rowcount:
        return False
    audit.note(connection, actor=actor, action="revoke", entity="ops.api_keys", entity_key=str(key_id))
    return True


def _shown(row: Sequence[object]) -> ApiKey:
    found = ApiKey(*row)  # type: ignore[arg-type]
    return found._replace(scopes=tuple(found.scopes))


def _save_hash(connection: Connection, key_id: int, hashed: bytes) -> None:
    connection.execute(update(ops.api_keys).where(_k.key_id == key_id).values(hash=hashed))


def _hash(house_key: bytes, key_id: int, secret: str) -> bytes:
    return hmac.digest(house_key, f"ops.api_keys {key_id} {secret}".encode(), hashlib.sha256)
