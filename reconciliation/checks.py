"""What a report asserts of itself, and what it says where it cannot."""

from collections.abc import Iterable, Mapping

import pandas as pd

from hotel.figures import DIFFERS, NOT_KNOWN, TIES, Cell, Check, PickUp, RollForward, Split
from reconciliation.cells import Cells


def roll_forward_check(roll: RollForward) -> Check:
    """Hold in house at the close against the day before and what moved."""
    name = f"In house rolls forward ({roll.unit})"
    if roll.before_count is None:
        return Check(name, NOT_KNOWN, "the day before is not loaded")
    led_to = f"{roll.before_count:,} + {roll.arrival_count:,} − {roll.departure_count:,}"
    if roll.difference:
        return Check(name, DIFFERS, f"{led_to} ≠ {roll.in_house_count:,}: {roll.difference:+,}")
    return Check(name, TIES, f"{led_to} = {roll.in_house_count:,}")


def splits_check(splits: Iterable[Split], day: Cells, month: Cells) -> Check:
    """Hold every split's sums against the totals, rooms and money, day and month."""
    wanted = tuple(cells[code].value for cells in (day, month) for code in ("occupied_rooms", "room_revenue"))
    if None in wanted:
        return Check("Splits add up", NOT_KNOWN, day["occupied_rooms"].note or month["occupied_rooms"].note)
    wrong = [
        split.name
        for split in splits
        if wanted
        != (
            sum(line.room_count for line in split.lines),
            sum(line.revenue_minor for line in split.lines),
            sum(line.month_room_count for line in split.lines),
            sum(line.month_revenue_minor for line in split.lines),
        )
    ]
    if wrong:
        return Check("Splits add up", DIFFERS, f"{', '.join(wrong)} do not add up to the totals")
    return Check("Splits add up", TIES, "segments, channels and room types each add up to rooms and revenue")


def revpar_check(day: Cells) -> Check:
    """Hold RevPAR against occupancy × ADR, unrounded."""
    name = "RevPAR = occupancy × ADR"
    revpar, occupancy, adr = (day[code] for code in ("revpar", "occupancy_paid", "adr"))
    for cell in (revpar, occupancy, adr):
        if cell.value is None:
            return Check(name, NOT_KNOWN, cell.note)
    if revpar.value == _product(occupancy, adr):
        return Check(name, TIES, "exactly, on unrounded values")
    return Check(name, DIFFERS, "rooms sold and their revenue do not belong together")


def _product(left: Cell, right: Cell) -> object:
    return None if left.value is None or right.value is None else left.value * right.value


def pick_up_check(pick_up: PickUp | None, note: str) -> Check:
    """Hold the split of the pick-up against the difference of the snapshots."""
    name = "Pick-up is explained by changes"
    if pick_up is None:
        return Check(name, NOT_KNOWN, note)
    rest = pick_up.unexplained
    if rest.room_night_count:
        return Check(name, DIFFERS, f"{rest.room_night_count:+,} room nights are not explained")
    if rest.revenue_minor:
        return Check(name, DIFFERS, "the room nights are explained, their revenue is not")
    return Check(name, TIES, "new, cancelled and modified add up to the difference")


def arrivals_check(not_arrived_count: int, *, is_closed: bool) -> Check:
    """After the close nobody may still be due."""
    name = "Everyone due has come or is marked"
    if not is_closed:
        return Check(name, NOT_KNOWN, f"the date is open, {not_arrived_count:,} rooms are still due")
    if not_arrived_count:
        return Check(name, DIFFERS, f"{not_arrived_count:,} rooms due are neither arrived, cancelled nor no-show")
    return Check(name, TIES, "no room due is left open")


def currency_check(others: Mapping[str, tuple[int, int]], currency: str) -> Check:
    """Say what is sold in other currencies: its rooms count, its money is not converted (K-14)."""
    name = f"All revenue is in {currency}"
    if not others:
        return Check(name, TIES, "no night is priced in another currency")
    rooms = ", ".join(f"{count:,} rooms in {code}" for code, (count, _) in others.items())
    return Check(name, NOT_KNOWN, f"{rooms}: counted as rooms, not in revenue and ADR")


def persons_check(in_house: pd.DataFrame) -> Check:
    """Say how many rooms in house do not tell how many they hold."""
    silent = int((~in_house["is_person_count_known"].fillna(value=False).astype(bool)).sum())
    if silent:
        return Check("Persons are known", NOT_KNOWN, f"{silent:,} rooms in house do not say how many they hold")
    return Check("Persons are known", TIES, "every room in house says how many it holds")


def tax_check(tax_basis: str) -> Check:
    """Say whether the prices are known to be without tax."""
    if tax_basis == "without tax":
        return Check("Tax basis", TIES, "room revenue is without tax")
    return Check("Tax basis", NOT_KNOWN, f"tax basis: {tax_basis}")
