"""Empty a queue: store each page, then acknowledge it (law 5). Killed anywhere, it is told again and nothing is doubled."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine

from connectors.errors import ConnectorError, RequestRefused, VendorChangedShape
from connectors.queues import BookingQueue, Pulled, Taken
from hotel.codebook import ANY_PROPERTY
from operations.sources import Source
from operations.stored_bodies import storable_id, storable_type, stored_body
from storage.inbox import Delivery, Receipt, receive
from storage.integrations import Integration
from storage.pulls import heard_before, note_acknowledged, note_heard, note_stored
from storage.retrying import in_transaction
from storage.sealing import Keys, house_keys

# Far more than any backlog has; what is left then comes with the next pull.
MOST_PAGES: Final = 500
# A channel may need a moment until it knows what it was told; then it tells something else, or it never will.
MOST_REPEATS: Final = 2
# Far more often than any guest changes a stay back.
MOST_TELLINGS: Final = 1_000
# Who died between an acknowledgement and its note has left none. Not told again for so long, the message was heard of:
# nothing is acknowledged on suspicion, for a booking's name may meanwhile stand for a newer message.
SETTLED: Final = timedelta(minutes=10)
# Where a queue names no deadline, somebody should look after a day.
ACKNOWLEDGE_SECONDS: Final = 86_400


@dataclass
class Tally:
    """What a pull has brought so far: messages told, those of them that are new, those the queue heard of."""

    told_count: int = 0
    new_count: int = 0
    acknowledged: set[int] = field(default_factory=set)


class QueuePull:
    """One pull of one queue. Its tally says how far it came, whatever ended it."""

    def __init__(
        self, house: Engine, account: Source, queue: BookingQueue, tally: Tally, *, begun_at: datetime
    ) -> None:
        self._house = house
        self._integration = account.integration
        self._place = account.integration.source, account.integration.property_id or ANY_PROPERTY
        self._queue = queue
        self._tally = tally
        self._keys = house_keys()
        self._begun_at = begun_at
        seconds = account.connector.capabilities.acknowledge_seconds or ACKNOWLEDGE_SECONDS
        self._acknowledge_by_at = begun_at + timedelta(seconds=seconds)
        self._refusal: ConnectorError | None = None

    def run(self, is_leaving: Callable[[], bool]) -> None:
        """Store and acknowledge page after page until none is told; raises a ConnectorError, what is stored stays."""
        repeats = 0
        for _ in range(MOST_PAGES):
            page = self._queue.waiting()
            if not page:
                break
            new_count, taken = self._store(page)
            acknowledged_count = self._acknowledge(taken)
            repeats = 0 if new_count or acknowledged_count else repeats + 1
            if repeats >= MOST_REPEATS:
                self._refuse_to_go_round()
            if is_leaving():
                return
        else:
            return
        if self._refusal:
            raise self._refusal
        with self._house.begin() as connection:
            account, before = self._integration.account, self._begun_at - SETTLED
            note_heard(connection, *self._place, account=account, received_before=before)

    def _store(self, page: Sequence[Pulled]) -> tuple[int, dict[int, str]]:
        """Commit a page; give how many of its messages are new, and the receipt of each by its number in the inbox.

        One without a receipt cannot be acknowledged.
        """
        deliveries = [self._delivery(each) for each in page]

        def store(connection: Connection) -> list[Receipt]:
            receipts = stored_under_names_of_their_own(connection, deliveries)
            self._store_anew(connection, page, deliveries, receipts)
            note_stored(connection, *self._place, sum(not each.is_duplicate for each in receipts))
            return receipts

        receipts = in_transaction(self._house, store)
        new_count = sum(not each.is_duplicate for each in receipts)
        self._tally.told_count += len(page)
        self._tally.new_count += new_count
        named = [(each.inbox_id, told.receipt) for each, told in zip(receipts, page, strict=True) if told.receipt]
        return new_count, dict(named)

    def _store_anew(
        self, connection: Connection, page: Sequence[Pulled], deliveries: Sequence[Delivery], receipts: list[Receipt]
    ) -> None:
        """Store once more what is told although its queue heard of it before this pull: it was changed and changed back.

        Only where the name says no more than the content. A queue that forgot our acknowledgement tells nothing new.
        """
        for number in range(2, MOST_TELLINGS):
            ids = [receipt.inbox_id for receipt in receipts if receipt.is_duplicate]
            heard = heard_before(connection, ids, self._begun_at)
            places = [
                place
                for place, (told, receipt) in enumerate(zip(page, receipts, strict=True))
                if told.is_named_by_content and receipt.is_duplicate and receipt.inbox_id in heard
            ]
            if not places:
                return
            anew = [deliveries[place]._replace(event_id=f"{deliveries[place].event_id}~{number}") for place in places]
            for place, receipt in zip(places, receive(connection, anew), strict=True):
                receipts[place] = receipt

    def _delivery(self, pulled: Pulled) -> Delivery:
        delivery = pulled_delivery(self._integration, pulled, self._keys)
        return delivery._replace(acknowledge_by_at=self._acknowledge_by_at)

    def _acknowledge(self, taken: Mapping[int, str]) -> int:
        """Acknowledge stored messages and note it; give how many of them were not acknowledged in this pull before.

        One that the channel refuses keeps no other from being acknowledged (law 15).
        """
        if not taken:
            return 0
        try:
            self._queue.acknowledge([Taken(receipt, str(inbox_id)) for inbox_id, receipt in taken.items()])
        except RequestRefused as error:
            if len(taken) == 1:
                self._refusal = error
                return 0
            pairs, half = list(taken.items()), len(taken) // 2
            return self._acknowledge(dict(pairs[:half])) + self._acknowledge(dict(pairs[half:]))
        with self._house.begin() as connection:
            note_acknowledged(connection, *self._place, list(taken))
        fresh = taken.keys() - self._tally.acknowledged
        self._tally.acknowledged |= fresh
        return len(fresh)

    def _refuse_to_go_round(self) -> None:
        msg = "the same is told again and again: ask the channel whether it takes our acknowledgements"
        raise self._refusal or VendorChangedShape(msg)


def pulled_delivery(integration: Integration, pulled: Pulled, keys: Keys) -> Delivery:
    """Make of a pulled message what the inbox stores: cards removed, under a name that can be stored."""
    digest = hashlib.sha256(pulled.body).digest()
    event_id = storable_id(pulled.event_id, digest)
    source, account = integration.source, integration.account
    stored = stored_body(pulled.body, keys, "raw.inbox", source, account, event_id)
    return Delivery(
        source=source,
        account=account,
        event_id=event_id,
        event_type=storable_type(pulled.event_type),
        body=stored.body,
        body_sha256=digest,
        headers={},
        signature_kind="pulled",
        property_id=None if integration.property_id in {None, ANY_PROPERTY} else integration.property_id,
        key_id=stored.key_id,
    )


def stored_under_names_of_their_own(connection: Connection, deliveries: Sequence[Delivery]) -> list[Receipt]:
    """Store deliveries; another body under a known name gets a name of its own, for it may be a booking nobody else tells."""
    receipts = receive(connection, deliveries)
    places = [place for place, receipt in enumerate(receipts) if receipt.is_conflict]
    renamed = [_renamed(deliveries[place]) for place in places]
    for place, receipt in zip(places, receive(connection, renamed), strict=True):
        receipts[place] = receipt
    return receipts


def _renamed(delivery: Delivery) -> Delivery:
    return delivery._replace(event_id=f"{delivery.event_id}#{delivery.body_sha256.hex()[:16]}")
