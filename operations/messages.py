"""Read claimed messages with their connectors' mappings: which row came from which message, which message nobody can read."""

import logging
import traceback
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from connectors.errors import ConnectorError
from connectors.ports import MappingPlace
from connectors.registry import connector
from hotel.incoming import Incoming, Refused
from operations.codebooks import BooksAndKinds
from operations.errors import NotConfiguredError
from operations.loading import Rows
from storage.inbox import Message

DATASET: Final = "reservations"
logger = logging.getLogger(__name__)


class Read(NamedTuple):
    """Messages as rows, `rows.received_seq` names the message of each; and those that are unreadable, by code."""

    rows: Rows
    unreadable: dict[str, list[Message]]


def read_messages(messages: Sequence[Message], books: BooksAndKinds) -> Read:
    """Map each message by itself: what one of them cannot be read for keeps no other out."""
    told: list[tuple[Incoming, int]] = []
    refused: list[tuple[Refused, int]] = []
    unreadable: defaultdict[str, list[Message]] = defaultdict(list)
    for message in messages:
        found = _rows_of(message, books)
        if isinstance(found, str):
            unreadable[found].append(message)
            continue
        told += [(row, message.inbox_id) for row in found if isinstance(row, Incoming)]
        refused += [(row, message.inbox_id) for row in found if isinstance(row, Refused)]
    sources = {message.source for message in messages}
    places = {row.row.property_id for row, _ in told}
    rows = Rows(
        DATASET,
        sources.pop() if len(sources) == 1 else "*",
        places.pop() if len(places) == 1 else "*",
        [row for row, _ in told],
        refused,
        [inbox_id for _, inbox_id in told],
    )
    return Read(rows, dict(unreadable))


def _rows_of(message: Message, books: BooksAndKinds) -> Sequence[Incoming | Refused] | str:
    """Give a message's rows, or the code of what keeps it from being read."""
    if message.is_sealed:
        return "sealed"
    try:
        return _mapped(message, books)
    except ConnectorError as error:
        return error.code
    except NotConfiguredError:
        return "not_configured"
    except (psycopg.Error, SQLAlchemyError):
        raise  # not the mapping's fault: the codebook could not be read
    except Exception as error:  # noqa: BLE001 a mapping's own fault must not keep the other messages out
        logger.error("the mapping of %s failed on message %d: %s", message.source, message.inbox_id, place_of(error))  # noqa: TRY400
        return "mapping_failed"


def _mapped(message: Message, books: BooksAndKinds) -> Sequence[Incoming | Refused]:
    mapper = connector(books.kind(message.source)).messages
    if message.body is None or mapper is None:
        return []
    place = MappingPlace(f"i:{message.inbox_id}", 0, message.property_id, message.received_at)
    return list(mapper(message.body, books.codebook(message.source), place))


def place_of(error: Exception) -> str:
    """Name an error by its kind and place. Its message may show a row and is not logged."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
