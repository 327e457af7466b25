"""Real messages of channels, hotels and payment providers: what they call a card number or code is gone, all else is readable."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import Engine

from connectors.card_numbers import is_card_number
from connectors.cards import remove_cards
from connectors.queues import Pulled
from operations.queue_pull import pulled_delivery
from storage.inbox import receive
from storage.integrations import Integration
from storage.sealing import house_keys
from tests.contract.corpus import CORPUS, needs_corpus
from tests.contract.suites import CITY
from tests.hostile.dumps import dump
from tests.hostile.house import ask, drain

pytestmark = needs_corpus

# How many cards and codes each names at least.
TOPICS = {"ota_xml": 20, "pms": 2, "payments": 25}
_CARD = re.compile(r"(?:.*[^a-z])?(?:card|cc|pan|account)[_ -]?(?:number|no|num)?(?:_?value)?", re.IGNORECASE).fullmatch
_CODE = re.compile(
    r"(?:.*[^a-z])?(?:cvc2?|cvv2?|seriescode|securitycode|card_?verification_?value)", re.IGNORECASE
).fullmatch
_PLAIN = ("PlainText", "number", "value")
_RUN = re.compile(rb"(?<![0-9a-fA-F-])[0-9](?:[ -]?[0-9]){12,18}(?![0-9a-fA-F-])")
# Numbers of a provider's own that look like cards, in columns that say what they are.
_LOOK_ALIKES = frozenset({b"5555593193155555"})


@cache
def files(topic: str) -> tuple[Path, ...]:
    return tuple(sorted(path for path in (CORPUS / topic).rglob("*") if path.is_file()))


def marked(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield name and value of everything a document calls a card number or code."""
    for name, value in [*_of_xml(body), *_of_json(_json(body))]:
        digits = re.sub(r"[ -]", "", value)
        if _CARD(name) and digits.isdecimal() and is_card_number(digits.encode()):
            yield "card", value
        elif _CODE(name) and re.fullmatch(r"[0-9]{3,4}", value):
            yield "code", value


def _of_xml(body: bytes) -> list[tuple[str, str]]:
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except (etree.XMLSyntaxError, ValueError):
        return []
    found: list[tuple[str, str]] = []
    for each in root.iter(etree.Element):
        name = etree.QName(each).localname
        parent = each.getparent()
        held = etree.QName(parent).localname if parent is not None and name in _PLAIN else name
        found.append((held, (each.text or "").strip()))
        found += [(etree.QName(key).localname, value) for key, value in each.items()]
    return found


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _of_json(told: Any, name: str = "") -> list[tuple[str, str]]:
    if isinstance(told, dict):
        return [pair for key, value in told.items() for pair in _of_json(value, name if key in _PLAIN else key)]
    if isinstance(told, list):
        return [pair for value in told for pair in _of_json(value, name)]
    return [(name, str(told))]


@pytest.mark.parametrize("topic", TOPICS)
def test_what_a_message_calls_a_card_is_gone(topic: str) -> None:
    found = 0
    for path in files(topic):
        body = path.read_bytes()
        told = list(marked(body))
        found += len(told)
        cleaned = remove_cards(body).body
        assert list(marked(cleaned)) == [], path.name
        assert not any(value.encode() in cleaned for kind, value in told if kind == "card"), path.name
        # What could be read before can be read now.
        assert bool(_of_xml(body)) == bool(_of_xml(cleaned)), path.name
        assert (_json(body) is None) == (_json(cleaned) is None), path.name

    assert found >= TOPICS[topic]


@pytest.mark.parametrize("topic", TOPICS)
def test_nothing_that_looks_like_a_card_is_left_where_references_do_not_stand(topic: str) -> None:
    for path in files(topic):
        for match in _RUN.finditer(remove_cards(path.read_bytes()).body):
            digits = match[0].translate(None, b" -")
            assert not is_card_number(digits) or digits in _LOOK_ALIKES, (path.name, match[0][-4:])


def test_a_message_without_a_card_keeps_its_bytes() -> None:
    untouched = [path for topic in TOPICS for path in files(topic) if not remove_cards(path.read_bytes()).found_count]

    assert len(untouched) > 1_000
    assert all(remove_cards(path.read_bytes()).body == path.read_bytes() for path in untouched[::20])


def test_a_real_message_with_cards_leaves_none_in_the_database(house: Engine, clean_database: str) -> None:
    bodies = [body for path in files("ota_xml") if any(marked(body := path.read_bytes()))]
    place = Integration("opentravel_generic", CITY.property_id, "opentravel_generic")
    for number, body in enumerate(bodies):
        told = pulled_delivery(place, Pulled(f"message-{number}", "message", body, None, ""), house_keys())
        with house.begin() as connection:
            receive(connection, [told])
    drain(house)

    rows = dump(clean_database)
    numbers = {value for body in bodies for kind, value in marked(body) if kind == "card"}
    assert ask(house, "SELECT count(*) FROM raw.inbox WHERE key_id IS NULL") == [(len(bodies),)]
    assert [number for number in numbers if any(number in row for row in rows)] == []
    assert [value for (body,) in ask(house, "SELECT body FROM raw.inbox") for value in marked(bytes(body))] == []
