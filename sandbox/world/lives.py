"""The life of a booking: booked, changed, cancelled, reinstated, not shown up, checked in and out, each a version."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from hotel.properties import hotel_date
from hotel.reservations import Reservation
from hotel.status import CANCELLED, CHECKED_OUT, CONFIRMED, IN_HOUSE, NO_SHOW
from sandbox.world import plans, timeline
from sandbox.world.dice import happens
from sandbox.world.houses import House
from sandbox.world.plans import Plan
from sandbox.world.profiles import People
from sandbox.world.stays import reservation_of, with_departure, with_status, with_sums
from sandbox.world.timeline import Version

CHANGE_PER_MILLE: Final = 220
NO_SHOW_DECIDED: Final = time(2, 30)
NOON: Final = time(12)


class Life:
    """Versions in the making; each later than the one before it."""

    def __init__(self, house: House, first: Reservation, booked_at: datetime) -> None:
        self.house = house
        self.versions = [Version(booked_at.astimezone(UTC), timeline.CREATED, first)]

    @property
    def row(self) -> Reservation:
        """The booking as it is now."""
        row = self.versions[-1].row
        assert isinstance(row, Reservation)  # noqa: S101 only reservations live here
        return row

    def then(self, at: datetime, kind: str, row: Reservation) -> None:
        """Add a version at the instant, or a second after the last one where that is later."""
        self.versions.append(Version(self.after_last(at), kind, row))

    def after_last(self, at: datetime) -> datetime:
        """Give the instant in UTC and whole seconds, moved behind the last version."""
        return max(at.astimezone(UTC).replace(microsecond=0), self.versions[-1].at + timedelta(seconds=1))

    def local(self, day: date, clock: time) -> datetime:
        """Give the instant of a wall clock at the house."""
        return datetime.combine(day, clock, ZoneInfo(self.house.place.time_zone))


def live(plan: Plan, house: House, people: People, throws: Random) -> tuple[Version, ...]:
    """Let a plan live to its end; the versions of instants to come lie in wait for the world's clock."""
    life = Life(house, reservation_of(plan, house)._replace(**people._asdict()), plan.booked_at)
    arrives_at = life.local(plan.arrival_on, time(15))
    lead = arrives_at - plan.booked_at
    if happens(throws, CHANGE_PER_MILLE) and lead > timedelta(days=2) and plan.fate != plans.WAIT:
        throws.choice((_extend, _shorten, _add_guest, _drop_room))(life, plan.booked_at + lead * 0.4)
    FATE_OF[plan.fate](life, plan, throws, lead)
    return tuple(life.versions)


def _changed(life: Life, at: datetime, row: Reservation) -> None:
    life.then(at, timeline.MODIFIED, row._replace(change_count=(row.change_count or 0) + 1))


def _extend(life: Life, at: datetime) -> None:
    """Stay a night longer than first booked: the first version is the shorter one."""
    full, first = life.row, life.versions[0]
    shorter = _shorter(full)
    if shorter:
        life.versions[0] = first._replace(row=shorter)
        _changed(life, at, full)


def _shorten(life: Life, at: datetime) -> None:
    shorter = _shorter(life.row)
    if shorter:
        _changed(life, at, shorter)


def _shorter(row: Reservation) -> Reservation | None:
    if not row.arrival_on or not row.departure_on or (row.departure_on - row.arrival_on).days < 2:  # noqa: PLR2004
        return None
    return with_departure(row, row.departure_on - timedelta(days=1))


def _add_guest(life: Life, at: datetime) -> None:
    first, *others = life.row.rooms
    grown = first._replace(child_count=(first.child_count or 0) + 1)
    _changed(life, at, with_sums(life.row._replace(rooms=(grown, *others))))


def _drop_room(life: Life, at: datetime) -> None:
    *others, last = life.row.rooms
    if others:
        at = life.after_last(at)
        dropped = last._replace(status=CANCELLED, cancelled_at=at, cancelled_on=hotel_date(life.house.place, at))
        _changed(life, at, with_sums(life.row._replace(rooms=(*others, dropped))))


