"""A password that stands in a message is not stored with it, whatever it is spelt like there."""

import json
from urllib.parse import urlencode

import pytest
from lxml import etree

from connectors.logins import without_logins

PASSWORD = """p&ss <"wörd'>+ 1"""
SECRETS = [f"partner:{PASSWORD}", "a bare secret"]


def as_xml(word: str) -> bytes:
    root = etree.Element("Token", Password=word)
    root.text = word
    return bytes(etree.tostring(root, encoding="UTF-8"))


@pytest.mark.parametrize(
    "body",
    [
        PASSWORD.encode(),
        as_xml(PASSWORD),
        urlencode({"password": PASSWORD, "booking": "{}"}).encode(),
        json.dumps({"password": PASSWORD}).encode(),
        json.dumps({"password": PASSWORD}, ensure_ascii=False).encode(),
        f"<a>{PASSWORD}</a>".encode("utf-16"),
        b"<a>a bare secret</a>",
    ],
)
def test_it_is_gone_in_every_spelling(body: bytes) -> None:
    kept = without_logins(body, SECRETS)

    assert b"[login]" in kept
    assert PASSWORD.encode() not in kept
    assert b"bare secret" not in kept


def test_the_name_stays() -> None:
    assert (
        without_logins(b"<U>partner</U><P>s3cret-word</P>", ["partner:s3cret-word"]) == b"<U>partner</U><P>[login]</P>"
    )


def test_a_body_without_it_stays_the_same_bytes() -> None:
    body = as_xml("somebody else's word")
    assert without_logins(body, SECRETS) is body


def test_a_word_too_short_to_be_a_password_takes_nothing_out() -> None:
    assert without_logins(b"<Room>DBL</Room>", ["x:DBL", "BAR"]) == b"<Room>DBL</Room>"
