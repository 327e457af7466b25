"""HTTP Basic as a sender's proof: name and password in the Authorization header, any of several logins.

A login is written `name:password`.
"""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Final

from connectors.errors import BadSignature

BASIC: Final = "basic"


def verify(headers: Mapping[str, str], secrets: Sequence[str]) -> str:
    """Check the header against an account's logins and give the name that signed in; raises BadSignature."""
    told = {name.lower(): value for name, value in headers.items()}
    logins = [secret for secret in secrets if all(secret.partition(":"))]
    if not logins:
        msg = "no login is set for this account: state it as name:password"
        raise BadSignature(msg)
    given = _given(told.get("authorization", ""))
    # Every login is compared, so that the time taken tells nothing of which one was close.
    matches = [hmac.compare_digest(given, login.encode()) for login in logins]
    if not any(matches):
        msg = "the message is not signed in, or with another login"
        raise BadSignature(msg)
    return given.partition(b":")[0].decode()


def _given(header: str) -> bytes:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != BASIC:
        msg = "the message is not signed in: send Authorization: Basic"
        raise BadSignature(msg)
    try:
        return b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        msg = "the Authorization header is no Base64"
        raise BadSignature(msg) from error
