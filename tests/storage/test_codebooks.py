"""The codebook: what a source's codes mean to us, and which of them nobody has mapped."""

from datetime import date, time

from sqlalchemy import Connection, text

from hotel.incoming import UnmappedCode
from hotel.properties import Property
from storage.codebooks import Unmapped
from storage.integrations import (
    Integration,
    codebook,
    note_unmapped,
    save_code_mappings,
    save_integration,
    save_property,
)

CITY = Property(
    "city-hotel", "City", "Europe/Lisbon", "EUR", of_record_source="pms", day_rolls_at=time(4), room_count=9
)
RESORT = Property("resort-hotel", "Resort", "Europe/Lisbon", "EUR", business_on_kind="pms")


def queue(connection: Connection) -> list[tuple[object, ...]]:
    query = "SELECT property_id, field, ref, waiting_count, next_arrival_on FROM ops.unmapped_codes ORDER BY 1, 2, 3"
    return [tuple(row) for row in connection.execute(text(query))]


def test_a_property_comes_back_as_it_was_saved_and_the_newest_counts(connection: Connection) -> None:
    save_property(connection, CITY._replace(name="Before"))
    save_property(connection, CITY)
    save_property(connection, RESORT)
    assert codebook(connection, "pms").properties == {"city-hotel": CITY, "resort-hotel": RESORT}


def test_saving_a_property_does_not_forget_the_business_date_its_pms_told(connection: Connection) -> None:
    save_property(connection, RESORT._replace(business_on=date(2026, 3, 1)))
    save_property(connection, RESORT)
    assert codebook(connection, "pms").properties["resort-hotel"].business_on == date(2026, 3, 1)
    save_property(connection, RESORT._replace(business_on=date(2026, 3, 2)))
    assert codebook(connection, "pms").properties["resort-hotel"].business_on == date(2026, 3, 2)


def test_a_source_that_names_hotels_its_own_way_is_understood(connection: Connection) -> None:
    for house in (CITY, RESORT):
        save_property(connection, house)
    save_integration(connection, Integration("pms", "city-hotel", "hotel_rest", hotel_ref="C1"))
    save_integration(connection, Integration("pms", "resort-hotel", "hotel_rest"))
    save_integration(connection, Integration("drop", "*", "file_drop"))
    assert codebook(connection, "pms").hotel_refs == {"C1": "city-hotel", "resort-hotel": "resort-hotel"}
    assert codebook(connection, "drop").hotel_refs == {each: each for each in ("city-hotel", "resort-hotel")}
    assert codebook(connection, "stranger").hotel_refs == {}


def test_settings_of_a_property_stand_over_those_for_all(connection: Connection) -> None:
    options = {"export": "all", "as_is": ["channel", "room_type"]}
    save_integration(connection, Integration("drop", "city-hotel", "file_drop", settings={"export": "city"}))
    save_integration(connection, Integration("drop", "*", "file_drop", settings=options))
    book = codebook(connection, "drop")
    assert book.settings["export"] == "city"
    assert book.as_is == {"channel", "room_type"}
    assert book.code("city-hotel", "channel", "Direct") == "Direct"
    assert book.code("city-hotel", "meal_plan", "BB") == UnmappedCode("meal_plan", "BB")


def test_codes_are_found_for_the_property_then_for_all_and_per_source(connection: Connection) -> None:
    codes = {
        ("*", "channel", "BDC"): "booking_com", ("city-hotel", "channel", "BDC"): "booking_com_city",
        ("city-hotel", "room_type", "DBL"): "double", ("*", "rate_plan", "BAR"): "flexible",
    }  # fmt: skip
    save_code_mappings(connection, "pms", codes, decided_by="ana")
    book = codebook(connection, "pms")
    assert book.code("city-hotel", "channel", "BDC") == "booking_com_city"
    assert book.code("resort-hotel", "channel", "BDC") == "booking_com"
    assert book.code("city-hotel", "room_type", "DBL") == "double"
    assert book.code("resort-hotel", "rate_plan", "BAR") == "flexible"
    assert codebook(connection, "other").codes == {}
    save_code_mappings(connection, "pms", {("city-hotel", "room_type", "DBL"): "twin"})
    assert codebook(connection, "pms").code("city-hotel", "room_type", "DBL") == "twin"


def test_a_retired_room_mapping_no_longer_maps(connection: Connection) -> None:
    save_code_mappings(connection, "pms", {("city-hotel", "room_type", "DBL"): "double"})
    connection.execute(text("UPDATE ops.room_mappings SET is_active = false"))
    assert codebook(connection, "pms").codes == {}


def test_unmapped_codes_queue_with_the_guest_who_arrives_first(connection: Connection) -> None:
    note_unmapped(connection, "pms", [
        Unmapped("city-hotel", "room_type", "X", "p:1:1:0", date(2026, 5, 2)),
        Unmapped("city-hotel", "room_type", "X", "p:1:1:1", date(2026, 5, 1)),
        Unmapped("city-hotel", "channel", "Y", "p:1:1:2"),
    ])  # fmt: skip
    note_unmapped(connection, "pms", [Unmapped("city-hotel", "room_type", "X", "p:2:1:0", date(2026, 6, 1))])
    assert queue(connection) == [
        ("city-hotel", "channel", "Y", 1, None),
        ("city-hotel", "room_type", "X", 3, date(2026, 5, 1)),
    ]


def test_a_mapping_takes_its_code_out_of_the_queue_for_one_or_for_all(connection: Connection) -> None:
    note_unmapped(
        connection,
        "pms",
        [Unmapped(house, field, "X", "p:1:1:0") for house in ("city-hotel", "resort-hotel") for field in ("a", "b")],
    )
    save_code_mappings(connection, "pms", {("city-hotel", "a", "X"): "x"})
    assert [row[:2] for row in queue(connection)] == [("city-hotel", "b"), ("resort-hotel", "a"), ("resort-hotel", "b")]
    save_code_mappings(connection, "pms", {("*", "b", "X"): "x"})
    assert [row[:2] for row in queue(connection)] == [("resort-hotel", "a")]


def test_nothing_unmapped_and_nothing_mapped_is_nothing_done(connection: Connection) -> None:
    note_unmapped(connection, "pms", [])
    save_code_mappings(connection, "pms", {})
    assert queue(connection) == []
