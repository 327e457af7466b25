"""Card numbers and codes on every road of every kind: none in the database, in what is logged, answered or shown (law 11)."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from connectors.cards import Cleaned
from connectors.errors import ConnectorError
from connectors.http import HttpClient
from connectors.registry import connector
from gateway.app import create_app
from hotel.loads import Window
from operations.errors import OperationError
from operations.extract import extract
from operations.load_batch import load_batch
from operations.pull_bookings import pull
from operations.replay_quarantine import Choice, replay_quarantine
from operations.shift import work_shift
from storage.sealing import house_keys
from tasks import tables
from tests.contract.suites import CITY
from tests.gateway.running import serving
from tests.hostile.dumps import codes_left, dump, numbers_left
from tests.hostile.house import ask, connect, drain, let_in
from tests.hostile.kinds import (
    READY,
    Answers,
    Sample,
    events,
    queue_suite,
    receivers,
    samples,
    signed,
    signs_inside,
)
from tests.hostile.planting import Plants, planted

# So many of the pages of a road are enough where each is a load of its own.
_EVERY = 4


class Road:
    """One kind's way into a house, and all that was said on it."""

    def __init__(self, house: Engine, url: str, folder: Path, kind: str) -> None:
        self.house, self.url, self.folder, self.kind = house, url, folder, kind
        self.samples = list(samples(kind))
        self.plants = Plants(*(sample.body for sample in self.samples))
        self.said: list[str] = []

    def travel(self) -> None:
        """Send messages with cards over every road of the kind, import them and try again what waits."""
        if receivers(self.kind):
            self._push()
        if queue_suite(self.kind):
            self._empty_queue()
        for dataset in connector(self.kind).mappers:
            self._extract(dataset)
        drain(self.house)
        self._show()

    def _push(self) -> None:
        suite = receivers(self.kind)[0]
        let_in(self.house, self.kind, suite.secret, hotel_ref="CITY")
        (self.folder / "reports").mkdir()
        app = create_app(self.url, self.folder / "reports", house_keys())
        with serving(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            for event in events(suite):
                inside = signs_inside(suite)
                for body in planted(signed(suite, event).body if inside else event, self.plants):
                    sent = signed(suite, body)
                    told, headers = (body, {}) if inside else (sent.body, dict(sent.headers))
                    answer = client.post(f"/webhooks/bookings/{self.kind}", content=told, headers=headers)
                    # An answer in the sender's own protocol tells it again what it calls its message.
                    self.said += [answer.text] if answer.status_code != HTTPStatus.OK else []

    def _empty_queue(self) -> None:
        connect(self.house, self.kind)
        with Answers() as network:
            for body in self._planted("queue"):
                network.body = body
                self.said.append(str(pull(self.house, self.kind, CITY.property_id)))

    def _extract(self, dataset: str) -> None:
        queue = queue_suite(self.kind)
        own = {"path": str(self.folder / "drop"), "export": "hotel_bookings"} if self.kind == "file_drop" else {}
        connect(self.house, self.kind, **own)
        until = datetime.now(UTC)
        window = Window(until - timedelta(hours=1), until)
        with Answers() as network:
            for body in list(self._planted("queue" if queue else dataset))[::_EVERY]:
                network.body = body
                self._drop(body)
                with suppress(ConnectorError, OperationError):
                    batch_id = extract(
                        self.house, source=self.kind, property_id=CITY.property_id, dataset=dataset, window=window
                    )
                    load = load_batch(self.house, batch_id)
                    self.said += [tables.load_sentence(load), str(tables.load_rows(load))]

    def _drop(self, body: bytes) -> None:
        if self.kind == "file_drop":
            (self.folder / "drop").mkdir(exist_ok=True)
            (self.folder / "drop" / "stays.csv").write_bytes(body)

    def _planted(self, reader: str) -> Iterator[bytes]:
        for sample in self._of(reader):
            yield from planted(sample.body, self.plants)

    def _of(self, reader: str) -> Sequence[Sample]:
        return [sample for sample in self.samples if sample.reader == reader][:1]

    def _show(self) -> None:
        """Write down what operators are shown of it."""
        shift = work_shift(self.house, seconds=0.1, idle_seconds=0.0)
        replay = replay_quarantine(self.house, Choice())
        shown = (
            tables.shift_sentence(shift), tables.shift_rows(shift), tables.conflict_rows(shift), tables.replay_rows(replay), shift, replay,
        )  # fmt: skip
        self.said += [str(each) for each in shown]


@pytest.fixture(params=READY)
def road(
    request: pytest.FixtureRequest, house: Engine, clean_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Road:
    monkeypatch.setattr(HttpClient, "_take_turn", lambda *_: None)
    return Road(house, clean_database, tmp_path, str(request.param))


def logged(records: Iterable[logging.LogRecord]) -> list[str]:
    """Give all that was logged, with the traces of errors."""
    write = logging.Formatter()
    return [write.format(record) for record in records]


def test_no_number_and_no_code_is_left_anywhere(road: Road, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        road.travel()
    told = {"database": dump(road.url), "log": logged(caplog.records), "answers": road.said}

    assert {
        name: (numbers_left(texts, road.plants), codes_left(texts, road.plants)) for name, texts in told.items()
    } == {name: ([], []) for name in told}
    stored = ask(road.house, "SELECT (SELECT count(*) FROM raw.inbox) + (SELECT count(*) FROM raw.pages)")
    assert stored[0][0] > 0
    assert len(road.plants.numbers) > 20


def test_a_number_that_is_not_removed_is_seen(
    house: Engine, clean_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look itself: with the removal switched off it finds what was planted."""
    monkeypatch.setattr("operations.stored_bodies.remove_cards", lambda body: Cleaned(body, 0))
    road = Road(house, clean_database, tmp_path, "hotel_rest")
    road.travel()
    texts = dump(clean_database)

    assert len(numbers_left(texts, road.plants)) > 20
    assert len(codes_left(texts, road.plants)) > 10
