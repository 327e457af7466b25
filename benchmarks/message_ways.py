"""The same bookings in two protocols, and what is done with their messages: parsed, mapped, brought in."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec
from lxml import etree
from sqlalchemy import Connection, text

from benchmarks.channel_fair import AS_IS, HOTEL_REF, HOUSE, RATE_PLANS, ROOM_TYPES, ROOMS_PER_TYPE
from benchmarks.server import Server
from benchmarks.stages import stopwatch, stopwatches
from connectors.cards import remove_cards
from connectors.logins import without_logins
from connectors.ports import MappingPlace
from connectors.protocols import safe_xml, soap
from connectors.registry import connector
from hotel.codebook import Codebook
from hotel.incoming import Incoming
from hotel.properties import Property
from hotel.rooms import RoomType
from operations import import_waiting
from sandbox.channels import channex_told, siteminder_told
from sandbox.channels.sales import Sale, Shop, sale
from sandbox.world.dice import dice
from storage.codebooks import save_property
from storage.engine import engine
from storage.integrations import Integration, save_integration
from storage.receiving import Delivery, receive
from storage.room_types import save_room_types

PLACE: Final = Property(HOUSE, "Fair Hotel", "Europe/Lisbon", "EUR", room_count=ROOMS_PER_TYPE * len(ROOM_TYPES))
SHOP: Final = Shop(HOTEL_REF, "EUR", ROOM_TYPES, RATE_PLANS, date(2026, 12, 1), 120)
LOGIN: Final = ("sandbox-hotel", "sandbox-hotel-key")
SOLD_AT: Final = datetime(2026, 11, 1, tzinfo=UTC)
# What takes microseconds a message is done so often that a round is long enough to be timed.
PASSES: Final = 10
# The steps of an import, each by the name under which it is called: beside those of every load.
STEPS: Final = {
    "claim": (import_waiting, "claim"),
    "read": (import_waiting, "read_messages"),
    "parse": (soap, "parse"),
    "mark": (import_waiting, "finish"),
}
_WRONG: Final = """
SELECT (SELECT count(*) FROM raw.inbox WHERE outcome IS DISTINCT FROM 'new'),
    (SELECT coalesce(sum(total_minor), 0) FROM core.reservations WHERE status = 'confirmed')
"""


class Protocol(NamedTuple):
    """Bookings as one kind of channel tells them: messages as they come, and who parses one with nothing around it."""

    name: str
    kind: str
    sales: Sequence[Sale]
    bodies: Sequence[bytes]
    bare: Callable[[bytes], object]
    is_xml: bool


class Way(NamedTuple):
    """One contender: what is prepared, what is timed, and how often that does each message."""

    prepare: Callable[[], None]
    run: Callable[[], Mapping[str, float] | None]
    passes: int = 1


def protocols(count: int) -> tuple[Protocol, ...]:
    """Draw so many bookings and tell them in each protocol."""
    throws = dice("messages")
    sales = [sale(throws, number, SHOP) for number in range(1, count + 1)]
    xml = [siteminder_told.pushed(f"{each.ref}-1", each, LOGIN, SOLD_AT) for each in sales]
    told = [msgspec.json.encode({"data": channex_told.revision(each)}) for each in sales]
    return (
        Protocol("OTA_HotelResNotifRQ (SiteMinder)", "siteminder", sales, xml, etree.fromstring, is_xml=True),
        Protocol("JSON revisions (Channex)", "channex", sales, told, msgspec.json.decode, is_xml=False),
    )


def parsing(protocol: Protocol, parse: Callable[[bytes], object]) -> Way:
    """Parse every message and keep none."""

    def run() -> None:
        for _ in range(PASSES):
            for body in protocol.bodies:
                parse(body)

    return Way(_nothing, run, PASSES)


def parsing_safely(protocol: Protocol) -> Way:
    """Parse every message of XML as we parse what strangers send."""
    return parsing(protocol, safe_xml.parse)


def mapping(protocol: Protocol) -> Way:
    """Take cards and login out of every message and map it."""
    mapper = connector(protocol.kind).messages
    book = Codebook(protocol.kind, {HOUSE: PLACE}, {HOTEL_REF: HOUSE}, {}, frozenset(AS_IS))
    place = MappingPlace("i:1", 0, HOUSE, SOLD_AT)

    def run() -> None:
        for body in protocol.bodies:
            rows = list(mapper(_cleaned(body), book, place)) if mapper else []
            assert rows, "a message without rows"
            assert all(isinstance(row, Incoming) for row in rows), "a row was refused"

    return Way(_nothing, run)


def importing(protocol: Protocol, server: Server) -> Way:
    """Import an inbox full of the messages until it is empty; what goes before is told beside it, untimed."""
    before: defaultdict[str, float] = defaultdict(float)
    url = server.address("messages")

    def fill() -> None:
        before.clear()
        house = engine(server.fresh("messages"))
        with house.begin() as connection:
            _set_up(connection, protocol.kind)
            with stopwatch(before, "cards"):
                kept = [_cleaned(body) for body in protocol.bodies]
            with stopwatch(before, "store"):
                receive(connection, [_delivery(protocol, number, body) for number, body in enumerate(kept)])
        server.settle(url)

    def run() -> dict[str, float]:
        house, cpu = engine(url), time.process_time()
        with stopwatches(STEPS) as seconds:
            while import_waiting.import_waiting(house):
                pass
        told = seconds | before | {"import cpu": time.process_time() - cpu}
        with house.connect() as connection:
            found = tuple(connection.execute(text(_WRONG)).one())
        assert found == (0, sum(each.total_minor for each in protocol.sales)), f"not imported, held: {found}"
        return told

    return Way(fill, run)


def _nothing() -> None:
    pass


def _cleaned(body: bytes) -> bytes:
    return remove_cards(without_logins(body, [":".join(LOGIN)])).body


def _set_up(connection: Connection, kind: str) -> None:
    """Write the house with rooms to count, and an account that is told how many are left."""
    save_property(connection, PLACE)
    save_room_types(connection, HOUSE, [RoomType(HOUSE, code, code, ROOMS_PER_TYPE) for code in ROOM_TYPES])
    settings = {"as_is": list(AS_IS)}
    account = Integration(
        kind, HOUSE, kind, settings=settings, hotel_ref=HOTEL_REF, pushes=("availability",), went_live_on=SOLD_AT.date()
    )
    save_integration(connection, account)


def _delivery(protocol: Protocol, number: int, body: bytes) -> Delivery:
    digest, event_id = sha256(protocol.bodies[number]).digest(), protocol.sales[number].ref
    return Delivery(protocol.kind, "", event_id, "booking.created", body, digest, {}, "none", HOUSE)
