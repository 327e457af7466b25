"""A clean world passes the quality gate whole; of a flawed one exactly the flawed rows are held, for their reasons."""

from collections import Counter
from collections.abc import Sequence

from expectations.facts import BatchFacts, HouseFacts, PropertyFacts
from expectations.gate import judge
from hotel.incoming import Incoming
from hotel.passed import Verdict
from hotel.reservations import Reservation
from sandbox.world import TODAY, World
from sandbox.world.flaws import FLAWS
from sandbox.world.view import GUESTS, RESERVATIONS
from storage.frames import frames
from tests.sandbox.test_round_trip import FOUND_BY_GATE, mapped


def judged(world: World, dataset: str) -> tuple[Verdict, Sequence[Incoming]]:
    rows = [found for _, found in mapped(world, dataset) if isinstance(found, Incoming)]
    places = {house.place.property_id: PropertyFacts((house.place.currency,), TODAY) for house in world.houses}
    told = BatchFacts(rows_read=len(rows))
    return judge(
        dataset, frames(dataset, rows, 1).tables, batch_id=1, facts=told, house=HouseFacts(TODAY, places)
    ), rows


def test_a_clean_world_passes_whole(world: World) -> None:
    for dataset in (GUESTS, RESERVATIONS):
        verdict, rows = judged(world, dataset)
        assert (verdict.word, verdict.rows_judged_count, verdict.held) == ("passed", len(rows), ())
    assert verdict.warnings.keys() >= {"no_nights", "left_early"}


def test_of_a_flawed_world_the_flawed_rows_are_held_each_for_its_own_reason(flawed_world: World) -> None:
    verdict, rows = judged(flawed_world, RESERVATIONS)
    flaw_of = {record.ref: FLAWS[record.flaw].reason for record in flawed_world.reservations if record.flaw}
    refs = [row.row.source_ref for row in rows if isinstance(row.row, Reservation)]
    assert len(refs) == len(rows)
    held = Counter((refs[each.position], reason.code) for each in verdict.held for reason in each.reasons)
    expected = {(ref, flaw_of[ref]) for ref in refs if flaw_of.get(ref) in FOUND_BY_GATE}
    assert held.keys() == expected
    assert expected
