"""The derived inventory is at any moment what counting all nights again would give."""

from sqlalchemy import Connection

from storage.engine import driver
from storage.inventory import recount_inventory
from tests.storage.stays import CHANNEL, HOUSE, add_house, booking, cancelled, load, night, room, rows, told

CELLS = (
    "SELECT room_type_code, stay_on - date '2026-05-01', physical_count, sold_count, complimentary_count,"
    " house_use_count, tentative_count, available_count FROM core.inventory WHERE source = 'derived' ORDER BY 1, 2"
)


def recount(connection: Connection) -> int:
    return recount_inventory(driver(connection).cursor(), HOUSE, load_id=99)


def test_each_night_counts_by_its_use(connection: Connection) -> None:
    add_house(connection)
    uses = [night(0, use=use) for use in ("sold", "complimentary", "house_use", "share", "pseudo")]
    load(connection, [told(booking(f"R{n}", room("1", [0])._replace(nights=(use,))), 1) for n, use in enumerate(uses)])
    assert rows(connection, CELLS) == [("double", 0, None, 2, 1, 1, 0, None)]


def test_what_is_available_is_known_where_the_rooms_are(connection: Connection) -> None:
    add_house(connection)
    connection.exec_driver_sql(
        "INSERT INTO core.room_types (property_id, room_type_code, name, room_count, source_version, received_seq, load_id, raw_ref, row_hash)"
        f" VALUES ('{HOUSE}', 'double', 'Double', 1, 1, 1, 1, 'p', '')"
    )
    load(connection, [told(booking("R1", room("1", [0])), 1), told(booking("R2", room("1", [0])), 1)])
    assert rows(connection, CELLS) == [("double", 0, 1, 2, 0, 0, 0, -1)]
    connection.exec_driver_sql("UPDATE core.room_types SET room_count = 5")
    assert recount(connection) == 1
    assert rows(connection, CELLS) == [("double", 0, 5, 2, 0, 0, 0, 3)]


def test_an_option_is_tentative_and_a_wait_list_counts_nowhere(connection: Connection) -> None:
    add_house(connection)
    option = booking("R1", room("1", [0], status="waitlisted"), status="waitlisted", is_inventory_held=True)
    waiting = booking("R2", room("1", [1], status="waitlisted"), status="waitlisted", is_inventory_held=False)
    load(connection, [told(option, 1), told(waiting, 1)])
    assert rows(connection, CELLS) == [("double", 0, None, 0, 0, 0, 1, None)]


def test_a_cancel_gives_the_nights_back_and_a_reinstatement_takes_them(connection: Connection) -> None:
    add_house(connection)
    for seq, message in enumerate([told(booking(), 1), cancelled(version=2), told(booking(), 3)], start=1):
        load(connection, [message], seq)
        assert {cell[3] for cell in rows(connection, CELLS)} == {0 if seq == 2 else 1}
        assert recount(connection) == 0


def test_a_moved_stay_and_a_dropped_room_leave_no_trace(connection: Connection) -> None:
    add_house(connection)
    load(connection, [told(booking("R1", room("1", [0, 1]), room("2", [0], kind="suite")), 1)])
    load(connection, [told(booking("R1", room("1", [1, 2])), 2)], 2)
    assert [(cell[0], cell[1]) for cell in rows(connection, CELLS) if cell[3]] == [("double", 1), ("double", 2)]
    assert recount(connection) == 0


def test_cells_that_do_not_change_are_not_written(connection: Connection) -> None:
    add_house(connection)
    load(connection, [told(booking(), 1)])
    load(connection, [told(booking("R1", room(price=20_000)), 2)], 2)
    assert rows(connection, "SELECT DISTINCT load_id FROM core.inventory") == [(1,)]


def test_a_recount_mends_what_somebody_spoilt_and_leaves_the_pms_own_counts_alone(connection: Connection) -> None:
    add_house(connection)
    load(
        connection, [told(booking("R1", channel_ref="C1"), 1), told(booking("C1", source=CHANNEL, channel_ref="C1"), 1)]
    )
    connection.exec_driver_sql(
        "INSERT INTO core.inventory (source, property_id, room_type_code, stay_on, sold_count, source_version, received_seq, load_id, raw_ref, row_hash)"
        f" VALUES ('pms', '{HOUSE}', 'double', '2026-05-01', 7, 1, 1, 1, 'p', '')"
    )
    connection.exec_driver_sql(
        "UPDATE core.inventory SET sold_count = 3, row_hash = '' WHERE stay_on = '2026-05-01' AND source = 'derived'"
    )
    assert recount(connection) == 1
    assert [cell[3] for cell in rows(connection, CELLS)] == [1, 1]
    assert recount(connection) == 0
    assert rows(connection, "SELECT sold_count FROM core.inventory WHERE source = 'pms'") == [(7,)]
