"""Send what is to be told: together, and where a channel refuses it in halves until the culprit stands alone."""

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from connectors.errors import ConnectorError, FixMapping, RequestRefused
from connectors.pushes import (
    AVAILABILITY,
    RATES,
    RESTRICTIONS,
    InventorySink,
    Pushed,
    RateSink,
    RestrictionSink,
)
from operations.errors import error_place
from operations.tellings import Cell, Telling
from storage.deliveries import ACCEPTED, REFUSED, Told

# So many refused alone and not one taken: it is not the rows.
MOST_CULPRITS: Final = 5
logger = logging.getLogger(__name__)

Push = Callable[[Sequence[Cell], str], Pushed]


class NothingTakenError(ConnectorError):
    """The channel refuses row after row and takes none: ask it what it does not like about us."""

    code = "nothing_taken"


def pushing(client: Any, kind: str) -> Push:
    """Give the way a client takes one kind of thing; raises FixMapping where it takes none."""
    if kind == AVAILABILITY and isinstance(client, InventorySink):
        return lambda cells, key: client.push_inventory(_of(cells), idempotency_key=key)
    if kind == RESTRICTIONS and isinstance(client, RestrictionSink):
        return lambda cells, key: client.push_restrictions(_of(cells), idempotency_key=key)
    if kind == RATES and isinstance(client, RateSink):
        return lambda cells, key: client.push_rates(_of(cells), idempotency_key=key)
    msg = f"this kind of system takes no {kind}: take it out of ops.integrations.pushes"
    raise FixMapping(msg)


def sent(push: Push, tellings: Sequence[Telling]) -> Iterator[list[Told]]:
    """Send tellings in their order and give message by message what became of its rows, to be recorded at once.

    Raises the ConnectorError that ends it, with what was given before taken or refused for good; a refusal of the message
    as a whole, and a fault of the connector's own, are looked for in its halves.
    """
    waiting, culprit_count, is_any_taken = [list(tellings)] if tellings else [], 0, False
    while waiting:
        part = waiting.pop(0)
        try:
            told = _told(part, push([cell for each in part for cell in each.cells], idempotency_key(part)))
        except (psycopg.Error, SQLAlchemyError):
            raise  # the house's database, not the channel: nothing is known of the message
        except Exception as error:
            if isinstance(error, ConnectorError) and not isinstance(error, RequestRefused):
                raise
            if len(part) > 1:
                half = len(part) // 2
                waiting[:0] = [part[:half], part[half:]]
                continue
            culprit_count += 1
            if culprit_count >= MOST_CULPRITS and not is_any_taken:
                raise _nothing_taken(error) from error
            told = [_culprit(part[0], error)]
        is_any_taken |= any(each.status == ACCEPTED for each in told)
        yield told


def idempotency_key(tellings: Sequence[Telling]) -> str:
    """Name a message by the rows it tells of and their attempts.

    By the attempts as well: a later attempt tells the state of then, and must not pass for the same message.
    """
    rows = sorted((each.row.outbox_id, each.row.attempt_no) for each in tellings)
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:32]


def _told(part: Sequence[Telling], pushed: Pushed) -> list[Told]:
    """Give each row what became of its cells: taken if all were."""
    codes = {cell.position: cell.code for cell in pushed.refused}
    told, position = [], 0
    for each in part:
        own = range(position, position + len(each.cells))
        position = own.stop
        code = next((codes[place] for place in own if place in codes), None)
        told.append(Told(each.row, REFUSED if code else ACCEPTED, code, None, pushed.provider_ref))
    return told


def _culprit(telling: Telling, error: Exception) -> Told:
    if isinstance(error, RequestRefused):
        return Told(telling.row, REFUSED, error.code, error.status)
    logger.error("row %d cannot be told: %s", telling.row.outbox_id, error_place(error))
    return Told(telling.row, REFUSED, "connector_failed")


def _nothing_taken(error: Exception) -> NothingTakenError:
    reason = str(error) if isinstance(error, ConnectorError) else error_place(error)
    return NothingTakenError(f"{MOST_CULPRITS} rows were refused one by one and none was taken: {reason}")


def _of(cells: Sequence[Any]) -> Sequence[Any]:
    return cells
