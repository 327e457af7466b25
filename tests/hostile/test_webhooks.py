"""Every kind's webhook over real HTTP: whatever is sent, signed or not, it is taken or refused, soon, and the next one is heard."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from sqlalchemy import Engine

from connectors.registry import connector
from gateway.app import create_app
from storage.sealing import house_keys
from tests.contract.booking_suites import WebhookReceiverContract
from tests.gateway.running import serving
from tests.hostile.attacks import Attack, attacks_on, corpus, large_attacks_on, naughty_strings
from tests.hostile.bait import Watched, watched
from tests.hostile.house import ask, let_in
from tests.hostile.kinds import READY, Sent, receivers, signed, signs_inside

RECEIVING = tuple(kind for kind in READY if connector(kind).webhooks)
LONGEST_ANSWER_SECONDS = 5.0
LARGEST_BODY = 256 * 1024
TAKEN, REFUSED = {200, 202}, {400, 401}


class Door(NamedTuple):
    """The gateway's route of one kind, and the suite that knows how its sender signs."""

    client: httpx.Client
    kind: str
    suite: WebhookReceiverContract
    bait: Watched

    def post(self, sent: Sent) -> int:
        """Send a webhook and give the status; the answer is no secret and does not take long."""
        raw = [(name.encode(), value.encode()) for name, value in sent.headers.items()]
        began = time.monotonic()
        answer = self.client.post(f"/webhooks/bookings/{self.kind}", content=sent.body, headers=raw)
        assert time.monotonic() - began < LONGEST_ANSWER_SECONDS
        return answer.status_code

    def honest(self) -> bool:
        """Tell whether an honest message is taken."""
        return self.post(signed(self.suite, self.suite.event(self.suite.row()))) in TAKEN


@pytest.fixture(scope="module")
def bait(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watched(tmp_path_factory.mktemp("bait")) as laid:
        yield laid


@pytest.fixture(params=RECEIVING)
def door(
    request: pytest.FixtureRequest, house: Engine, clean_database: str, bait: Watched, tmp_path: Path
) -> Iterator[Door]:
    (tmp_path / "reports").mkdir()
    kind = str(request.param)
    suite = receivers(kind)[0]
    let_in(house, kind, suite.secret, hotel_ref="CITY")
    app = create_app(clean_database, tmp_path / "reports", house_keys())
    with serving(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        yield Door(client, kind, suite, bait)


def attacks(door: Door) -> Iterator[Attack]:
    """Yield attacks no larger than a body may be; where the sender signs in inside, on what bears its login."""
    event = door.suite.event(door.suite.row())
    base = signed(door.suite, event).body if signs_inside(door.suite) else event
    made = [
        *attacks_on(base, door.bait.bait),
        *(each for each in large_attacks_on(base) if len(each.body) < LARGEST_BODY),
    ]
    # One odd value in every seventh place, everything else.
    some = [each for n, each in enumerate(made) if " at " not in each.name or n % 7 == 0]
    yield from (
        *some,
        *corpus(),
        *(Attack(f"naughty {n}", text.encode("utf-8", "replace")) for n, text in enumerate(naughty_strings()[::10])),
    )


def wired(door: Door, attack: Attack) -> Sent:
    return Sent({}, attack.body) if signs_inside(door.suite) else signed(door.suite, attack.body)


def test_signed_it_is_taken_or_refused_and_never_an_error_of_ours(door: Door, house: Engine) -> None:
    answers = {attack.name: door.post(wired(door, attack)) for attack in attacks(door)}

    assert {name: status for name, status in answers.items() if status not in TAKEN | REFUSED} == {}
    assert len(answers) > 200
    assert sum(status in TAKEN for status in answers.values()) > 5, "bodies are read, not only turned away"
    assert door.honest()
    kept = (
        ask(house, "SELECT count(*) FROM raw.inbox")[0][0]
        + ask(house, "SELECT count(*) FROM raw.inbox_conflicts")[0][0]
    )
    assert 0 < kept <= 1 + sum(status in TAKEN for status in answers.values())
    assert (door.bait.asked, door.bait.opened_count()) == ([], 0)


def test_unsigned_it_leaves_no_row(door: Door, house: Engine) -> None:
    other = signed(door.suite, door.suite.event(door.suite.row()), door.suite.other_secret)
    base = other.body if signs_inside(door.suite) else door.suite.event(door.suite.row())

    answers = {
        each.name: door.post(Sent({}, each.body))
        for each in [*attacks_on(base, door.bait.bait)][::3] + [*corpus()][::3]
    }

    assert set(answers.values()) <= REFUSED
    assert door.post(other) == 401
    assert ask(house, "SELECT count(*) FROM raw.inbox") == [(0,)]
    assert door.honest()


def test_what_is_too_large_or_compressed_is_refused_before_it_is_read(door: Door, house: Engine) -> None:
    sent = signed(door.suite, door.suite.event(door.suite.row()))

    assert door.post(Sent(sent.headers, sent.body + b" " * LARGEST_BODY)) == 413
    assert door.post(Sent({**sent.headers, "Content-Encoding": "gzip"}, sent.body)) == 415
    assert ask(house, "SELECT count(*) FROM raw.inbox") == [(0,)]
    assert door.honest()
