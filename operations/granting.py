"""Messages that ask (`hotel.asked`): each stands whole as it was asked, or nothing of it is kept and it is said why.

What channels tell has happened and is loaded whatever comes of it. Who asks can still be told no, so that of two who want
the last room one has it and the other hears at once; and no, unlike a quarantined row, stays no.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sqlalchemy import Connection

from hotel.asked import (
    ASKS,
    CANCEL,
    CANCELLED_ALREADY,
    CREATE,
    EXISTS_ALREADY,
    MODIFY,
    NOT_ACCEPTED,
    SOLD_OUT,
    STAY_BEGUN,
    UNKNOWN_BOOKING,
)
from hotel.status import CANCELLED, CONFIRMED, WAITLISTED
from storage.asked import BOOKING, Standing, answers, standings
from storage.inbox import Message, mark
from storage.overselling import begin_watching, oversold

# A refusal costs a load of its own, and all of a micro-batch wait for its commit.
MOST_AT_ONCE: Final = 16
Load = Callable[[Connection, Sequence[Message]], None]
_HOPED_FOR: Final = {CREATE: {"new"}, MODIFY: {"modified", "unchanged"}, CANCEL: {"cancelled"}}


class NotGrantedError(Exception):
    """What was asked for cannot be had; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parted(messages: Sequence[Message]) -> tuple[list[Message], list[Message]]:
    """Part messages into those that tell and those that ask; of the latter no more than are answered at once."""
    asked = [message for message in messages if message.event_type in ASKS]
    return [message for message in messages if message.event_type not in ASKS], asked[:MOST_AT_ONCE]


def one_each(asked: Sequence[Message]) -> Iterator[list[Message]]:
    """Part messages into groups to be loaded one after the other: of one house, none with two about one booking.

    Houses come in the order of their ids, so that two importers do not wait for each other in a circle.
    """
    group: list[Message] = []
    for message in sorted(asked, key=lambda each: each.property_id or ""):
        if group and (message.property_id != group[0].property_id or _booking(message) in map(_booking, group)):
            yield group
            group = []
        group.append(message)
    if group:
        yield group


def grant(connection: Connection, asked: Sequence[Message], load: Load) -> None:
    """Load messages of one house; raises NotGrantedError where one of them is not to be had, for the caller to undo all.

    Those whose booking does not stand as they take it to stand are refused at once.
    """
    vain = _vain(connection, asked)
    for message in asked:
        if message.inbox_id in vain:
            refuse(connection, [message], vain[message.inbox_id])
    rest = [message for message in asked if message.inbox_id not in vain]
    if not rest:
        return
    begin_watching(connection)
    load(connection, rest)
    if oversold(connection):
        raise NotGrantedError(SOLD_OUT)
    told = answers(connection, [message.inbox_id for message in rest])
    for message in rest:
        outcome, code = told[message.inbox_id]
        if outcome not in _HOPED_FOR[message.event_type]:
            raise NotGrantedError(code or NOT_ACCEPTED)


def refuse(connection: Connection, asked: Sequence[Message], code: str) -> None:
    """End messages with a no; nothing waits in quarantine, where somebody might let it in after all."""
    if asked:
        mark(connection, [message.inbox_id for message in asked], "done", outcome="quarantined", error_code=code)


def _booking(message: Message) -> str:
    return str(message.headers.get(BOOKING, ""))


def _vain(connection: Connection, asked: Sequence[Message]) -> dict[int, str]:
    first = asked[0]
    found = standings(connection, first.source, first.property_id or "", [_booking(message) for message in asked])
    objections = ((each.inbox_id, _objection(each.event_type, found.get(_booking(each)))) for each in asked)
    return {inbox_id: code for inbox_id, code in objections if code}


def _objection(asks: str, standing: Standing | None) -> str | None:
    if asks == CREATE:
        return EXISTS_ALREADY if standing else None
    if standing is None:
        return UNKNOWN_BOOKING
    if standing.status == CANCELLED:
        return CANCELLED_ALREADY
    return None if standing.status in {CONFIRMED, WAITLISTED} else STAY_BEGUN
