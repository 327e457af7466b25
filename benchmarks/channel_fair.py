"""A hotel on six simulated channels, each with the protocol and the manners of a real one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any, Final, NamedTuple

from sqlalchemy import Engine, text

from benchmarks.channel_services import KEY
from hotel.properties import Property
from sandbox.channels.desk import Desk
from sandbox.channels.running import Channel, running_channels
from sandbox.channels.sales import Sale, Shop
from storage.integrations import Integration, save_integration, save_property
from storage.sealing import Keys

HOUSE: Final = "fair-hotel"
HOTEL_REF: Final = "4711"
ROOM_TYPES: Final = ("101", "102", "103", "104")
RATE_PLANS: Final = ("901", "902")
ROOMS_PER_TYPE: Final = 2_000
AS_IS: Final = (
    "room_type", "rate_plan", "channel", "market_segment", "origin", "customer_type", "meal_plan", "guarantee",
)  # fmt: skip
Push = Callable[[Desk, Sale], tuple[dict[str, str], bytes]]


class Seller(NamedTuple):
    """One channel: how it is pulled (`cadence_seconds`), or that it posts to us; what opens it, on either side."""

    name: str
    kind: str
    cadence_seconds: int | None
    pushes_bookings: bool
    credentials: tuple[str, ...]
    opens: str
    path: str = ""

    @property
    def is_pulled(self) -> bool:
        """Tell whether its bookings lie in a queue of its own; a hint may still come by webhook."""
        return self.cadence_seconds is not None


SELLERS: Final = (
    Seller("booking_com", "booking_com", 20, pushes_bookings=False, credentials=("username", "password"), opens=""),
    Seller("expedia", "expedia", 10, pushes_bookings=False, credentials=("username", "password"), opens=""),
    Seller("channex", "channex", 60, pushes_bookings=True, credentials=("api_key",), opens="{webhook_secret}"),
    Seller(
        "alpinebits", "alpinebits", None, pushes_bookings=True, credentials=("username", "password"),
        opens="alpinebits:{webhook_secret}", path="/server",
    ),
    Seller(
        "siteminder", "siteminder", None, pushes_bookings=True, credentials=("username", "password"),
        opens="{username}:{password}",
    ),
    Seller(
        "rategain", "opentravel_generic", None, pushes_bookings=True, credentials=("username", "password"),
        opens="{username}:{password}",
    ),
)  # fmt: skip


class Fair(NamedTuple):
    """All channels and their desks, by name."""

    sellers: dict[str, Seller]
    desks: dict[str, Desk]
    shop: Shop

    def webhook(self, name: str, sale: Sale) -> tuple[dict[str, str], bytes]:
        """Give headers and body of what a channel posts to us when it has sold."""
        push: Push = import_module(f"sandbox.channels.{self.sellers[name].kind}").webhook
        return push(self.desks[name], sale)


@contextmanager
def running_fair(house: Engine, today: date) -> Iterator[Fair]:
    """Write the hotel and its channels, and serve their side of the wire while the block runs."""
    desks = {each.name: Desk() for each in SELLERS}
    channels = {each.name: Channel(each.kind, desks[each.name]) for each in SELLERS}
    shop = Shop(HOTEL_REF, "EUR", ROOM_TYPES, RATE_PLANS, today + timedelta(days=2), 120, datetime.now(UTC))
    with running_channels(channels) as addresses:
        _write_house(house)
        for seller in SELLERS:
            _write_account(house, seller, desks[seller.name], addresses[seller.name] + seller.path, today)
        yield Fair({each.name: each for each in SELLERS}, desks, shop)


def _write_house(house: Engine) -> None:
    place = Property(HOUSE, "Fair Hotel", "Europe/Lisbon", "EUR", room_count=ROOMS_PER_TYPE * len(ROOM_TYPES))
    query = """
        INSERT INTO core.room_types (property_id, room_type_code, name, room_count, source_version, received_seq, load_id,
                                     raw_ref, row_hash)
        VALUES (:house, :code, :code, :count, 1, 1, 1, 'fair', '')
    """
    with house.begin() as connection:
        save_property(connection, place)
        for code in ROOM_TYPES:
            connection.execute(text(query), {"house": HOUSE, "code": code, "count": ROOMS_PER_TYPE})


def _write_account(house: Engine, seller: Seller, desk: Desk, address: str, today: date) -> None:
    keys: dict[str, Any] = desk.keys._asdict()
    account = Integration(
        seller.name, HOUSE, seller.kind, hotel_ref=HOTEL_REF, pushes=("availability",), went_live_on=today,
        settings={"base_url": address, "as_is": list(AS_IS), "allow_private_hosts": True},
    )  # fmt: skip
    with house.begin() as connection:
        save_integration(
            connection, account, credentials={name: keys[name] for name in seller.credentials},
            webhook_secrets=[seller.opens.format(**keys)] if seller.opens else [], keys=Keys(KEY),
        )  # fmt: skip
        if seller.cadence_seconds:
            query = "UPDATE ops.integrations SET cadence_seconds = :seconds WHERE source = :source"
            connection.execute(text(query), {"seconds": seller.cadence_seconds, "source": seller.name})
