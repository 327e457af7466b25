"""A hotel on six simulated channels, each with the protocol and the manners of a real one."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import Engine

from benchmarks.channel_services import KEY
from hotel.properties import Property
from hotel.rooms import RoomType
from sandbox.channels import alpinebits, channex, opentravel_generic, siteminder_told
from sandbox.channels.desk import Desk
from sandbox.channels.running import Channel, running_channels
from sandbox.channels.sales import Sale, Shop
from storage.integrations import Integration, save_integration, save_property
from storage.room_types import save_room_types
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
    """One channel: how it is pulled (`cadence_seconds`), or how it posts to us; what opens it, on either side.

    `webhook` None: nothing is posted. `opens` is the webhook secret, made of the desk's keys.
    """

    name: str
    kind: str
    credentials: tuple[str, ...]
    cadence_seconds: int | None = None
    webhook: Push | None = None
    opens: str = ""
    settings: Mapping[str, Any] = MappingProxyType({})
    path: str = ""

    @property
    def is_pulled(self) -> bool:
        """Tell whether its bookings lie in a queue of its own; a hint may still come by webhook."""
        return self.cadence_seconds is not None


def _siteminder(desk: Desk, sold: Sale) -> tuple[dict[str, str], bytes]:
    login = desk.keys.username, desk.keys.password
    body = siteminder_told.pushed(f"{sold.ref}-{sold.revision}", sold, login, datetime.now(UTC))
    return {"Content-Type": "text/xml; charset=utf-8"}, body


LOGIN: Final = ("username", "password")
SELLERS: Final = (
    Seller("booking_com", "booking_com", LOGIN, 20),
    Seller("expedia", "expedia", LOGIN, 10),
    Seller("channex", "channex", ("api_key",), 60, channex.webhook, "{webhook_secret}"),
    Seller(
        "alpinebits", "alpinebits", LOGIN, None, alpinebits.webhook, "alpinebits:{webhook_secret}", {"pulls_bookings": False},
        "/server",
    ),
    Seller(
        "siteminder", "siteminder", LOGIN, None, _siteminder, "{username}:{password}",
        {"pms_code": "SANDBOX", "pulls_bookings": False},
    ),
    Seller(
        "partner", "opentravel_generic", LOGIN, None, opentravel_generic.webhook, "partner:{webhook_secret}",
        {"soap": "none", "auth": "basic", "counts": {"path": "/ota", "locates": True}, "pulls_bookings": False},
    ),
)  # fmt: skip


class Fair(NamedTuple):
    """All channels and their desks, by name."""

    sellers: dict[str, Seller]
    desks: dict[str, Desk]
    shop: Shop

    def webhook(self, name: str, sale: Sale) -> tuple[dict[str, str], bytes]:
        """Give headers and body of what a channel posts to us when it has sold."""
        push = self.sellers[name].webhook
        if push is None:
            msg = f"{name} posts nothing"
            raise ValueError(msg)
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
    with house.begin() as connection:
        save_property(connection, place)
        save_room_types(connection, HOUSE, [RoomType(HOUSE, code, code, ROOMS_PER_TYPE) for code in ROOM_TYPES])


def _write_account(house: Engine, seller: Seller, desk: Desk, address: str, today: date) -> None:
    keys: dict[str, Any] = desk.keys._asdict()
    shared = {"base_url": address, "as_is": list(AS_IS), "allow_private_hosts": True}
    account = Integration(
        seller.name, HOUSE, seller.kind, hotel_ref=HOTEL_REF, cadence_seconds=seller.cadence_seconds,
        pushes=("availability",), went_live_on=today, settings=shared | dict(seller.settings),
    )  # fmt: skip
    with house.begin() as connection:
        save_integration(
            connection, account, credentials={name: keys[name] for name in seller.credentials},
            webhook_secrets=[seller.opens.format(**keys)] if seller.opens else [], keys=Keys(KEY),
        )  # fmt: skip
