"""The three houses: currencies of two, no and three decimals, their room types, rooms, rate plans and prices."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

from hotel.money import split
from hotel.properties import Property
from hotel.rooms import Rate, RatePlan, RoomType

SOURCE: Final = "sandbox_pms"
# High season in percent of the base price, January to December; week-end nights cost an eighth more.
SEASON_PERCENT: Final = (78, 80, 92, 104, 112, 121, 133, 138, 117, 101, 84, 96)
WEEKEND_PERCENT: Final = 112
WEEKEND: Final = frozenset({4, 5})
# How the rooms of a house divide over its types, in percent.
TYPE_SHARES: Final = (48, 27, 16, 9)


class PlannedRoom(NamedTuple):
    """A physical room, and the dates [from, to) it is out of order (not sold) or out of service (sold)."""

    number: str
    room_type_code: str
    closure: str | None = None
    closed_from: date = date.max
    closed_to: date = date.max

    def is_closed(self, on: date) -> bool:
        """Tell whether the closure covers the date."""
        return self.closed_from <= on < self.closed_to


class House(NamedTuple):
    """One property with all that is sold in it. Prices are minor units of its currency.

    `plan_percent` of the base price each plan asks; `breakfast_minor` per adult and night, inside the price;
    prices are multiples of `step`; `tax_percent` None: the house does not tell tax.
    """

    place: Property
    prefix: str
    types: tuple[RoomType, ...]
    rooms: tuple[PlannedRoom, ...]
    plans: tuple[RatePlan, ...]
    base_minor: Mapping[str, int]
    plan_percent: Mapping[str, int]
    breakfast_minor: int
    tax_percent: int | None
    step: int

    def price(self, room_type_code: str, rate_plan_code: str, stay_on: date) -> int:
        """Give a night's price per room in minor units, without breakfast."""
        percents = SEASON_PERCENT[stay_on.month - 1] * (WEEKEND_PERCENT if stay_on.weekday() in WEEKEND else 100)
        exact = self.base_minor[room_type_code] * percents * self.plan_percent[rate_plan_code] // 100**3
        return exact // self.step * self.step

    def tax(self, price_minor: int) -> int | None:
        """Give the tax of a price: the part inside it, or what comes on top, as the house states prices."""
        if self.tax_percent is None:
            return None
        whole = 100 + self.tax_percent if self.place.is_price_tax_included else 100
        return (2 * price_minor * self.tax_percent + whole) // (2 * whole)

    def rates(self, first: date, last: date) -> list[Rate]:
        """List the prices per room of every plan, type and date from first to last."""
        dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return [
            Rate(
                SOURCE, self.place.property_id, plan.rate_plan_code, kind.room_type_code, day, 0,
                self.price(kind.room_type_code, plan.rate_plan_code, day),
                self.place.currency, self.place.is_price_tax_included,
            )
            for plan in self.plans for kind in self.types for day in dates
        ]  # fmt: skip


class _Sketch(NamedTuple):
    property_id: str
    name: str
    prefix: str
    country: str
    time_zone: str
    currency: str
    types: tuple[tuple[str, str, int], ...]
    base_minor: tuple[int, ...]
    breakfast_minor: int
    tax_percent: int | None
    is_tax_included: bool | None
    step: int


_SKETCHES: Final = (
    _Sketch(
        "harbour-lisbon", "Harbour House Lisbon", "HL", "PT", "Europe/Lisbon", "EUR",
        (("STD", "Standard", 2), ("SUP", "Superior", 2), ("DLX", "Deluxe river view", 3), ("STE", "Suite", 4)),
        (98_50, 124_90, 168_00, 259_95), 14_50, tax_percent=6, is_tax_included=True, step=1,
    ),
    _Sketch(
        "kamo-kyoto", "鴨川旅館 Kamo Kyoto", "KK", "JP", "Asia/Tokyo", "JPY",
        (("TWN", "Twin", 2), ("TAT", "和室 Tatami", 3), ("DLX", "Deluxe", 3), ("GDN", "Garden villa", 5)),
        (18_400, 23_900, 31_200, 64_000), 2_200, tax_percent=None, is_tax_included=None, step=10,
    ),
    _Sketch(
        "pearl-manama", "Pearl Manama فندق اللؤلؤة", "PM", "BH", "Asia/Bahrain", "BHD",
        (("STD", "Standard", 2), ("CLB", "Club", 2), ("FAM", "Family", 5), ("ROY", "Royal suite", 4)),
        (38_750, 52_500, 71_125, 184_000), 6_500, tax_percent=10, is_tax_included=False, step=5,
    ),
)  # fmt: skip
PLANS: Final = {
    "BAR": ("Best available rate", "room_only", True, "leisure", 100),
    "BB": ("Bed and breakfast", "breakfast", True, "leisure", 100),
    "NRF": ("Non-refundable", "room_only", False, "leisure", 88),
    "CORP": ("Corporate", "breakfast", True, "corporate", 84),
}


def build_houses(rooms_per_house: int, today: date) -> tuple[House, ...]:
    """Build the three houses with so many rooms each (at least 8)."""
    return tuple(_house(sketch, max(8, rooms_per_house), today) for sketch in _SKETCHES)


def _house(sketch: _Sketch, room_count: int, today: date) -> House:
    counts = split(room_count, TYPE_SHARES)
    codes = [code for code, _, _ in sketch.types]
    return House(
        place=Property(
            property_id=sketch.property_id,
            name=sketch.name,
            time_zone=sketch.time_zone,
            currency=sketch.currency,
            country_code=sketch.country,
            of_record_source=SOURCE,
            room_count=room_count,
            is_price_tax_included=sketch.is_tax_included,
        ),
        prefix=sketch.prefix,
        types=tuple(
            RoomType(sketch.property_id, code, name, counts[n], adults, adults)
            for n, (code, name, adults) in enumerate(sketch.types)
        ),
        rooms=_rooms(codes, counts, today),
        plans=tuple(
            RatePlan(sketch.property_id, code, name, meal, refundable, segment, sketch.currency, sketch.is_tax_included)
            for code, (name, meal, refundable, segment, _) in PLANS.items()
        ),
        base_minor=dict(zip(codes, sketch.base_minor, strict=True)),
        plan_percent={code: plan[-1] for code, plan in PLANS.items()},
        breakfast_minor=sketch.breakfast_minor,
        tax_percent=sketch.tax_percent,
        step=sketch.step,
    )


def _rooms(codes: list[str], counts: list[int], today: date) -> tuple[PlannedRoom, ...]:
    """Number the rooms floor by floor; the first of the first floor is out of order around today, its last of service."""
    rooms = [
        PlannedRoom(f"{floor}{n:02d}", code)
        for floor, (code, count) in enumerate(zip(codes, counts, strict=True), start=1)
        for n in range(1, count + 1)
    ]
    week, month = timedelta(days=7), timedelta(days=30)
    rooms[0] = rooms[0]._replace(closure="out_of_order", closed_from=today - week, closed_to=today + month)
    last = counts[0] - 1
    rooms[last] = rooms[last]._replace(closure="out_of_service", closed_from=today - week, closed_to=today + week)
    return tuple(rooms)
