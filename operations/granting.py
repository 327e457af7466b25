"""Messages that ask (`hotel.asked`): each stands whole as it was asked, or nothing of it is kept and it is said why.

What channels tell has happened and is loaded whatever comes of it. Who asks can still be told no, so that of two who want
the last room one has it and the other hears at once; and no, unlike a quarantined row, stays no.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
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
from storage.overselling import Wanted, begin_watching, wanted

# Who is late costs the others a second load, and all of a micro-batch wait for its commit.
MOST_AT_ONCE: Final = 50
Load = Callable[[Connection, Sequence[Message]], None]
_Place = tuple[str, date]
_HOPED_FOR: Final = {CREATE: {"new"}, MODIFY: {"modified", "unchanged"}, CANCEL: {"cancelled"}}


class NotGrantedError(Exception):
    """What was asked for cannot be had; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _TooManyError(Exception):
    """There are not rooms for all; `late` are the bookings that came too late."""

    def __init__(self, late: Collection[str]) -> None:
        super().__init__()
        self.late = late


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
    """Load messages of one house, all that can be had; raises NotGrantedError where one of them has to be tried alone.

    Refused at once are those whose booking does not stand as they take it to stand; then, where rooms are short, those
    that came too late for them.
    """
    vain = _vain(connection, asked)
    for message in asked:
        if message.inbox_id in vain:
            refuse(connection, [message], vain[message.inbox_id])
    rest = [message for message in asked if message.inbox_id not in vain]
    while rest:
        try:
            with connection.begin_nested():
                _load(connection, rest, load)
        except _TooManyError as error:
            refuse(connection, [message for message in rest if _booking(message) in error.late], SOLD_OUT)
            rest = [message for message in rest if _booking(message) not in error.late]
        else:
            return


def refuse(connection: Connection, asked: Sequence[Message], code: str) -> None:
    """End messages with a no; nothing waits in quarantine, where somebody might let it in after all."""
    if asked:
        mark(connection, [message.inbox_id for message in asked], "done", outcome="quarantined", error_code=code)


def _load(connection: Connection, asked: Sequence[Message], load: Load) -> None:
    begin_watching(connection)
    load(connection, asked)
    late = too_late(wanted(connection), [_booking(message) for message in asked])
    if late:
        raise _TooManyError(late)
    told = answers(connection, [message.inbox_id for message in asked])
    for message in asked:
        outcome, code = told[message.inbox_id]
        if outcome not in _HOPED_FOR[message.event_type]:
            raise NotGrantedError(code or NOT_ACCEPTED)


def too_late(wants: Sequence[Wanted], refs: Sequence[str]) -> set[str]:
    """Tell which of these bookings, the first of them served first, find no room any more.

    A copy that is not the one of record takes nothing by itself; what it wants must be there all the same.
    """
    known = {place: left for want in wants for place, left in _places(want) if left is not None}
    free: defaultdict[_Place, float] = defaultdict(lambda: math.inf, known)
    of_booking: defaultdict[str, list[Wanted]] = defaultdict(list)
    for want in wants:
        of_booking[want.source_ref].append(want)
        for place, _ in _places(want):
            free[place] += want.counted_count
    return {ref for ref in refs if not _takes(of_booking[ref], free)}


def _takes(wants: Sequence[Wanted], free: defaultdict[_Place, float]) -> bool:
    """Take a booking's rooms out of what is free; take none and say so where they are not there."""
    rooms: Counter[_Place] = Counter()
    counted: Counter[_Place] = Counter()
    for want in wants:
        for place, _ in _places(want):
            rooms[place] += want.room_count
            counted[place] += want.counted_count
    if any(count > 0 and count > free[place] for place, count in rooms.items()):
        return False
    for place, count in counted.items():
        free[place] -= count
    return True


def _places(want: Wanted) -> tuple[tuple[_Place, int | None], ...]:
    """Give where a want takes effect, and how many rooms are left there: of the type, and of the house (no type)."""
    return ((want.room_type_code, want.stay_on), want.own_count), (("", want.stay_on), want.rest_count)


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
