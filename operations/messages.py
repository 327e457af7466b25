"""Read claimed messages with their connectors' mappings: what each tells, which nobody can read, which must wait for a code."""

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
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming, Refused
from hotel.reservations import Reservation
from hotel.status import HOLDING, LOST
from operations.codebooks import BooksAndKinds
from operations.errors import NotConfiguredError
from operations.loading import Rows
from storage.inbox import Message
from storage.waiting import WaitingBooking

DATASET: Final = "reservations"
GUESTS: Final = "guests"
# What must be known of a booking of a channel before it can hold a room of a type at a price.
MUST_BE_MAPPED: Final = frozenset({"room_type", "rate_plan"})
logger = logging.getLogger(__name__)


class Read(NamedTuple):
    """Messages as rows, `received_seq` names the message of each; those that are unreadable, by code; those that wait.

    `hints` carry no booking: they say that their source has something to pull.
    """

    rows: Rows
    guests: Rows
    unreadable: dict[str, list[Message]]
    waiting: list[WaitingBooking]
    hints: list[Message]


def read_messages(messages: Sequence[Message], books: BooksAndKinds) -> Read:
    """Map each message by itself: what one of them cannot be read for keeps no other out."""
    told: list[tuple[Incoming | Refused, int]] = []
    unreadable: defaultdict[str, list[Message]] = defaultdict(list)
    waiting: list[WaitingBooking] = []
    hints: list[Message] = []
    for message in messages:
        found = _rows_of(message, books)
        if isinstance(found, str):
            unreadable[found].append(message)
        elif waits := [each for row in found if (each := _waits(row, message, books))]:
            waiting += waits
        else:
            if not found and _is_hint(message, books):
                hints.append(message)
            told += [(row, message.inbox_id) for row in found]
    sources = {message.source for message in messages}
    guests = [(row, number) for row, number in told if _is_guest(row)]
    bookings = [(row, number) for row, number in told if not _is_guest(row)]
    return Read(
        _together(DATASET, sources, bookings), _together(GUESTS, sources, guests), dict(unreadable), waiting, hints
    )


def _together(dataset: str, sources: set[str], told: Sequence[tuple[Incoming | Refused, int]]) -> Rows:
    incoming = [(row, number) for row, number in told if isinstance(row, Incoming)]
    places = {row.row.property_id for row, _ in incoming}
    return Rows(
        dataset,
        next(iter(sources)) if len(sources) == 1 else "*",
        places.pop() if len(places) == 1 else "*",
        [row for row, _ in incoming],
        [(row, number) for row, number in told if isinstance(row, Refused)],
        [number for _, number in incoming],
    )


def _is_hint(message: Message, books: BooksAndKinds) -> bool:
    return not message.is_test and connector(books.kind(message.source)).capabilities.hints_by_webhook


def _is_guest(row: Incoming | Refused) -> bool:
    return row.dataset == GUESTS if isinstance(row, Refused) else isinstance(row.row, Guest)


def _waits(told: Incoming | Refused, message: Message, books: BooksAndKinds) -> WaitingBooking | None:
    """Tell what a booking waits for. The property's own system knows its house: what it tells loads as `unmapped`."""
    if isinstance(told, Refused) or not isinstance(told.row, Reservation) or told.action == CANCEL:
        return None
    codes = tuple(code for code in told.unmapped if code.field in MUST_BE_MAPPED)
    row = told.row
    house = books.properties.get(row.property_id)
    if not codes or (house and house.of_record_source == row.source):
        return None
    room_count = sum(room.status not in LOST for room in row.rooms)
    is_held = room_count > 0 and (row.status in HOLDING or row.is_inventory_held)
    return WaitingBooking(
        message.inbox_id, row.source, row.property_id, row.source_ref, codes, row.arrival_on, row.departure_on,
        room_count, is_held,
    )  # fmt: skip


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
    if message.body is None or mapper is None or message.is_test:
        return []
    place = MappingPlace(f"i:{message.inbox_id}", 0, message.property_id, message.received_at)
    return list(mapper(message.body, books.codebook(message.source), place))


def place_of(error: Exception) -> str:
    """Name an error by its kind and place. Its message may show a row and is not logged."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