def _stay(life: Life, plan: Plan, throws: Random, _: timedelta) -> None:
    _check_in(life, throws)
    _check_out(life, throws, life.row.departure_on or plan.departure_on)


def _leave_early(life: Life, plan: Plan, throws: Random, _: timedelta) -> None:
    _check_in(life, throws)
    leaving = _shorter(life.row) or life.row
    _check_out(life, throws, leaving.departure_on or plan.departure_on, leaving)


def _leave_keeping_dates(life: Life, plan: Plan, throws: Random, _: timedelta) -> None:
    """Leave a day early in a house that does not shorten the booking: its nights stay as planned."""
    _check_in(life, throws)
    shorter = _shorter(life.row)
    _check_out(life, throws, (shorter or life.row).departure_on or plan.departure_on)


def _check_in(life: Life, throws: Random) -> None:
    row = life.row
    arrival = row.arrival_on or date.max
    clock = time(9, 30) if row.departure_on == arrival else time(15 + throws.randrange(7), throws.randrange(60))
    at = life.local(arrival, clock)
    life.then(at, timeline.CHECKED_IN, with_status(row, IN_HOUSE)._replace(checked_in_on=arrival))


def _check_out(life: Life, throws: Random, leaves_on: date, leaving: Reservation | None = None) -> None:
    row = leaving or life.row
    clock = time(17, 30) if row.arrival_on == leaves_on else time(7 + throws.randrange(5), throws.randrange(60))
    gone = with_status(row, CHECKED_OUT)._replace(checked_out_on=leaves_on)
    life.then(life.local(leaves_on, clock), timeline.CHECKED_OUT, gone)


def _cancel(life: Life, plan: Plan, throws: Random, lead: timedelta) -> None:
    _cancel_at(life, plan.booked_at + lead * (throws.randint(45, 95) / 100))


def _cancel_at(life: Life, at: datetime) -> None:
    at = life.after_last(at)
    row = with_status(life.row, CANCELLED)
    day = hotel_date(life.house.place, at)
    rooms = tuple(room if room.cancelled_on else room._replace(cancelled_at=at, cancelled_on=day) for room in row.rooms)
    life.then(at, timeline.CANCELLED, row._replace(rooms=rooms, cancelled_at=at, cancelled_on=day))


def _reinstate(life: Life, plan: Plan, throws: Random, lead: timedelta) -> None:
    before = life.row
    _cancel_at(life, plan.booked_at + lead * 0.5)
    life.then(plan.booked_at + lead * 0.7, timeline.REINSTATED, before)
    _stay(life, plan, throws, lead)


def _no_show(life: Life, plan: Plan, _: Random, __: timedelta) -> None:
    at = life.local(plan.arrival_on + timedelta(days=1), NO_SHOW_DECIDED)
    life.then(at, timeline.NO_SHOW, with_status(life.row, NO_SHOW)._replace(no_show_on=plan.arrival_on))


def _option(life: Life, plan: Plan, throws: Random, lead: timedelta) -> None:
    """Hold a room for a while; half the options are taken up, the others fall."""
    if happens(throws, 500):
        _changed(life, plan.booked_at + lead * 0.5, with_status(life.row, CONFIRMED))
        _stay(life, plan, throws, lead)
    else:
        _cancel_at(life, plan.booked_at + lead * 0.6)


def _wait(life: Life, plan: Plan, _: Random, __: timedelta) -> None:
    _cancel_at(life, life.local(plan.arrival_on, NOON))


FATE_OF: Final[dict[str, Callable[[Life, Plan, Random, timedelta], None]]] = {
    plans.STAY: _stay,
    plans.LEAVE_EARLY: _leave_early,
    plans.KEEP_DATES: _leave_keeping_dates,
    plans.CANCEL: _cancel,
    plans.REINSTATE: _reinstate,
    plans.NO_SHOW: _no_show,
    plans.OPTION: _option,
    plans.WAIT: _wait,
}
