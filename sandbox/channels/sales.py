"""What a channel sells, before any vendor's words: a booking's versions, drawn from dice."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final, NamedTuple

# Published test numbers; nobody pays with them.
TEST_CARDS: Final = ("4111111111111111", "5555555555554444", "378282246310005", "6011111111111117")
NEW: Final = "new"
MODIFIED: Final = "modified"
CANCELLED: Final = "cancelled"
_PEOPLE: Final = (
    ("Zoë", "Müller-Lüdenscheidt", "DE"), ("สมชาย", "ใจดี", "TH"), ("太郎", "山田", "JP"), ("Ana Lucía", "O'Neil", "IE"),
    ("Ngọc", "Nguyễn", "VN"), ("فاطمة", "الزهراء", "BH"), ("Léa", "D'Angelo & Söhne", "FR"), ("John", "Smith <Jr.>", "GB"),
)  # fmt: skip


class SoldNight(NamedTuple):
    """One night; minor units of the sale's currency, tax inside."""

    stay_on: date
    price_minor: int
    tax_minor: int = 0


class SoldRoom(NamedTuple):
    """One room of a sale. `ref` names it for ever; codes are the channel's."""

    ref: str
    room_type: str
    rate_plan: str
    nights: tuple[SoldNight, ...]
    adults: int = 2
    child_ages: tuple[int, ...] = ()

    @property
    def arrival_on(self) -> date:
        """First night."""
        return self.nights[0].stay_on

    @property
    def departure_on(self) -> date:
        """The day after the last night."""
        return self.nights[-1].stay_on + timedelta(days=1)

    @property
    def total_minor(self) -> int:
        """All nights."""
        return sum(night.price_minor for night in self.nights)


class Sale(NamedTuple):
    """One version of a booking as a channel tells it. `kind` is NEW, MODIFIED or CANCELLED."""

    ref: str
    revision: int
    kind: str
    hotel_ref: str
    currency: str
    rooms: tuple[SoldRoom, ...]
    booked_at: datetime
    modified_at: datetime
    first_name: str = "Ada"
    last_name: str = "Example"
    email: str = "ada@example.com"
    phone: str = "+35312345678"
    country: str = "IE"
    comment: str = ""
    card_number: str | None = None
    card_code: str | None = None
    card_expires: str = "1230"
    is_virtual: bool = False
    commission_minor: int = 0
    collect: str = "property"
    channel: str = "sandbox"
    channel_ref: str = ""

    @property
    def total_minor(self) -> int:
        """All rooms."""
        return sum(room.total_minor for room in self.rooms)

    def modified(self, **changes: object) -> "Sale":
        """Give the next version, a minute later."""
        later = {
            "revision": self.revision + 1,
            "kind": MODIFIED,
            "modified_at": self.modified_at + timedelta(minutes=1),
        }
        return self._replace(**later | changes)  # type: ignore[arg-type]

    def cancelled(self) -> "Sale":
        """Give the version that cancels it."""
        return self.modified(kind=CANCELLED)


class Shop(NamedTuple):
    """What a hotel sells on a channel, in the channel's codes, from `first_on` for `days` dates."""

    hotel_ref: str
    currency: str
    room_types: Sequence[str]
    rate_plans: Sequence[str]
    first_on: date
    days: int = 180
    now: datetime = datetime(2026, 9, 15, 12, tzinfo=UTC)


def sale(dice: Random, number: int, shop: Shop, *, prefix: str = "S") -> Sale:
    """Draw the n-th sale: one to three rooms, one to five nights, people of many scripts, a card now and then."""
    first, last, country = dice.choice(_PEOPLE)
    arrival_on = shop.first_on + timedelta(days=dice.randrange(shop.days))
    night_count = dice.randint(1, 5)
    rooms = tuple(_room(dice, n, shop, arrival_on, night_count) for n in range(1, dice.choice((1, 1, 1, 2, 3)) + 1))
    has_card = dice.random() < 0.5  # noqa: PLR2004
    return Sale(
        ref=f"{prefix}{number:08d}",
        revision=1,
        kind=NEW,
        hotel_ref=shop.hotel_ref,
        currency=shop.currency,
        rooms=rooms,
        booked_at=shop.now + timedelta(seconds=number),
        modified_at=shop.now + timedelta(seconds=number),
        first_name=first,
        last_name=last,
        country=country,
        email=f"guest{number}@example.com",
        comment=dice.choice(("", "Late arrival, about 23:00", "Quiet room & extra pillow <please>")),
        card_number=dice.choice(TEST_CARDS) if has_card else None,
        card_code="737" if has_card else None,
        is_virtual=has_card and dice.random() < 0.5,  # noqa: PLR2004
        commission_minor=sum(room.total_minor for room in rooms) * 15 // 100,
        collect=dice.choice(("property", "channel")),
        channel_ref=f"{prefix}{number:08d}",
    )


def _room(dice: Random, number: int, shop: Shop, arrival_on: date, night_count: int) -> SoldRoom:
    base = dice.randrange(60, 400) * 100
    return SoldRoom(
        ref=str(number),
        room_type=dice.choice(shop.room_types),
        rate_plan=dice.choice(shop.rate_plans),
        nights=tuple(SoldNight(arrival_on + timedelta(days=n), base + n * 150, base // 20) for n in range(night_count)),
        adults=dice.randint(1, 3),
        child_ages=tuple(dice.randint(0, 12) for _ in range(dice.choice((0, 0, 0, 1, 2)))),
    )
