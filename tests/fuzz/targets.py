"""Every parser that reads strangers' bytes, with bodies to begin from: each kind's own, and what several vendors speak."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from connectors import card_fields
from connectors.cards import remove_cards
from connectors.errors import ConnectorError
from connectors.file_drop import received
from connectors.file_drop.client import _read
from connectors.file_drop.export import load_export
from connectors.file_drop.rules import Export
from connectors.logins import without_logins
from connectors.ports import Connector, Mapper, RepliesInKind
from connectors.protocols import safe_xml, soap, wsse
from connectors.protocols.opentravel import outcomes, splitting
from connectors.protocols.opentravel.dialect import STANDARD
from connectors.protocols.opentravel.reading import map_reservations
from connectors.registry import connector
from tests.contract import test_file_drop as file_drop
from tests.contract.booking_suites import WebhookReceiverContract
from tests.fuzz.harness import Target
from tests.hostile.kinds import (
    CODES,
    PLACE,
    READY,
    Answers,
    opened,
    queue_suite,
    receivers,
    samples,
    signed,
    signs_inside,
    sink_suite,
)
from tests.hostile.sold import sold_samples

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
PROTOCOLS = "protocols"
_MOST_OF_CORPUS = 40
_LARGEST_SEED = 6_144
# Where real messages of a kind lie, if they are there: one of each size is as good as all.
_REAL = {
    "expedia": ("ota_xml/expedia_docs",),
    "channex": ("pms/channex_wl_docs",),
    "siteminder": ("ota_xml/transcribed_vendor_pages",),
    "alpinebits": ("ota_xml/alpinebits_odh",),
    "opentravel_generic": ("ota_xml/samples_opentravel_2011B", "ota_xml/travelgatex_docs"),
    "booking_com": ("ota_xml/samples_opentravel_2011B",),
    PROTOCOLS: ("ota_xml/samples_opentravel_2011B", "ota_xml/alpinebits_odh"),
}


def groups() -> tuple[str, ...]:
    """Name the groups of targets: each kind that has a connector, and the protocols."""
    return (*READY, PROTOCOLS)


@cache
def targets(group: str) -> tuple[Target, ...]:
    """Give the targets of a kind, or of the protocols."""
    made = _of_protocols() if group == PROTOCOLS else _of_kind(group)
    return tuple(target._replace(seeds=tuple(dict.fromkeys(target.seeds))) for target in made)


def _of_kind(kind: str) -> Iterator[Target]:
    this = connector(kind)
    told: dict[str, list[bytes]] = {}
    for sample in [*samples(kind), *sold_samples(kind)]:
        told.setdefault(sample.reader, []).append(sample.body)
    queue, sink = queue_suite(kind), sink_suite(kind)
    if queue:
        told.setdefault("reservations", []).extend(told.get("queue", ()))
        yield Target(f"{kind}.queue", tuple(told["queue"]), _asking(queue, lambda client: client.waiting()))
    if this.messages:
        yield Target(f"{kind}.messages", (*told.get("messages", ()), *real_messages(kind)), _reading(this.messages))
    # What the file drop maps it has written itself, after it has read the file.
    for dataset, mapper in this.mappers.items() if kind != "file_drop" else ():
        yield Target(f"{kind}.{dataset}", tuple(told.get(dataset, ())), _reading(mapper))
    if sink:
        counts = sink.COUNTS
        seeds = [each.body for each in (sink.taken(), sink.partly_refused()) if each]
        yield Target(
            f"{kind}.answers",
            tuple(seeds),
            _asking(sink, lambda client: client.push_inventory(counts, idempotency_key="k")),
        )
    if kind == "file_drop":
        files = tuple(make(file_drop.BOOKINGS) for make in file_drop.KINDS.values())
        yield Target("file_drop.files", files, partial(_dropped, load_export("hotel_bookings")))
    for receiver in receivers(kind)[:1]:
        yield Target(f"{kind}.webhook", tuple(told["messages"]), _verifying(this, receiver))


def _reading(mapper: Mapper) -> Callable[[bytes], Iterable[Any]]:
    return lambda body: mapper(body, CODES, PLACE)


def _asking(suite: Any, ask: Callable[[Any], Any]) -> Callable[[bytes], Iterable[Any]]:
    """Let a client of the kind hear the input as the answer to what it asks."""
    network, client = Answers(), opened(suite)
    fresh = dict(vars(client))

    def run(body: bytes) -> Iterable[Any]:
        vars(client).update(fresh)  # what it remembers of the last answer
        with network:
            network.body = body
            found = ask(client)
        return [len(found) > 1]

    return run


def _verifying(this: Connector, suite: WebhookReceiverContract) -> Callable[[bytes], Iterable[Any]]:
    """Let the receiver see the input signed; a sender that signs inside the body has done so in what it began from."""
    webhooks, now = this.webhooks, datetime.now(UTC)
    assert webhooks
    is_inside = signs_inside(suite)

    def run(body: bytes) -> Iterable[Any]:
        headers = {} if is_inside else signed(suite, body).headers
        facts = webhooks.verify(headers, body, [suite.secret], now)
        if isinstance(webhooks, RepliesInKind):
            webhooks.reply(facts, 1)
        return [facts.event_type[:20]]

    return run


def _dropped(export: Export, body: bytes) -> Iterator[Any]:
    """Read a file as the file drop reads it: a workbook by its signature, JSON lines by a brace, else delimited text."""
    suffix = ".jsonl" if body.lstrip()[:1] == b"{" else ".csv"
    content = received._unpacked("stays.gz", body) if body.startswith(b"\x1f\x8b") else body
    told = received.Received("stays", suffix, b"", content)
    for page in _read(told, export, 1_000_000)[1]:
        yield from connector("file_drop").mappers["reservations"](page.body, CODES, PLACE)


def _of_protocols() -> Iterator[Target]:
    reservations = real_messages(PROTOCOLS) + [
        sample.body for kind in READY for sample in samples(kind) if sample.body.lstrip()[:1] == b"<"
    ]
    enveloped = [
        soap.wrap(safe_xml.parse(body), version)
        for body in reservations[:6]
        for version in (soap.SOAP_11, soap.SOAP_12)
    ]
    login = wsse.Login("hotel", "key")
    tokens = (
        wsse.text_token(login),
        wsse.digest_token(login, nonce=b"n" * 16, created_at=datetime(2026, 3, 1, tzinfo=UTC)),
    )
    heads = [soap.wrap(safe_xml.parse(b"<a/>"), soap.SOAP_11, token) for token in tokens]
    faults = [soap.fault(version, "no", is_theirs=theirs) for version in soap.NAMESPACES for theirs in (True, False)]
    bodies = tuple(reservations)
    yield Target("protocols.xml", (*bodies, *heads), lambda body: [safe_xml.parse(body).tag[:10]])
    yield Target("protocols.soap", (*heads, *faults, *enveloped), lambda body: [soap.unwrap(body).version])
    yield Target("protocols.wsse", tuple(heads), _signing_in)
    yield Target("protocols.opentravel", (*bodies, *enveloped), _opentravel)
    yield Target("protocols.split", (*bodies, *enveloped), lambda body: [len(splitting.split(body, STANDARD)) > 1])
    yield Target("protocols.outcome", _ANSWERS, lambda body: [outcomes.outcome(body)[:2]])
    secrets = ["hotel:key", "sandbox-webhook-key"]
    yield Target("protocols.logins", (*bodies[:10], *heads), lambda body: [len(without_logins(body, secrets)) > 0])
    yield Target("protocols.cards", tuple(_card_seeds(bodies)), _cleaned)


def _opentravel(body: bytes) -> Iterable[Any]:
    return map_reservations(body, CODES, PLACE, STANDARD)


def _signing_in(body: bytes) -> Iterable[Any]:
    found = soap.unwrap(body).security
    return [wsse.verify(found, ["hotel:key"], datetime(2026, 3, 1, tzinfo=UTC)).kind]


def _cleaned(body: bytes) -> list[bool]:
    """Remove cards twice: the second time nothing is left to remove, and text stays text."""
    once = remove_cards(body)
    if remove_cards(once.body).body != once.body:
        msg = "cleaned twice it is cleaner than once"
        raise AssertionError(msg)
    if card_fields.is_utf8(body) and not card_fields.is_utf8(once.body):
        msg = "text is no text any more"
        raise AssertionError(msg)
    return [once.found_count > 0]


def _card_seeds(bodies: Sequence[bytes]) -> Iterator[bytes]:
    yield from bodies[:10]
    yield b'{"card": {"number": "4111 1111 1111 1111", "cvv": "123"}, "blob": "NDExMTExMTExMTExMTExMQ=="}'
    yield b'<PaymentCard CardNumber="4111-1111-1111-1111" SeriesCode="737"><x>&#52;&#x31;11</x></PaymentCard>'
    yield b"name;card_number;cvv\nJane;4111111111111111;123\n"
    yield b"booking=%7B%22cc%22%3A%224111+1111+1111+1111%22%7D&cvc=123"


_OTA = 'xmlns="http://www.opentravel.org/OTA/2003/05"'
_ANSWERS = tuple(
    f'<OTA_HotelAvailNotifRS {_OTA} EchoToken="e" Version="1.0">{inside}</OTA_HotelAvailNotifRS>'.encode()
    for inside in (
        "<Success/>",
        '<Success/><Warnings><Warning Type="3" Code="392" RecordID="1">Not sold</Warning></Warnings>',
        '<Errors><Error Type="4" Code="497" ShortText="Not allowed"/><Error Type="12">No</Error></Errors>',
    )
)


def real_messages(group: str) -> list[bytes]:
    """Give real messages from the corpus, smallest first, as many as are worth it; none where it is absent."""
    paths = [
        path
        for folder in _REAL.get(group, ())
        for path in (CORPUS / folder).rglob("*")
        if path.suffix in (".xml", ".json")
    ]
    small = sorted(
        (path for path in paths if path.stat().st_size <= _LARGEST_SEED),
        key=lambda path: (path.stat().st_size, path.name),
    )
    return [path.read_bytes() for path in small[:: max(1, len(small) // _MOST_OF_CORPUS)] if _is_xml_or_json(path)]


def _is_xml_or_json(path: Path) -> bool:
    try:
        return path.suffix == ".json" or safe_xml.parse(path.read_bytes()) is not None
    except ConnectorError:
        return False
