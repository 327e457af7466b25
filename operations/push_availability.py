"""Tell channels what may be sold: from scratch where that is asked for, then whatever is due, each channel by itself."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine

from connectors.pushes import KINDS
from hotel.codebook import ANY_PROPERTY
from hotel.pushes import PushSummary
from operations.deliver_outbox import deliver
from operations.errors import NotConfiguredError, error_place
from storage.deliveries import report_channels
from storage.engine import driver
from storage.enqueueing import Stretch, enqueue_stretch
from storage.integrations import told_integrations
from storage.outbox import destinations
from storage.retrying import in_transaction
from storage.sync_states import begin_anew

POLL_SECONDS: Final = 0.5
# So long a message at hand is waited for when the process was asked to stop.
PATIENCE_SECONDS: Final = 3.0
ALL: Final = "*"
# Set when this process was asked to stop: its deliveries end after the message at hand.
LEAVING: Final = threading.Event()
logger = logging.getLogger(__name__)


class Order(NamedTuple):
    """Whom to tell: `*` for all. `is_full`: everything of the dates and kinds from scratch; else what waits anyway.

    Dates are those of `storage.enqueueing.Stretch`: left out, from today on as far ahead as is sold.
    """

    channel: str = ALL
    property_id: str = ANY_PROPERTY
    first_on: date | None = None
    last_on: date | None = None
    kinds: Sequence[str] = KINDS
    is_full: bool = False


def push_availability(house: Engine, order: Order, *, seconds: float, idle_seconds: float = 0.0) -> PushSummary:
    """Tell the channels of an order until nothing has been due for `idle_seconds`, `seconds` have passed or we leave.

    Each channel has a thread of its own: one that is slow, refuses or is away holds up no other (law 15). The summary is
    read from what was recorded, whoever sent it. Raises NotConfiguredError where a channel that is named is told nothing.
    """
    started_at, deadline = datetime.now(UTC), time.monotonic() + seconds
    with house.connect() as connection:
        told = _told(connection, order)
    count = sum(_begin_anew(house, order, property_id) for property_id in _properties(told)) if order.is_full else 0
    channels = sorted({source for source, _ in told})
    _beside_each_other([partial(_work_off, house, channel, deadline, idle_seconds) for channel in channels])
    with house.begin() as connection:
        return PushSummary(started_at, datetime.now(UTC), count, report_channels(connection, channels))


def due_channels(house: Engine) -> list[str]:
    """List the channels that something is due for."""
    with house.connect() as connection:
        return destinations(connection)


def _told(connection: Connection, order: Order) -> list[tuple[str, str]]:
    """Give the accounts of an order as (source, property)."""
    found = [
        (each.source, each.property_id or ANY_PROPERTY)
        for each in told_integrations(connection, order.kinds)
        if order.channel in {ALL, each.source} and order.property_id in {ANY_PROPERTY, each.property_id}
    ]
    if not found and order.channel != ALL:
        msg = (
            f"{order.channel!r} is told no {' or '.join(order.kinds)} of property {order.property_id!r}: "
            "state pushes and went_live_on in ops.integrations"
        )
        raise NotConfiguredError(msg)
    return found


def _properties(told: Sequence[tuple[str, str]]) -> list[str]:
    return sorted({property_id for _, property_id in told})


def _begin_anew(house: Engine, order: Order, property_id: str) -> int:
    stretch = Stretch(property_id, order.channel, order.first_on, order.last_on, order.kinds)

    def enqueue(connection: Connection) -> int:
        begin_anew(connection, order.channel, property_id, order.kinds)
        return enqueue_stretch(driver(connection).cursor(), stretch, "full")

    return in_transaction(house, enqueue)


def _beside_each_other(works: Sequence[Callable[[], None]]) -> None:
    """Do works in threads of their own until all are done; of one that is long in ending we take leave without it."""
    # Daemons: a message that a channel keeps waiting must not keep the process from ending. The row is sent again.
    threads = [threading.Thread(target=work, name="push", daemon=True) for work in works]
    for each in threads:
        each.start()
    for each in threads:
        while each.is_alive() and not LEAVING.is_set():
            each.join(POLL_SECONDS)
    deadline = time.monotonic() + PATIENCE_SECONDS
    for each in threads:
        each.join(max(deadline - time.monotonic(), 0))


def _work_off(house: Engine, channel: str, deadline: float, idle_seconds: float) -> None:
    """Deliver to one channel until it is quiet, or the time is over. What fails is logged: the others go on."""
    quiet_since = time.monotonic()
    while time.monotonic() < deadline and not LEAVING.is_set():
        try:
            with house.connect() as connection:
                is_due = bool(destinations(connection, among=[channel]))
            if is_due:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since >= idle_seconds:
                return
            if is_due and deliver(house, channel, is_leaving=LEAVING.is_set).claimed_count:
                continue
        except Exception as error:  # noqa: BLE001 whatever it is, it is this channel's
            logger.error("telling %s failed: %s", channel, error_place(error))  # noqa: TRY400
        LEAVING.wait(POLL_SECONDS)
