"""Every new profile is linked to a person, once, by an id that its key alone decides."""

from typing import Any

import pytest
from sqlalchemy import Connection, text

from tests.storage.guests import a_guest
from tests.storage.stays import HOUSE, PMS, add_house, load, rows, told

LINKS = "SELECT source_ref, guest_id::text, method FROM core.guest_links ORDER BY source_ref"
# The id as PostgreSQL would make it: whoever restores a house must come to the same one.
BY_KEY = (
    "SELECT md5(concat_ws(chr(31), source, property_id, source_ref))::uuid::text FROM core.guests ORDER BY source_ref"
)
FIRST_LOAD = 10_000  # from here on rows are copied straight into the table


@pytest.fixture(autouse=True)
def _house(connection: Connection) -> None:
    add_house(connection)


def loaded(connection: Connection, *refs: str, seq: int = 1, **given: Any) -> None:
    load(connection, [told(a_guest(ref, **given), seq) for ref in refs], seq, "guests")


@pytest.mark.parametrize("count", [3, FIRST_LOAD])
def test_every_new_profile_is_a_person_of_its_own(connection: Connection, count: int) -> None:
    loaded(connection, *(f"G{number}" for number in range(count)))
    links = rows(connection, LINKS)
    assert len({guest_id for _, guest_id, _ in links}) == count
    assert [(guest_id,) for _, guest_id, _ in links] == rows(connection, BY_KEY)
    assert {method for *_, method in links} == {"exact"}


def test_a_changed_profile_keeps_its_link_and_a_later_one_gets_its_own(connection: Connection) -> None:
    loaded(connection, "G1", "G2")
    before = rows(connection, LINKS)
    loaded(connection, "G2", "G3", seq=2, first_name="Bea")
    assert rows(connection, LINKS)[:2] == before
    assert [ref for ref, *_ in rows(connection, LINKS)] == ["G1", "G2", "G3"]


@pytest.mark.parametrize("count", [2, FIRST_LOAD])
def test_who_was_matched_before_stays_matched(connection: Connection, count: int) -> None:
    person = "00000000-0000-0000-0000-000000000007"
    connection.execute(
        text(
            "INSERT INTO core.guest_links (source, property_id, source_ref, guest_id, method) VALUES (:s, :p, 'G1', :g, 'rule')"
        ),
        {"s": PMS, "p": HOUSE, "g": person},
    )
    loaded(connection, *(f"G{number}" for number in range(count)))
    links = {ref: (guest_id, method) for ref, guest_id, method in rows(connection, LINKS)}
    assert links.pop("G1") == (person, "rule")
    assert len(links) == count - 1
