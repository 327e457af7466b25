"""The checks see what is wrong, not only what is right."""

from fractions import Fraction

from hotel.figures import DIFFERS, TIES, Cell, Movement, PickUp, RollForward, Split, SplitLine
from reconciliation.checks import pick_up_check, revpar_check, roll_forward_check, splits_check
from tests.unit.reconciliation.stays import DAY

TOTALS = {"occupied_rooms": Cell(3), "room_revenue": Cell(300)}
WHOLE = Split("channel_code", "Channels", (SplitLine("direct", 1, 100, 1, 100), SplitLine("ota", 2, 200, 2, 200)))
NOTHING = Movement(0, 0)


def test_a_split_that_lost_a_cent_is_named() -> None:
    torn = WHOLE._replace(name="Segments", lines=(*WHOLE.lines[:1], SplitLine("ota", 2, 199, 2, 200)))
    assert splits_check([WHOLE], TOTALS, TOTALS).state == TIES
    found = splits_check([WHOLE, torn], TOTALS, TOTALS)
    assert (found.state, found.sentence) == (DIFFERS, "Segments do not add up to the totals")


def test_revpar_that_rests_on_other_revenue_than_adr_differs() -> None:
    cells = {"occupancy_paid": Cell(Fraction(3, 4)), "adr": Cell(Fraction(100)), "revpar": Cell(Fraction(75))}
    assert revpar_check(cells).state == TIES
    assert revpar_check(cells | {"revpar": Cell(Fraction(76))}).state == DIFFERS


def test_pick_up_differs_by_what_is_not_explained_rooms_or_money() -> None:
    whole = PickUp(DAY, DAY, "captured", "captured", DAY, DAY, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, ())
    assert pick_up_check(whole, "").state == TIES
    for rest in (Movement(1, 0), Movement(0, -1)):
        assert pick_up_check(whole._replace(unexplained=rest), "").state == DIFFERS


def test_a_roll_forward_says_by_how_much_it_misses() -> None:
    found = roll_forward_check(RollForward("rooms", 225, 64, 77, 213))
    assert (found.state, found.sentence) == (DIFFERS, "225 + 64 − 77 ≠ 213: +1")
