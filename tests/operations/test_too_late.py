"""First come, first served: which of several bookings loaded together find no room any more."""

from collections.abc import Sequence
from datetime import date

import pytest

from operations.granting import too_late
from storage.overselling import Wanted

DAY = date(2027, 3, 1)
NEXT = date(2027, 3, 2)


def want(ref: str, rooms: int, own: int | None, rest: int | None, kind: str = "DBL", on: date = DAY) -> Wanted:
    """What a booking took, and what is left once all have taken theirs."""
    return Wanted(ref, kind, on, rooms, rooms, own, rest)


@pytest.mark.parametrize(
    ("wants", "late"),
    [
        ([want("A", 1, 0, 0), want("B", 1, 0, 0)], set()),
        ([want("A", 1, -1, 5), want("B", 1, -1, 5)], {"B"}),
        ([want("A", 1, 5, -1), want("B", 1, 5, -1, "STE")], {"B"}),
        ([want("A", 3, -3, 9), want("B", 1, -3, 9), want("C", 1, -3, 9)], {"A"}),
        ([want("A", 1, None, None), want("B", 9, None, None)], set()),
        ([want("A", 1, None, 0), want("B", 1, None, 0)], set()),
        ([want("A", 1, None, -1), want("B", 1, None, -1)], {"B"}),
        ([want("A", -1, 0, 0), want("B", 1, 0, 0)], set()),
        ([want("A", 1, 0, 0), want("B", -1, 0, 0)], {"A"}),
        ([want("A", 1, 0, 9), want("A", 1, -1, 9, on=NEXT), want("B", 1, -1, 9, on=NEXT)], {"B"}),
        ([want("A", 1, 9, -1), want("A", -1, 9, -1, "STE")], set()),
    ],
    ids=[
        "all fit", "one double too few", "the house is one short", "who wants too much keeps no other out",
        "nobody told of rooms", "only the house is known", "only the house is known and short",
        "given back before", "given back after", "short on one date of two", "moved within a house that is overbooked",
    ],
)  # fmt: skip
def test_who_came_first_has_the_room(wants: Sequence[Wanted], late: set[str]) -> None:
    assert too_late(wants, ["A", "B", "C"]) == late


def test_a_copy_takes_nothing_and_must_find_room_all_the_same() -> None:
    copy = Wanted("A", "DBL", DAY, 1, 0, 0, 5)
    assert too_late([copy], ["A"]) == {"A"}
    assert too_late([copy._replace(own_count=1), want("B", 1, 1, 5)], ["A", "B"]) == set()
