"""Every kind of outside system with what it would send: found in its contract tests, so that a new kind takes part by itself."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, Self
from unittest.mock import patch

from connectors.calls import Call, Response
from connectors.http import HttpClient
from connectors.ports import Connector, MappingPlace, WebhookReceiver
from connectors.queues import Pulled
from connectors.registry import KINDS, connector
from hotel.codebook import Codebook
from tests.contract import test_file_drop as file_drop
from tests.contract.booking_suites import WebhookReceiverContract
from tests.contract.channel_suites import QueueContract, SinkContract
from tests.contract.fakes import loopback_account, memory_ports
from tests.contract.suites import BOOK, SourceContract

# A kind whose folder holds no connector yet is nobody's parser.
READY = tuple(kind for kind in KINDS if find_spec(f"connectors.{kind}.connector"))
HOTEL_NUMBER = "1234567"
CODES: Codebook = BOOK._replace(
    hotel_refs={**BOOK.hotel_refs, HOTEL_NUMBER: "city-hotel"}, settings={"export": "hotel_bookings"}
)
PLACE = MappingPlace("i:7", 0, "city-hotel", datetime(2026, 3, 1, tzinfo=UTC))
_CONTRACT_TESTS = Path(__file__).resolve().parents[1] / "contract"


class Sent(NamedTuple):
    """A webhook as it goes over the wire."""

    headers: Mapping[str, str]
    body: bytes


class Sample(NamedTuple):
    """A body that a kind might send, and what reads it: `messages`, `queue`, or the dataset of a mapper."""

    reader: str
    body: bytes


@cache
def suites(kind: str) -> tuple[type[Any], ...]:
    """Give the contract suites of a kind: they know how its vendor tells things."""
    found: list[type[Any]] = []
    for path in sorted(_CONTRACT_TESTS.glob(f"test_{kind}*.py")):
        for name, each in inspect.getmembers(import_module(f"tests.contract.{path.stem}"), inspect.isclass):
            told = getattr(each, "connector", None)
            if name.startswith("Test") and isinstance(told, Connector) and told.kind == kind and each not in found:
                found.append(each)
    return tuple(found)


def receivers(kind: str) -> list[WebhookReceiverContract]:
    """Give the suites that know how a kind's webhooks are signed; none where it has no webhooks."""
    return [each() for each in suites(kind) if issubclass(each, WebhookReceiverContract)]


def signed(suite: WebhookReceiverContract, body: bytes, secret: str | None = None) -> Sent:
    """Give a message as its sender signs it now; what a suite would verify is what goes over the wire."""
    sent: list[Sent] = []

    def seen(_: WebhookReceiver, headers: Mapping[str, str], told: bytes, *_rest: object) -> None:
        sent.append(Sent(dict(headers), told))

    assert suite.connector.webhooks
    with patch.object(type(suite.connector.webhooks), "verify", seen):
        suite.verified(body, suite.signed(body, secret or suite.secret, datetime.now(UTC)))
    return sent[0]


def signs_inside(suite: WebhookReceiverContract) -> bool:
    """Tell whether a sender signs in inside the body, not beside it."""
    return not signed(suite, suite.event(suite.row())).headers


def events(suite: WebhookReceiverContract) -> list[bytes]:
    """Give the messages of a booking and of its cancellation, not signed yet."""
    return [suite.event(suite.row()), suite.cancellation(suite.row())]


def opened(suite: Any) -> Any:
    """Open a suite's connector with an account on this machine; nobody answers there."""
    account = loopback_account("http://127.0.0.1:9", **getattr(suite, "options", {}))
    return suite.connector.open(account, suite.credentials, memory_ports())


class Answers:
    """Stands in for the network: every request of every client hears `body`."""

    def __init__(self) -> None:
        self.body = b""

    def __enter__(self) -> Self:
        def send(_: HttpClient, call: Call) -> Response:
            return Response(200, self.body, "", call.endpoint_code)

        self._patch = patch.object(HttpClient, "send", send)
        self._patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.stop()


def queue_suite(kind: str) -> QueueContract | None:
    """Give the suite of a kind's queue, None where it has none."""
    return next((each() for each in suites(kind) if issubclass(each, QueueContract)), None)


def sink_suite(kind: str) -> SinkContract | None:
    """Give the suite of what a kind is sold by, None where it takes nothing."""
    return next((each() for each in suites(kind) if issubclass(each, SinkContract)), None)


def pulled(suite: QueueContract, answer: bytes) -> Sequence[Pulled]:
    """Give the messages of a queue's answer."""
    with Answers() as network:
        network.body = answer
        client = opened(suite)
        try:
            return tuple(client.waiting())
        finally:
            client.close()


def samples(kind: str) -> Iterator[Sample]:
    """Yield what the contract tests of a kind know it to send."""
    if kind == "file_drop":
        yield Sample("reservations", file_drop.as_csv(file_drop.BOOKINGS))
    for receiver in receivers(kind):
        for body in events(receiver):
            yield Sample("messages", signed(receiver, body).body)
    queue = queue_suite(kind)
    if queue:
        answer = queue.answer([queue.message(1), queue.message(2)]).body
        yield Sample("queue", answer)
        for each in pulled(queue, answer):
            yield Sample("messages", each.body)
    for suite in suites(kind):
        if issubclass(suite, SourceContract) and suite.dataset in connector(kind).mappers:
            source = suite()
            yield Sample(suite.dataset, source.answer([source.told(1), source.told(2)], None, 2).body)
