"""A guest may be called anything: naughty strings come out of the import as they were sent, whatever the vendor and the road."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import httpx
import pytest
from sqlalchemy import Engine

from connectors.cards import remove_cards
from connectors.http import HttpClient
from connectors.json_rows import storable
from connectors.registry import connector
from gateway.app import create_app
from operations.extract import extract
from operations.load_batch import load_batch
from operations.pull_bookings import pull
from sandbox.channels.desk import Desk
from sandbox.channels.sales import Sale, sale
from storage.sealing import house_keys
from tests.gateway.running import serving
from tests.hostile.attacks import naughty_strings
from tests.hostile.house import ask, drain, furnish, let_in
from tests.hostile.kinds import READY
from tests.hostile.sold import SHOP, SOLD, desks, settings, webhook, webhook_secret

# Every string with some kind, every kind with a good part of the strings.
_PART = 4
# What OpenTravel calls a comment is told in paragraphs and texts: blanks in a row are one.
_ONE_LINE = frozenset({"alpinebits", "booking_com", "opentravel_generic", "siteminder"})
# Expedia tells wishes and words as requests of one kind.
_WISHES = {"expedia": "1 king bed\nNon-Smoking\n"}
_WITHOUT_COMMENTS = frozenset({"cloudbeds"})
_PAGES_WITHOUT_GUESTS = frozenset({"myallocator"})
PULLED = tuple(
    kind for kind in SOLD if connector(kind).capabilities.acknowledges or "reservations" in connector(kind).mappers
)
PUSHED = tuple(kind for kind in SOLD if connector(kind).webhooks and not connector(kind).capabilities.hints_by_webhook)
_COMMENTS = "SELECT comment FROM core.reservations WHERE source = :source"
_PEOPLE = """
SELECT g.email, r.comment, g.first_name, g.last_name FROM core.reservations AS r
JOIN core.guests AS g ON g.source = r.source AND g.property_id = r.property_id
                     AND g.source_ref IN (r.booker_guest_ref, r.primary_guest_ref)
WHERE r.source = :source
"""


class Told(NamedTuple):
    """What is known of a booking."""

    comment: str | None
    first_name: str | None
    last_name: str | None


def plain(text: str) -> str | None:
    """Give a text as it may be stored: trimmed, without what no column holds."""
    return text.replace("\0", "").strip() or None


def sayable(text: str, kind: str) -> bool:
    """Tell whether a vendor can say a text at all, and whether it is one: no card number, something to see."""
    is_xml = kind not in {"booking_engine", "channex", "cloudbeds", "myallocator"}
    is_legal = all(
        char in "\t\n\r" or "\x20" <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char > "\uffff"
        for char in text
    )
    has_card = remove_cards(text.encode()).found_count > 0
    return bool(text.strip()) and not has_card and (is_legal or not is_xml) and storable(text.encode()) == text.encode()


def naughty_sales(kind: str) -> list[Sale]:
    """Draw a sale for each string of a kind's part, of one room and without a card."""
    part = naughty_strings()[READY.index(kind) % _PART :: _PART]
    now, dice = datetime.now(UTC), Random(5)
    shop = SHOP._replace(first_on=now.date() + timedelta(days=7), now=now - timedelta(hours=1))
    drawn = [sale(dice, number, shop, prefix="N") for number, _ in enumerate(part, 1)]
    return [
        each._replace(
            rooms=each.rooms[:1], first_name=text, last_name=f"Roe {text}", comment=text, card_number=None, is_virtual=False,
        )
        for each, text in zip(drawn, part, strict=True)
        if sayable(text, kind)
    ]  # fmt: skip


def expected(sold: Sequence[Sale], kind: str) -> dict[str, Told]:
    def said(text: str) -> str | None:
        told = " ".join(text.split()) if kind in _ONE_LINE else text
        return None if kind in _WITHOUT_COMMENTS else plain(_WISHES.get(kind, "") + told.strip())

    def email(each: Sale) -> str:
        return f"{each.ref}@guest.booking.com" if kind == "booking_com" else each.email

    return {email(each): Told(said(each.comment), plain(each.first_name), plain(each.last_name)) for each in sold}


def people(house: Engine, source: str) -> dict[str, Told]:
    """Give who booked; a guest of a room whose address is not told is the same person once more."""
    return {email: Told(*told) for email, *told in ask(house, _PEOPLE, source=source) if email}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask as fast as one likes: at what pace is tested where it is kept."""
    monkeypatch.setattr(HttpClient, "_take_turn", lambda *_: None)


def quarantined(house: Engine) -> list[tuple[object, ...]]:
    return ask(house, "SELECT source, dataset, reasons FROM ops.quarantine WHERE status = 'open'")


@pytest.mark.parametrize("kind", PULLED)
def test_what_is_pulled_comes_in_unharmed(house: Engine, kind: str) -> None:
    sold = naughty_sales(kind)
    with desks([kind]) as served:
        desk, address = served[kind]
        for each in sold:
            desk.sell(each)
        furnish(house, [kind], {kind: settings(kind, address)})
        told = pull(house, kind, "city-hotel")
        if "guests" in connector(kind).capabilities.datasets:
            load_batch(house, extract(house, source=kind, property_id="city-hotel", dataset="guests"))
    drain(house)

    assert (told.error_code, quarantined(house)) == (None, [])
    right = expected(sold, kind)
    assert {comment for (comment,) in ask(house, _COMMENTS, source=kind)} == {each.comment for each in right.values()}
    if kind not in _PAGES_WITHOUT_GUESTS:
        assert people(house, kind) == right


@pytest.mark.parametrize("kind", PUSHED)
def test_what_is_pushed_comes_in_unharmed(house: Engine, clean_database: str, tmp_path: Path, kind: str) -> None:
    sold, desk = naughty_sales(kind), Desk()
    told = [sent for each in sold if (sent := webhook(kind, desk, each))]
    let_in(house, kind, webhook_secret(kind, desk, told[0]))
    (tmp_path / "reports").mkdir()
    app = create_app(clean_database, tmp_path / "reports", house_keys())
    with serving(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        answers = [
            client.post(f"/webhooks/bookings/{kind}", content=each.body, headers=dict(each.headers)) for each in told
        ]
    drain(house)

    assert {answer.status_code for answer in answers} <= {200, 202}
    assert quarantined(house) == []
    assert people(house, kind) == expected(sold, kind)


def test_all_strings_are_sent_by_some_kind() -> None:
    sent = {each.first_name for kind in SOLD for each in naughty_sales(kind)}

    assert len(sent) > 300
    assert {*PULLED, *PUSHED} == set(SOLD)
