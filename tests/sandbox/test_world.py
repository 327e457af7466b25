"""The world repeats itself to the byte, and everything that can happen in a hotel happens in it."""

import hashlib
import subprocess
import sys
import unicodedata
from collections import Counter
from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hotel.guests import Guest
from hotel.money import exponent
from hotel.reservations import Reservation, stay_dates
from hotel.status import CANCELLED
from sandbox.world import World, build
from sandbox.world.flaws import FLAWS
from sandbox.world.timeline import Record
from sandbox.world.view import GUESTS, RESERVATIONS

DIGEST = """
import hashlib, msgspec
from sandbox.world import build
view = build(seed=7, size=60, flawed_per_mille=50).view()
told = [list(view.shapes(dataset)) for dataset in ("guests", "reservations")]
print(hashlib.sha256(msgspec.json.encode(told)).hexdigest())
"""


def told(world: World, dataset: str = RESERVATIONS) -> list[dict[str, Any]]:
    return list(world.view().shapes(dataset))


def rows_of(record: Record) -> list[Reservation]:
    return [version.row for version in record.versions if isinstance(version.row, Reservation)]


def test_the_same_seed_gives_the_same_bytes_in_any_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout.strip()
        for seed in ("0", "4711")
    }
    view = build(seed=7, size=60, flawed_per_mille=50).view()
    here = msgspec.json.encode([list(view.shapes(dataset)) for dataset in (GUESTS, RESERVATIONS)])
    assert digests == {hashlib.sha256(here).hexdigest()}


def test_another_seed_gives_another_world() -> None:
    assert told(build(seed=1, size=20)) != told(build(seed=2, size=20))


def test_a_house_is_the_same_whatever_share_of_its_rows_is_flawed(world: World, flawed_world: World) -> None:
    assert [r.versions[0] for r in world.reservations] == [r.versions[0] for r in flawed_world.reservations]


def test_three_currencies_with_two_no_and_three_decimals(world: World) -> None:
    decimals = {house.place.currency: exponent(house.place.currency) for house in world.houses}
    assert decimals == {"EUR": 2, "JPY": 0, "BHD": 3}
    for row in told(world):
        _, _, part = row["totalPrice"].partition(".")
        assert len(part) == decimals[row["currency"]]


def test_guests_bear_names_in_the_scripts_hotels_see(world: World) -> None:
    letters = {char for row in told(world, GUESTS) for char in row["lastName"] if char.isalpha()}
    scripts = {unicodedata.name(char).split()[0] for char in letters}
    assert scripts >= {
        "LATIN",
        "CYRILLIC",
        "GREEK",
        "THAI",
        "ARABIC",
        "HEBREW",
        "HIRAGANA",
        "CJK",
        "HANGUL",
        "DEVANAGARI",
    }
    assert any(
        not row["lastName"].isascii() and "LATIN" in unicodedata.name(row["lastName"][0]) for row in told(world, GUESTS)
    )


def test_there_are_persons_companies_agents_returning_and_merged_profiles() -> None:
    profiles = told(build(seed=7, size=1500), GUESTS)
    assert {row["kind"] for row in profiles} == {"person", "company", "travel_agent"}
    by_id = {row["id"]: row for row in profiles}
    merged = [row for row in profiles if row["mergedIntoId"]]
    assert merged
    assert all(not row["active"] and row["mergedIntoId"] in by_id for row in merged)
    assert all(
        (row["lastName"], row["language"])
        == (by_id[row["mergedIntoId"]]["lastName"], by_id[row["mergedIntoId"]]["language"])
        for row in merged
    )
    assert Counter(row["revision"] for row in profiles).keys() == {1, 2}


def test_every_booking_names_profiles_that_are_told(world: World) -> None:
    known = {row["id"] for row in told(world, GUESTS)}
    for row in told(world):
        named = {row["guestId"], row["bookerId"], row["agentId"], row["companyId"]} - {None}
        assert named <= known


def test_whatever_can_happen_to_a_booking_happens() -> None:
    world = build(seed=7, size=1200)
    rows = told(world)
    rooms = [room for row in rows for room in row["rooms"]]
    assert {row["status"] for row in rows} == {
        "Confirmed", "InHouse", "CheckedOut", "Cancelled", "NoShow", "Waitlisted", "Optional",
    }  # fmt: skip
    kinds = {version.kind for record in world.reservations for version in record.versions}
    assert kinds == {"created", "modified", "cancelled", "reinstated", "no_show", "checked_in", "checked_out"}
    assert any(room["dayUse"] for room in rooms)
    assert any(room["complimentary"] for room in rooms)
    assert any(room["houseUse"] for room in rooms)
    assert any(night["package"] for room in rooms for night in room["nights"])
    assert any(room["assignedRoomType"] != room["roomType"] for room in rooms)
    assert any(len(row["rooms"]) >= 5 and row["groupId"] for row in rows)
    assert Counter(row["groupId"] for row in rows if row["groupId"]).most_common(1)[0][1] >= 3
    assert any(
        row["status"] != "Cancelled" and {room["status"] for room in row["rooms"]} > {"Cancelled"} for row in rows
    )
    assert {row["taxIncluded"] for row in rows} == {True, False, None}
    assert {row["channel"] for row in rows} >= {"booking_com", "direct_web", "walk_in", "corporate"}
    assert all(bool(row["channelRef"]) == (row["channel"] in {"booking_com", "expedia", "agoda"}) for row in rows)


