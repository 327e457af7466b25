"""Seal secrets at rest: AES-256-GCM, the key outside the database, the row's identity bound in.

A sealed value opens only in the row it was sealed for: copied into another row, it does not.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from functools import cache
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import settings
from settings.secrets import secret_key

_NONCE_BYTES: Final = 12


class SealError(ValueError):
    """A sealed value does not open: another key, another row, or damage. The message says what to do."""


@dataclass(frozen=True)
class Keys:
    """The key new values are sealed with, and former ones that still open old values."""

    current: bytes = field(repr=False)
    former: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def current_id(self) -> str:
        """The name of the current key, as rows bear it."""
        return key_id(self.current)

    def named(self, name: str) -> bytes:
        """Give the key of that name; raises SealError where it is not among them."""
        for key in (self.current, *self.former):
            if key_id(key) == name:
                return key
        msg = f"sealed with key {name}, which is not set: give it as a former key and rotate"
        raise SealError(msg)


class Sealed(NamedTuple):
    """A sealed value and the name of its key; both lie in the row, the key does not."""

    key_id: str
    box: bytes


@cache
def house_keys() -> Keys:
    """Give the keys the settings name."""
    return Keys(secret_key(settings.load()))


def key_id(key: bytes) -> str:
    """Name a key without telling it: 16 hexadecimal digits of a hash."""
    return hashlib.sha256(b"night-audit key " + key).hexdigest()[:16]


def seal(keys: Keys, plain: bytes, *identity: str) -> Sealed:
    """Seal a value for the row of this identity (table, then its key)."""
    nonce = os.urandom(_NONCE_BYTES)
    return Sealed(keys.current_id, nonce + AESGCM(keys.current).encrypt(nonce, plain, _bound(identity)))


def unseal(keys: Keys, sealed: Sealed, *identity: str) -> bytes:
    """Open a value sealed for the row of this identity; raises SealError."""
    nonce, box = sealed.box[:_NONCE_BYTES], sealed.box[_NONCE_BYTES:]
    try:
        return AESGCM(keys.named(sealed.key_id)).decrypt(nonce, box, _bound(identity))
    except (InvalidTag, ValueError) as error:
        if isinstance(error, SealError):
            raise
        msg = f"the sealed value of {' '.join(identity)} does not open: it was changed or moved; enter it again"
        raise SealError(msg) from None


def _bound(identity: tuple[str, ...]) -> bytes:
    return json.dumps(identity).encode()
