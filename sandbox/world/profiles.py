"""The people of a house: guests who come once or again, some known twice, companies and travel agents."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final, NamedTuple

from hotel.guests import Guest
from sandbox.world import timeline
from sandbox.world.dice import dice, happens
from sandbox.world.houses import SOURCE, House
from sandbox.world.names import AGENTS, COMPANIES, ORIGINS
from sandbox.world.plans import DAYS_BACK, Plan
from sandbox.world.timeline import Record, Version

RETURN_PER_MILLE: Final = 220
CHANGE_PER_MILLE: Final = 150
TWICE_PER_MILLE: Final = 12
RELAY_PER_MILLE: Final = 300
VIP_PER_MILLE: Final = 40
BORN_FROM: Final = date(1938, 1, 1)


class People(NamedTuple):
    """Who a booking is about; the fields of the reservation that name them."""

    primary_guest_ref: str
    booker_guest_ref: str
    agent_ref: str | None
    company_ref: str | None
    is_repeat_guest: bool


class Guestbook:
    """Chooses the people of each booking and remembers when a profile was first needed."""

    def __init__(self, seed: int, house: House, today: date) -> None:
        self._seed, self._house = seed, house
        self._throws = dice(seed, house.place.property_id, "people")
        self._needed_at: list[datetime] = []
        self._bookers: dict[str, str] = {}
        self._opened_at = datetime.combine(today - timedelta(days=DAYS_BACK + 365), time(), UTC)

    def people(self, plan: Plan) -> People:
        """Choose who stays, who booked, and which agent or company stands behind the booking."""
        known = len(self._needed_at)
        is_back = known > 0 and happens(self._throws, RETURN_PER_MILLE)
        number = self._throws.randrange(known) if is_back else known
        booked_at = plan.booked_at.astimezone(UTC)
        if is_back:
            self._needed_at[number] = min(self._needed_at[number], booked_at)
        else:
            self._needed_at.append(booked_at)
        guest = self._guest_ref(number)
        return People(
            primary_guest_ref=guest,
            booker_guest_ref=self._bookers.setdefault(plan.group_ref, guest) if plan.group_ref else guest,
            agent_ref=self._firm_ref("A", plan.number % len(AGENTS)) if plan.channel_code == "gds" else None,
            company_ref=self._firm_ref("C", plan.number % len(COMPANIES)) if plan.channel_code == "corporate" else None,
            is_repeat_guest=is_back,
        )

    def records(self) -> tuple[Record, ...]:
        """Give every profile with its versions: firms first, then guests in the order they became known."""
        firms = [
            self._firm(letter, kind, n, name)
            for letter, kind, names in (("C", "company", COMPANIES), ("A", "travel_agent", AGENTS))
            for n, name in enumerate(names)
        ]
        return (*firms, *(self._record(number, at) for number, at in enumerate(self._needed_at)))

    def _record(self, number: int, needed_at: datetime) -> Record:
        throws = dice(self._seed, self._house.place.property_id, "guest", number)
        is_double = number > 0 and happens(throws, TWICE_PER_MILLE)
        created_at = needed_at - timedelta(minutes=1)
        person = self._person(number - 1 if is_double else number, created_at)
        first = person._replace(source_ref=self._guest_ref(number), email=None if is_double else person.email)
        versions = [Version(created_at, timeline.CREATED, first)]
        known_at = max(created_at, self._needed_at[number - 1]) if is_double else created_at
        later = known_at + timedelta(days=5 + throws.randrange(60), seconds=throws.randrange(86_400))
        if is_double:
            merged = first._replace(merged_into_ref=self._guest_ref(number - 1), is_active=False)
            versions.append(Version(later, timeline.MODIFIED, merged))
        elif happens(throws, CHANGE_PER_MILLE):
            moved = first._replace(email=f"moved.{number}@example.net", vip_code="GOLD")
            versions.append(Version(later, timeline.MODIFIED, moved))
        return Record(first.source_ref, first.property_id, tuple(versions))

    def _person(self, number: int, created_at: datetime) -> Guest:
        throws = dice(self._seed, self._house.place.property_id, "person", number)
        origin = throws.choice(ORIGINS)
        local_part = f"{self._house.prefix.lower()}.{number}"
        is_relay = happens(throws, RELAY_PER_MILLE)
        return Guest(
            source=SOURCE,
            property_id=self._house.place.property_id,
            source_ref=self._guest_ref(number),
            kind="person",
            first_name=throws.choice(origin.first),
            last_name=throws.choice(origin.last),
            full_name=None,
            folded_name=None,
            email=f"{local_part}@guest.booking.com" if is_relay else f"{local_part}@example.com",
            phone_raw=_phone(throws, origin.phone) if happens(throws, 800) else None,
            country_code=origin.country,
            language_code=origin.language,
            birth_on=BORN_FROM + timedelta(days=throws.randrange(24_000)) if happens(throws, 600) else None,
            is_vip=False,
            vip_code="SILVER" if happens(throws, VIP_PER_MILLE) else None,
            created_on_source_at=created_at,
        )

    def _firm(self, letter: str, kind: str, number: int, name: str) -> Record:
        firm = Guest(
            source=SOURCE,
            property_id=self._house.place.property_id,
            source_ref=self._firm_ref(letter, number),
            kind=kind,
            first_name=None,
            last_name=name,
            full_name=None,
            folded_name=None,
            email=f"{letter.lower()}{number}@example.org",
            created_on_source_at=self._opened_at,
        )
        return Record(firm.source_ref, firm.property_id, (Version(self._opened_at, timeline.CREATED, firm),))

    def _guest_ref(self, number: int) -> str:
        return f"{self._house.prefix}P{number + 1:06d}"

    def _firm_ref(self, letter: str, number: int) -> str:
        return f"{self._house.prefix}{letter}{number + 1:03d}"


def _phone(throws: Random, pattern: str) -> str:
    return "".join(str(throws.randrange(10)) if char == "#" else char for char in pattern)