def test_some_guests_leave_early_with_and_without_a_shorter_booking() -> None:
    world = build(seed=7, size=1200)
    gone = [row for record in world.reservations for row in rows_of(record) if row.status == "checked_out"]
    kept = [row for row in gone if row.departure_on and row.checked_out_on and row.checked_out_on < row.departure_on]
    assert kept
    assert any(
        before.departure_on and after.departure_on and after.departure_on < before.departure_on
        for record in world.reservations
        for before, after in zip(rows_of(record), rows_of(record)[1:], strict=False)
        if after.status == "checked_out"
    )


@given(seed=st.integers(0, 10**6))
@hypothesis_settings(max_examples=15, deadline=None)
def test_every_version_of_every_booking_adds_up(seed: int) -> None:
    for record in build(seed=seed, size=25, flawed_per_mille=100).reservations:
        moments = [version.at for version in record.versions]
        assert moments == sorted(set(moments))
        for row in rows_of(record):
            for room in row.rooms:
                assert room.arrival_on
                assert room.departure_on
                assert [night.stay_on for night in room.nights] == stay_dates(room.arrival_on, room.departure_on)
                assert room.is_day_use or room.total_minor == sum(night.price_minor for night in room.nights)
                assert (
                    room.tax_minor is None
                    or room.is_day_use
                    or room.tax_minor == sum(n.tax_minor or 0 for n in room.nights)
                )
            meant = [room for room in row.rooms if row.status == CANCELLED or room.status != CANCELLED]
            assert row.total_minor == sum(room.total_minor or 0 for room in meant)
            assert row.room_count == len(meant)
            assert (row.adult_count or 0) >= 1
            assert row.booked_on
            assert row.arrival_on
            assert row.booked_on <= row.arrival_on


def test_no_room_type_is_sold_more_often_than_it_has_rooms() -> None:
    world = build(seed=3, size=900)
    for house in world.houses:
        taken: Counter[tuple[str, object]] = Counter()
        for record in world.reservations:
            last = rows_of(record)[-1]
            if record.property_id != house.place.property_id or last.status != "checked_out":
                continue
            taken.update(
                (r.assigned_room_type_code or "", n.stay_on)
                for r in last.rooms
                if r.status == "checked_out"
                for n in r.nights
            )
        counts = {kind.room_type_code: kind.room_count or 0 for kind in house.types}
        assert taken
        assert all(count <= counts[code] for (code, _), count in taken.items())


def test_the_clock_only_ever_adds_revisions(world: World) -> None:
    before = {told.ref: told.revision for told in world.view().told(RESERVATIONS, "kamo-kyoto")}
    later = {
        told.ref: told.revision for told in world.view(world.now + timedelta(days=20)).told(RESERVATIONS, "kamo-kyoto")
    }
    assert before.keys() < later.keys()
    assert all(later[ref] >= revision for ref, revision in before.items())
    assert any(later[ref] > revision for ref, revision in before.items())


def test_what_was_modified_in_a_window_is_what_changed_between_its_ends(world: World) -> None:
    since, until = world.now - timedelta(days=3), world.now
    then, now = (
        {t.ref: t.revision for t in world.view(at).told(RESERVATIONS, "harbour-lisbon")} for at in (since, until)
    )
    window = world.view(until).told(RESERVATIONS, "harbour-lisbon", since + timedelta(seconds=1))
    changed = {ref for ref, revision in now.items() if revision != then.get(ref)}
    assert {told.ref for told in window} == changed
    assert changed


def test_a_flawed_row_is_told_wrong_until_it_is_mended(flawed_world: World) -> None:
    flawed = [record for record in flawed_world.reservations if record.flaw]
    assert {record.flaw for record in flawed} == FLAWS.keys()
    mended = {record.ref: record.versions[-1].row for record in flawed}
    assert not any(isinstance(row, Guest) for row in mended.values())
    now = {row["id"]: row for row in flawed_world.view().shapes(RESERVATIONS)}
    later = {row["id"]: row for row in flawed_world.view(flawed_world.now + timedelta(days=1)).shapes(RESERVATIONS)}
    for record in flawed:
        wrong, right = now[record.ref], later[record.ref]
        assert right["revision"] > wrong["revision"]
        assert right["currency"]
        assert right["adults"] > 0
        assert right["status"] != "Sleepover"


def test_the_flaws_are_what_they_say(flawed_world: World) -> None:
    now = {row["id"]: row for row in flawed_world.view().shapes(RESERVATIONS)}
    by_flaw = {record.flaw: now[record.ref] for record in flawed_world.reservations if record.flaw}
    assert by_flaw["no_guests"]["adults"] == by_flaw["no_guests"]["rooms"][0]["adults"] == 0
    assert by_flaw["negative_price"]["rooms"][0]["nights"][0]["price"].startswith("-")
    inexact = by_flaw["inexact_price"]
    assert len(inexact["rooms"][0]["nights"][0]["price"].partition(".")[2]) == exponent(inexact["currency"]) + 1
    assert by_flaw["unknown_status"]["status"] == "Sleepover"
    assert by_flaw["unknown_currency"]["currency"] == "XQX"
    assert by_flaw["missing_currency"]["currency"] is None
