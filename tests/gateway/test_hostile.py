"""The hostile corpus as bodies: whatever they say, no error of ours, no waiting, and no row for who cannot sign."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import msgspec
import pytest

from tests.gateway.receivers import hmac_headers
from tests.gateway.running import PATH, Gateway, Inbox, Integrate

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "hostile"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"needs the hostile corpus in {CORPUS}")

LONGEST_ANSWER = 5.0


class Attack(NamedTuple):
    name: str
    body: bytes


def json_suite() -> Iterator[Attack]:
    for path in sorted((CORPUS / "jsontestsuite").rglob("*.json")):
        yield Attack(path.name, path.read_bytes())


def naughty_strings() -> Iterator[Attack]:
    """Put each naughty string where a booking has a text, an id and a type, and alone."""
    for number, naughty in enumerate(msgspec.json.decode((CORPUS / "blns" / "blns.json").read_bytes(), type=list[str])):
        event = {"id": f"evt_{number}", "type": "booking.created", "data": {"propertyId": naughty, naughty: naughty}}
        yield Attack(f"blns {number} inside", msgspec.json.encode(event))
        yield Attack(f"blns {number} as id", msgspec.json.encode(event | {"id": naughty}))
        yield Attack(f"blns {number} as type", msgspec.json.encode(event | {"type": naughty}))
        yield Attack(f"blns {number} alone", naughty.encode())


def xml_attacks() -> Iterator[Attack]:
    for path in sorted((CORPUS / "defusedxml").rglob("*.xml")):
        yield Attack(path.name, path.read_bytes())


KINDS = {"json": json_suite, "strings": naughty_strings, "xml": xml_attacks}


@pytest.fixture
def hotel_rest(integrate: Integrate, gateway: Gateway) -> Gateway:
    """The gateway as it is deployed: the channel speaks the contract of the house."""
    integrate(kind="hotel_rest")
    return gateway


def send(gateway: Gateway, attack: Attack, headers: dict[str, str]) -> int:
    began = time.monotonic()
    status = gateway.post(attack.body, headers).status_code
    assert time.monotonic() - began < LONGEST_ANSWER, attack.name
    return status


@pytest.mark.parametrize("kind", KINDS)
def test_unsigned_it_is_401_and_no_row(hotel_rest: Gateway, inbox: Inbox, kind: str) -> None:
    answers = {attack.name: send(hotel_rest, attack, {}) for attack in KINDS[kind]()}

    assert answers
    assert set(answers.values()) == {401}
    assert inbox() == []


@pytest.mark.parametrize("kind", KINDS)
def test_signed_it_is_taken_or_refused_and_never_an_error_of_ours(hotel_rest: Gateway, inbox: Inbox, kind: str) -> None:
    answers = {attack.name: send(hotel_rest, attack, hmac_headers(attack.body)) for attack in KINDS[kind]()}

    assert {name: status for name, status in answers.items() if status not in {202, 400}} == {}
    assert len(inbox()) <= sum(status == 202 for status in answers.values())


def test_naughty_strings_are_stored_as_they_came(hotel_rest: Gateway, inbox: Inbox) -> None:
    sent = [attack.body for attack in naughty_strings() if attack.name.endswith("inside")]
    taken = [body for body in sent if hotel_rest.post(body, hmac_headers(body)).status_code == 202]

    # Card numbers are among them; all else comes through byte for byte.
    kept = [bytes(row.body) for row in inbox()]
    changed = [(was, now) for was, now in zip(taken, kept, strict=True) if was != now]
    assert len(taken) == len(sent)
    assert all(b"[card" in now or b"[cvv]" in now for _, now in changed)
    assert len(changed) < len(sent) / 50


def test_naughty_headers_and_paths_are_no_error_of_ours(hotel_rest: Gateway, inbox: Inbox) -> None:
    for naughty in msgspec.json.decode((CORPUS / "blns" / "blns.json").read_bytes(), type=list[str]):
        value = naughty.replace("\r", "").replace("\n", "").replace("\0", "").strip()
        for name in ("x-webhook-signature", "webhook-signature", "authorization", "content-encoding"):
            answer = hotel_rest.post(b"{}", {name: value})
            assert answer.status_code in {400, 401, 415}, (name, naughty)
        assert hotel_rest.client.post(f"{PATH}/{quote(naughty[:2000])}").status_code in {401, 404}, naughty
    assert inbox() == []
