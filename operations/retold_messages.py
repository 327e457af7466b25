"""Messages told once more: through the inbox like any other, those known already as well."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, Engine

from connectors.queues import Pulled
from operations.codebooks import BooksAndKinds
from operations.messages import read_messages
from operations.queue_pull import pulled_delivery, stored_under_names_of_their_own
from operations.replay_messages import import_to_the_end
from operations.retold import CHANGED, HELD, NEW, RIGHT, Retold, refs_of
from operations.sources import Source
from storage.inbox import Delivery, Message, Receipt
from storage.replaying import MessageState, send_back, states
from storage.resyncing import Ref
from storage.retrying import in_transaction
from storage.sealing import house_keys

AT_ONCE: Final = 500
# What a message did to the house -> what that says of its booking.
FATES: Final = {"new": NEW, "modified": CHANGED, "cancelled": CHANGED, "unchanged": RIGHT, "stale": RIGHT}
# Of several messages of one booking the first of these counts.
WEIGHTS: Final = (NEW, CHANGED, HELD, RIGHT)


def retold_by_messages(house: Engine, account: Source, pulled: Sequence[Pulled]) -> Retold:
    """Put messages into the inbox, send those back that had come to an end, import all, and say what came of it."""
    told, keys = Retold(), house_keys()
    deliveries = [pulled_delivery(account.integration, each, keys) for each in pulled]
    bookings = _bookings(house, account, deliveries, told)
    ids: list[int] = []
    for start in range(0, len(deliveries), AT_ONCE):
        ids += _store(house, deliveries[start : start + AT_ONCE])
    import_to_the_end(house, ids)
    with house.connect() as connection:
        now = states(connection, ids)
    fates: dict[Ref, set[str]] = {}
    for refs, inbox_id in zip(bookings, ids, strict=True):
        for ref in refs:
            fates.setdefault(ref, set()).add(_fate(now[inbox_id]))
    told.fates.update(next(each for each in WEIGHTS if each in found) for found in fates.values())
    return told


def _fate(state: MessageState) -> str:
    return FATES.get(state.outcome or "", HELD) if state.status == "done" else HELD


def _store(house: Engine, deliveries: Sequence[Delivery]) -> list[int]:
    def store(connection: Connection) -> list[Receipt]:
        receipts = stored_under_names_of_their_own(connection, deliveries)
        send_back(connection, [each.inbox_id for each in receipts if each.is_duplicate])
        return receipts

    return [each.inbox_id for each in in_transaction(house, store)]


def _bookings(house: Engine, account: Source, deliveries: Sequence[Delivery], told: Retold) -> list[set[Ref]]:
    """Tell which bookings each message is about, before any is stored; one nobody can read stands for itself."""
    source = account.integration.source
    found: list[set[Ref]] = [set() for _ in deliveries]
    with house.connect() as connection:
        messages = [_as_message(place, each) for place, each in enumerate(deliveries)]
        read = read_messages(messages, BooksAndKinds(connection))
        for number, row in enumerate(read.rows.incoming):
            found[read.rows.sequence(number)] |= refs_of([row])
        for refused, place in read.rows.refused:
            found[place] |= refs_of([refused])
        for booking in read.waiting:
            found[booking.inbox_id].add((booking.property_id, booking.source_ref))
        for message in (each for ones in read.unreadable.values() for each in ones):
            found[message.inbox_id].add(("", message.event_id))
        told.note(connection, source, set().union(*found))
        told.has_stamps = any(row.source_updated_at for row in read.rows.incoming)
    return found


def _as_message(place: int, delivery: Delivery) -> Message:
    given = {name: getattr(delivery, name) for name in Message._fields if hasattr(delivery, name)}
    is_sealed = delivery.key_id is not None
    return Message(**given, inbox_id=place, is_sealed=is_sealed, received_at=datetime.now(UTC), attempts_count=0)
