"""How long a verdict takes: `python -m tests.expectations.measure`. Medians of CPU time, planning done."""

import statistics
import time
from collections.abc import Callable
from datetime import date
from functools import partial

import pyarrow as pa

from expectations.facts import BatchFacts
from expectations.gate import judge, warm_up
from hotel.passed import Verdict
from tests.expectations.builders import HOUSE, judged, room, stay, tables
from tests.expectations.real_bookings import CSV, read_bookings
from tests.expectations.real_bookings import HOUSE as REAL_HOUSE

FIRST = ("Ana", "Béla", "Chalerm", "Dmitri", "สมชาย")
LAST = ("Lima", "Kovács", "Suksawat", "Ivanov", "ใจดี")


def many_guests(count: int) -> dict[str, pa.Table]:
    """Make guests who all differ, without the loader's frames: a million tuples would take longer than their verdict."""
    numbers = range(count)
    names = [(FIRST[n % 5], f"{LAST[n % 5]}{n % 9_999}") for n in numbers]
    texts = {
        "source": ["pms"] * count,
        "property_id": ["city-hotel"] * count,
        "source_ref": [str(n) for n in numbers],
        "kind": ["person"] * count,
        "first_name": [first for first, _ in names],
        "last_name": [last for _, last in names],
        "full_name": [f"{first} {last}" for first, last in names],
        "email": [f"guest{n}@mail{n % 50}.example.com" for n in numbers],
        "phone": [f"+3519{n:08d}" for n in numbers],
        "phone_raw": [f"9{n:08d}" for n in numbers],
        "country_code": ["PT"] * count,
        "vip_code": [None] * count,
    }
    columns = {name: pa.array(values, pa.string()) for name, values in texts.items()}
    columns.update({name: pa.array([False] * count) for name in ("is_email_relay", "is_vip", "is_active")})
    columns["birth_on"] = pa.array([date(1980, 5, 1)] * count)
    columns["warnings"] = pa.array([[]] * count, pa.list_(pa.string()))
    return {"guests": pa.table({"row_number": pa.array(numbers, pa.int64()), **columns})}


def spend(name: str, times: int, work: Callable[[], Verdict]) -> None:
    """Print the median of some runs after one that does not count."""
    work()
    spent = []
    for _ in range(times):
        before = time.process_time()
        found = work()
        spent.append(1_000 * (time.process_time() - before))
    print(f"{name:60} {statistics.median(spent):9.1f} ms   {found.word}, {found.rows_judged_count} rows")  # noqa: T201


def main() -> None:
    """Measure warming up, a micro-batch, the real reservations, a million guests."""
    before = time.process_time()
    warm_up()
    print(f"{'warm up':60} {1_000 * (time.process_time() - before):9.1f} ms")  # noqa: T201
    for count in (1, 20, 500):
        clean = tables(
            "reservations", *(stay(room(3), room(2, room_ref="2"), source_ref=f"R{n}") for n in range(count))
        )
        spend(
            f"{count} reservations, {2 * count} rooms, {5 * count} nights", 25, partial(judged, "reservations", clean)
        )
    if CSV.exists():
        real, facts = read_bookings().tables, BatchFacts(119_390)
        work = partial(judge, "reservations", real, batch_id=1, facts=facts, house=REAL_HOUSE)
        spend("119,390 real reservations, 409,257 nights", 5, work)
    guests = many_guests(1_000_000)
    spend("1,000,000 guests", 3, lambda: judge("guests", guests, batch_id=1, facts=BatchFacts(1_000_000), house=HOUSE))


if __name__ == "__main__":
    main()
