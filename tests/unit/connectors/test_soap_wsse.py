"""UsernameToken: the password as it is or as a digest, fresh, of any valid login, and of nobody else."""

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Any

import pytest
from lxml import etree

from connectors.errors import BadSignature
from connectors.protocols import soap
from connectors.protocols.safe_xml import descendants
from connectors.protocols.wsse import DIGEST, TEXT, WSSE, WSU, Login, Verified, digest, digest_token, text_token, verify

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LOGIN = Login("hôtel", "p:w<&>")
SECRET = "hôtel:p:w<&>"
NONCE = bytes(range(16))


def received(security: Any) -> Any:
    """Give the header as it comes over the wire."""
    return soap.unwrap(soap.wrap(etree.Element("x"), "1.1", security)).security


def part(token: Any, name: str) -> Any:
    return next(descendants(token, name))


@pytest.mark.parametrize("kind", [TEXT, DIGEST])
def test_who_knows_the_password_gets_in(kind: str) -> None:
    token = text_token(LOGIN) if kind == TEXT else digest_token(LOGIN, nonce=NONCE, created_at=NOW)

    assert verify(received(token), [SECRET], NOW) == Verified("hôtel", kind)


def test_a_digest_is_what_the_profile_says() -> None:
    token = digest_token(Login("a", "secret"), nonce=NONCE, created_at=NOW)
    created = part(token, "Created").text
    assert created == "2026-03-01T12:00:00Z"
    assert b64decode(part(token, "Nonce").text) == NONCE
    expected = b64encode(sha1(NONCE + created.encode() + b"secret").digest()).decode()  # noqa: S324 as prescribed
    assert part(token, "Password").text == expected
    assert "secret" not in etree.tostring(token).decode()


@pytest.mark.parametrize("secrets", [["old:x", SECRET], [SECRET, "new:x"]])
def test_during_rotation_every_login_is_good(secrets: list[str]) -> None:
    for token in (text_token(LOGIN), digest_token(LOGIN, nonce=NONCE, created_at=NOW)):
        assert verify(received(token), secrets, NOW).username == "hôtel"


@pytest.mark.parametrize(
    "login", [Login("hôtel", "wrong"), Login("other", "p:w<&>"), Login("hôtel", "p"), Login("HÔTEL", "p:w<&>")]
)
def test_another_name_or_password_is_turned_away(login: Login) -> None:
    for token in (text_token(login), digest_token(login, nonce=NONCE, created_at=NOW)):
        with pytest.raises(BadSignature, match="fits no login"):
            verify(received(token), [SECRET], NOW)


def test_a_name_of_one_login_and_a_password_of_another_do_not_fit() -> None:
    with pytest.raises(BadSignature):
        verify(received(text_token(Login("a", "2"))), ["a:1", "b:2"], NOW)


@pytest.mark.parametrize("secrets", [[], [""], ["no-password"], ["name:"], [":password"]])
def test_without_a_login_nobody_gets_in(secrets: list[str]) -> None:
    for token in (text_token(Login("name", "password")), text_token(Login("no-password", "")), None):
        with pytest.raises(BadSignature, match="no login is set"):
            verify(token, secrets, NOW)


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24])
def test_an_old_digest_and_one_of_the_future_are_turned_away(minutes: int) -> None:
    token = digest_token(LOGIN, nonce=NONCE, created_at=NOW + timedelta(minutes=minutes))

    with pytest.raises(BadSignature, match="300 s"):
        verify(received(token), [SECRET], NOW)


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_clock_may_be_off_by_five_minutes(minutes: int) -> None:
    token = digest_token(LOGIN, nonce=NONCE, created_at=NOW + timedelta(minutes=minutes))

    assert verify(received(token), [SECRET], NOW).kind == DIGEST


def test_a_time_without_a_zone_is_utc() -> None:
    created = "2026-03-01T12:00:00.123"
    token = digest_token(LOGIN, nonce=NONCE, created_at=NOW)
    part(token, "Created").text = created
    part(token, "Password").text = digest(NONCE, created, LOGIN.password)

    assert verify(received(token), [SECRET], NOW).kind == DIGEST


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Nonce", "§§§"), ("Nonce", "AAA"), ("Nonce", ""), ("Created", "yesterday"), ("Created", ""), ("Password", ""),
        ("Username", ""), ("Password", "AAAA"), ("Nonce", b64encode(b"another").decode()),
        ("Created", "2026-03-01T12:00:01Z"),
    ],
)  # fmt: skip
def test_a_digest_with_a_part_changed_is_turned_away(name: str, value: str) -> None:
    token = digest_token(LOGIN, nonce=NONCE, created_at=NOW)
    part(token, name).text = value

    with pytest.raises(BadSignature):
        verify(received(token), [SECRET], NOW)


@pytest.mark.parametrize("name", ["Nonce", "Created", "Password", "Username"])
def test_a_digest_with_a_part_missing_is_turned_away(name: str) -> None:
    token = digest_token(LOGIN, nonce=NONCE, created_at=NOW)
    part(token, "UsernameToken").remove(part(token, name))

    with pytest.raises(BadSignature):
        verify(received(token), [SECRET], NOW)


def test_a_password_without_a_type_is_the_password_and_of_an_unknown_type_none() -> None:
    token = text_token(LOGIN)
    password = part(token, "Password")
    del password.attrib["Type"]
    assert verify(received(token), [SECRET], NOW).kind == TEXT

    password.set("Type", "urn:x#PasswordRot13")
    with pytest.raises(BadSignature, match="type nobody agreed on"):
        verify(received(token), [SECRET], NOW)


def test_no_header_and_an_empty_one_are_turned_away() -> None:
    for header in (None, etree.Element(f"{{{WSSE}}}Security"), etree.Element(f"{{{WSU}}}Timestamp")):
        with pytest.raises(BadSignature, match="no UsernameToken"):
            verify(header, [SECRET], NOW)
