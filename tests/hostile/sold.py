"""What each channel of the sandbox tells of a sale, pulled by the kind's own client over HTTP."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from random import Random
from typing import Any

from connectors.errors import BadSignature
from connectors.ports import Account, Credentials
from connectors.registry import connector
from sandbox.channels import expedia_told, siteminder_told
from sandbox.channels.desk import Desk, Keys
from sandbox.channels.running import Channel, running_channels
from sandbox.channels.sales import CANCELLED, MODIFIED, NEW, Sale, Shop, sale
from tests.contract.fakes import memory_ports
from tests.hostile.kinds import HOTEL_NUMBER, READY, Sample, Sent

SHOP = Shop(
    HOTEL_NUMBER, "EUR", ("STD", "DLX"), ("BAR", "NRF"), date(2026, 10, 1), now=datetime(2026, 9, 15, 12, tzinfo=UTC)
)
SOLD = tuple(kind for kind in READY if find_spec(f"sandbox.channels.{kind}"))
_KEYS = Keys()
# Whatever a vendor calls the keys of a desk.
CREDENTIALS: Credentials = {
    **_KEYS._asdict(),
    "vendor_id": _KEYS.username,
    "vendor_password": _KEYS.password,
    "user_token": _KEYS.api_key,
}
# What a kind must be told beside the address and the keys, and where under its address it is served.
_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "alpinebits": {"standard_occupancy": 2},
    "opentravel_generic": {
        "pull": {"path": "/ota", "action": "urn:read"},
        "acknowledge": {"path": "/ota"},
        "soap": "none",
        "auth": "basic",
    },
    "siteminder": {"pms_code": "SANDBOX"},
}
_PATHS = {"alpinebits": "/server"}
_TRANSACTIONS = {NEW: expedia_told.BOOK, MODIFIED: expedia_told.MODIFY, CANCELLED: expedia_told.CANCEL}
# How a channel of the sandbox calls what writes the webhook of a sale.
_WRITERS = ("webhook", "event", "callback")


def sales(count: int, seed: int = 7) -> list[Sale]:
    """Draw sales of all sorts: several rooms, cards, people of many scripts."""
    dice = Random(seed)
    return [sale(dice, number, SHOP) for number in range(1, count + 1)]


@contextmanager
def desks(kinds: Sequence[str]) -> Iterator[dict[str, tuple[Desk, str]]]:
    """Serve the sandbox's channels of these kinds; gives each kind's desk and address."""
    open_desks = {kind: Desk() for kind in kinds}
    with running_channels({kind: Channel(kind, desk) for kind, desk in open_desks.items()}) as addresses:
        yield {kind: (desk, addresses[kind]) for kind, desk in open_desks.items()}


def settings(kind: str, address: str) -> dict[str, Any]:
    """Give the settings of an integration with a kind's desk."""
    return {"base_url": address + _PATHS.get(kind, ""), **_SETTINGS.get(kind, {})}


def client(kind: str, address: str) -> Any:
    """Open a kind's client for the hotel's desk."""
    account = Account(kind, "city-hotel", HOTEL_NUMBER, settings(kind, address), allow_private_hosts=True)
    return connector(kind).open(account, CREDENTIALS, memory_ports())


def webhook(kind: str, desk: Desk, sold: Sale) -> Sent | None:
    """Give the webhook of a sale as a kind's channel sends it; None where the sandbox writes none."""
    login = (desk.keys.username, desk.keys.password)
    if kind == "expedia":
        told = expedia_told.Transaction(sold.ref, _TRANSACTIONS[sold.kind], sold, sold.rooms[0])
        return Sent({}, expedia_told.notification(told, f"{sold.ref}-{sold.revision}", login))
    if kind == "siteminder":
        return Sent({}, siteminder_told.pushed(f"{sold.ref}-{sold.revision}", sold, login, datetime.now(UTC)))
    module = import_module(f"sandbox.channels.{kind}")
    writer = next((getattr(module, name) for name in _WRITERS if hasattr(module, name)), None)
    return Sent(*writer(desk, sold)) if writer else None


def webhook_secret(kind: str, desk: Desk, sent: Sent) -> str:
    """Find the secret with which a kind's channel has signed: the desk's, or its login."""
    webhooks, told = connector(kind).webhooks, desk.keys
    headers = {name.lower(): value for name, value in sent.headers.items()}
    logins = [
        f"{name}:{key}" for name in (told.username, "partner", kind) for key in (told.password, told.webhook_secret)
    ]
    for secret in (told.webhook_secret, *logins):
        try:
            assert webhooks
            webhooks.verify(headers, sent.body, [secret], datetime.now(UTC))
        except BadSignature:
            continue
        return secret
    msg = f"nobody knows how the {kind} of the sandbox signs"
    raise AssertionError(msg)


def sold_samples(kind: str, count: int = 6) -> list[Sample]:
    """Give what a kind's channel tells of some sales, one of them changed and one cancelled; empty without a sandbox."""
    if kind not in SOLD:
        return []
    drawn = sales(count)
    with desks([kind]) as served:
        desk, address = served[kind]
        told = [*drawn, drawn[0].modified(comment="Later still"), drawn[1].cancelled()]
        for each in told:
            desk.sell(each)
        opened = client(kind, address)
        pushed = [sent for each in told if (sent := webhook(kind, desk, each))]
        try:
            return [*(Sample("messages", sent.body) for sent in pushed), *_waiting(opened), *_pages(kind, opened)]
        finally:
            opened.close()


def _waiting(opened: Any) -> list[Sample]:
    return [Sample("messages", each.body) for each in opened.waiting()] if hasattr(opened, "waiting") else []


def _pages(kind: str, opened: Any) -> list[Sample]:
    """Give the pages of a kind that is read by modification time; a queue has told its messages already."""
    if "reservations" not in connector(kind).mappers or hasattr(opened, "waiting"):
        return []
    since = SHOP.now - timedelta(hours=1)
    return [
        Sample("reservations", page.body) for page in opened.reservations(since=since, until=since + timedelta(days=1))
    ]
