"""WS-Security UsernameToken 1.0: a name with its password as it is, or as a digest over nonce, time and password.

A login is written `name:password` wherever several of them are valid at once.
"""

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any, Final, NamedTuple

from lxml import etree

from connectors.errors import BadSignature
from connectors.protocols.safe_xml import child, descendants, text, told

Element = Any  # lxml has no types of its own

TEXT: Final = "PasswordText"
DIGEST: Final = "PasswordDigest"
TOLERANCE_SECONDS: Final = 300
_OASIS: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE: Final = _OASIS + "wssecurity-secext-1.0.xsd"
WSU: Final = _OASIS + "wssecurity-utility-1.0.xsd"
_PROFILE: Final = _OASIS + "username-token-profile-1.0#"
_BASE64: Final = _OASIS + "soap-message-security-1.0#Base64Binary"


class Login(NamedTuple):
    """A name and its password."""

    username: str
    password: str

    @classmethod
    def parse(cls, secret: str) -> "Login | None":
        """Read `name:password`; None where one of them is missing. Colons after the first belong to the password."""
        username, _, password = secret.partition(":")
        return cls(username, password) if username and password else None


class Verified(NamedTuple):
    """Who signed in, and how (`TEXT` or `DIGEST`)."""

    username: str
    kind: str


def text_token(login: Login) -> Element:
    """Write a Security header with the password as it is, for a channel that is encrypted."""
    return _security(login.username, TEXT, login.password)


def digest_token(login: Login, *, nonce: bytes, created_at: datetime) -> Element:
    """Write a Security header that proves the password without telling it; `nonce` fresh and random, 16 bytes or more."""
    created = created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    header = _security(login.username, DIGEST, digest(nonce, created, login.password))
    token = child(header, "UsernameToken")
    written = etree.SubElement(token, f"{{{WSSE}}}Nonce", EncodingType=_BASE64)
    written.text = b64encode(nonce).decode()
    etree.SubElement(token, f"{{{WSU}}}Created").text = created
    return header


def digest(nonce: bytes, created: str, password: str) -> str:
    """Give Base64(SHA-1(nonce + created + password)): `nonce` decoded, the others as they are written."""
    # The profile prescribes SHA-1; what it protects is a password in transit, not a document.
    return b64encode(sha1(nonce + created.encode() + password.encode()).digest()).decode()  # noqa: S324


def verify(security: Element | None, secrets: Sequence[str], now: datetime) -> Verified:
    """Check a Security header against logins (`name:password`), any of which may be meant; `now` is aware.

    A digest must have been made within 300 s of `now`. Raises BadSignature, whatever is wrong.
    """
    logins = [login for login in map(Login.parse, secrets) if login]
    if not logins:
        msg = "no login is set for this account: state it as name:password"
        raise BadSignature(msg)
    token = None if security is None else next(descendants(security, "UsernameToken"), None)
    password = child(token, "Password")
    username, given = text(child(token, "Username")), text(password)
    if username is None or given is None:
        msg = "the message bears no UsernameToken with a password"
        raise BadSignature(msg)
    kind = (told(password, "Type") or TEXT).rpartition("#")[2]
    right = _right_passwords(token, kind, logins, now)
    # Every login is compared, so that the time taken tells nothing of which one was close.
    matches = [
        _equal(username, login.username) & _equal(given, each) for login, each in zip(logins, right, strict=True)
    ]
    if not any(matches):
        msg = "the UsernameToken fits no login of this account"
        raise BadSignature(msg)
    return Verified(username, kind)


def _right_passwords(token: Element, kind: str, logins: Sequence[Login], now: datetime) -> list[str]:
    if kind == TEXT:
        return [login.password for login in logins]
    if kind != DIGEST:
        msg = "the password is of a type nobody agreed on"
        raise BadSignature(msg)
    nonce, created = _nonce(token), text(child(token, "Created")) or ""
    _check_time(created, now)
    return [digest(nonce, created, login.password) for login in logins]


def _nonce(token: Element) -> bytes:
    try:
        nonce = b64decode(text(child(token, "Nonce")) or "", validate=True)
    except (binascii.Error, ValueError) as error:
        msg = "the nonce is no Base64"
        raise BadSignature(msg) from error
    if not nonce:
        msg = "a digest needs a nonce"
        raise BadSignature(msg)
    return nonce


def _check_time(created: str, now: datetime) -> None:
    try:
        made_at = datetime.fromisoformat(created)
    except ValueError as error:
        msg = "a digest needs the time it was created"
        raise BadSignature(msg) from error
    if made_at.tzinfo is None:
        made_at = made_at.replace(tzinfo=UTC)  # the profile says UTC
    if abs((now - made_at).total_seconds()) > TOLERANCE_SECONDS:
        msg = f"the digest was created more than {TOLERANCE_SECONDS} s from our clock: make one for each message"
        raise BadSignature(msg)


def _security(username: str, kind: str, password: str) -> Element:
    header = etree.Element(f"{{{WSSE}}}Security", nsmap={"wsse": WSSE, "wsu": WSU})
    token = etree.SubElement(header, f"{{{WSSE}}}UsernameToken")
    etree.SubElement(token, f"{{{WSSE}}}Username").text = username
    etree.SubElement(token, f"{{{WSSE}}}Password", Type=_PROFILE + kind).text = password
    return header


def _equal(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())
