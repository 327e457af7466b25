from datetime import date
from pathlib import Path

import pytest

from connectors.errors import FixMapping
from connectors.file_drop.mapping import map_reservations, map_rows
from connectors.ports import MappingPlace
from hotel.codebook import Codebook
from hotel.incoming import Incoming, Reason, Refused, UnmappedCode
from hotel.reservations import Night, Reservation
from tests.unit.connectors.file_drop.small_pms import (
    HEADER,
    body,
    codebook,
    export,
    mapped,
    reasons,
    refused,
    reservation,
    row,
)


def test_a_row_becomes_a_reservation_with_its_room_and_nights(tmp_path: Path) -> None:
    stay = reservation(export(tmp_path))
    assert (stay.source, stay.property_id, stay.source_ref, stay.group_ref) == ("dropped", "seaside", "A7-1", "A7")
    assert (stay.status, stay.arrival_on, stay.departure_on) == ("checked_out", date(2026, 8, 1), date(2026, 8, 4))
    assert (stay.currency, stay.total_minor, stay.adult_count, stay.child_count) == ("EUR", 100_001, 2, None)
    assert (stay.channel_code, stay.is_inventory_held, stay.room_count) == ("website", False, 1)
    (room,) = stay.rooms
    assert (room.room_ref, room.room_type_code, room.total_minor, room.is_complimentary) == ("1", "DBL", 100_001, False)
    assert room.nights == tuple(
        Night(date(2026, 8, day), "sold", "DBL", None, "EUR", price)
        for day, price in ((1, 33334), (2, 33334), (3, 33333))
    )


def test_every_row_knows_its_place_in_the_pull(tmp_path: Path) -> None:
    rows = map_rows(export(tmp_path), body(row(), row(Line="2")), codebook(), MappingPlace("p:9:2", first_row=50_000))
    assert [found.raw_ref for found in rows] == ["p:9:2:50000", "p:9:2:50001"]


def test_the_row_s_position_in_the_file_counts_from_one(tmp_path: Path) -> None:
    by_row = export(tmp_path, ('{ template = "{Conf}-{Line}" }', "{ row = true }"))
    found = list(map_rows(by_row, body(row(), row(Line="2")), codebook(), MappingPlace("p:9:2", first_row=50_000)))
    assert [each.row.source_ref for each in found if isinstance(each.row, Reservation)] == ["50001", "50002"]


def test_a_reference_of_one_column_is_taken_as_it_is_and_must_be_there(tmp_path: Path) -> None:
    plain = export(tmp_path, ('{ template = "{Conf}-{Line}" }', '"Conf"'))
    assert reservation(plain, Conf=" 007 ").source_ref == "007"
    found = refused(plain, Conf=" ")
    assert ([reason.code for reason in found.reasons], found.source_ref) == (["value_missing"], "row 1")


def test_a_price_per_night_is_the_price_of_each_night(tmp_path: Path) -> None:
    stay = reservation(export(tmp_path, ("total =", "per_night =")), Total="80,5")
    assert [night.price_minor for night in stay.rooms[0].nights] == [8050, 8050, 8050]
    assert stay.total_minor == stay.rooms[0].total_minor == 24_150


def test_a_stay_without_nights_is_day_use_and_keeps_its_total(tmp_path: Path) -> None:
    stay = reservation(export(tmp_path), Out="1.8.2026", Total="40")
    assert (stay.rooms[0].is_day_use, stay.rooms[0].nights, stay.total_minor) == (True, (), 4000)


def test_a_departure_before_the_arrival_is_left_to_the_gate(tmp_path: Path) -> None:
    stay = reservation(export(tmp_path), Out="31.7.2026")
    assert (stay.departure_on, stay.rooms[0].nights) == (date(2026, 7, 31), ())


@pytest.mark.parametrize(("state", "day"), [("Void", date(2026, 7, 20)), ("Gone", None)])
def test_a_date_by_status_is_known_for_that_status_only(tmp_path: Path, state: str, day: date | None) -> None:
    stay = reservation(export(tmp_path), State=state, Changed="20.7.2026")
    assert stay.cancelled_on == stay.rooms[0].cancelled_on == day


def test_a_confirmed_booking_holds_its_room(tmp_path: Path) -> None:
    assert reservation(export(tmp_path), State="Booked").is_inventory_held


def test_dates_are_counted_from_dates_of_ours(tmp_path: Path) -> None:
    counted = export(
        tmp_path,
        ('departure_on = "Out"', 'departure_on = { from = "arrival_on", plus_days = ["Adults", "Line"] }'),
        ("cancelled_on = {", 'booked_on = { from = "arrival_on", minus_days = ["Adults"] }\ncancelled_on = {'),
    )
    stay = reservation(counted)
    assert (stay.departure_on, stay.booked_on) == (date(2026, 8, 4), date(2026, 7, 30))
    assert reservation(counted, Adults="40").booked_on == date(2026, 6, 22)
    assert list(reasons(counted, Adults="-")) == [("value_missing", "Adults+Line")]


@pytest.mark.parametrize(("month", "day"), [("August", "5"), ("aug", "05"), ("8", "5")])
def test_a_date_is_put_together_from_its_parts(tmp_path: Path, month: str, day: str) -> None:
    parts = export(
        tmp_path,
        ('arrival_on = "In"', 'arrival_on = { year = "Conf", month = "In", day = "Line" }'),
        ('departure_on = "Out"', 'departure_on = { from = "arrival_on", plus_days = ["Adults"] }'),
    )
    assert reservation(parts, Conf="2026", In=month, Line=day).arrival_on == date(2026, 8, 5)
    assert list(reasons(parts, Conf="2026", In="Foo")) == [("date_unreadable", "Conf+In+Line")]


def test_a_free_stay_is_complimentary_and_a_zero_price_is_what_the_house_says(tmp_path: Path) -> None:
    small = export(tmp_path)
    generous = codebook()._replace(
        properties={"seaside": codebook().properties["seaside"]._replace(zero_price_use="complimentary")}
    )
    assert reservation(small, Free="yes", Total="9").rooms[0].nights[0].use == "complimentary"
    assert reservation(small, Total="0").rooms[0].nights[0].use == "sold"
    assert reservation(small, book=generous, Total="0").rooms[0].nights[0].use == "complimentary"
    assert reservation(small, Free="-").rooms[0].is_complimentary is False


def test_a_code_nobody_mapped_loads_as_unmapped_and_is_noted(tmp_path: Path) -> None:
    (incoming,) = mapped(export(tmp_path), row(Channel="Teletext"))
    assert isinstance(incoming, Incoming)
    assert isinstance(incoming.row, Reservation)
    assert (incoming.row.channel_code, incoming.unmapped) == ("unmapped", (UnmappedCode("channel", "Teletext"),))


def test_what_an_export_does_not_say_is_stated_as_a_constant(tmp_path: Path) -> None:
    constant = export(
        tmp_path,
        ('channel_code = "Channel"', 'channel_code = { constant = "walk_in" }'),
        ('column = "State"', 'constant = "confirmed"'),
        ('is_complimentary = "Free"', "is_tax_included = true"),
        ('{ column = "Cur", map = { "€" = "EUR" } }', '"JPY"'),
    )
    stay = reservation(constant, Total="1.000")
    assert (stay.channel_code, stay.status, stay.is_tax_included) == ("walk_in", "confirmed", True)
    assert (stay.currency, stay.total_minor, stay.rooms[0].nights[0].is_tax_included) == ("JPY", 1000, True)


def test_a_currency_s_own_text_is_mapped(tmp_path: Path) -> None:
    assert reservation(export(tmp_path), Cur="€").currency == "EUR"


def test_a_code_the_source_leaves_empty_stays_unknown(tmp_path: Path) -> None:
    assert reservation(export(tmp_path), Channel=" ").channel_code is None


def test_the_house_s_own_code_of_a_property_wins_over_its_default(tmp_path: Path) -> None:
    book = codebook()._replace(codes={("*", "channel", "WEB"): "website", ("seaside", "channel", "WEB"): "direct"})
    assert reservation(export(tmp_path), book=book).channel_code == "direct"


def test_a_status_the_house_mapped_meanwhile_is_read(tmp_path: Path) -> None:
    small = export(tmp_path)
    assert list(reasons(small, State="Walked")) == [("status_unknown", "State")]
    book = codebook()._replace(codes={("*", "status", "Walked"): "no_show"})
    assert reservation(small, book=book, State="Walked", Channel="").status == "no_show"


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("Conf", "", "value_missing"),
        ("In", "", "value_missing"),
        ("In", "2026-08-01", "date_unreadable"),
        ("Out", "31.2.2026", "date_unreadable"),
        ("Adults", "two", "count_unreadable"),
        ("Adults", "-1", "count_unreadable"),
        ("Adults", "1,5", "count_unreadable"),
        ("Adults", "32768", "count_unreadable"),
        ("Free", "perhaps", "flag_unreadable"),
        ("Cur", "EURO", "currency_unknown"),
        ("Cur", "", "value_missing"),
        ("Total", "", "value_missing"),
        ("Total", "1,000.01", "price_unreadable"),
        ("Total", "10.00", "price_unreadable"),
        ("Total", "1e3", "price_unreadable"),
        ("Total", "99999999999999999999", "price_unreadable"),
        ("Total", "10,005", "decimals_exceed_currency"),
    ],
)
def test_a_value_that_cannot_be_read_refuses_its_row_with_the_reason(
    tmp_path: Path, field: str, text: str, code: str
) -> None:
    assert list(reasons(export(tmp_path), **{field: text})) == [(code, field)]


def test_every_reason_of_a_row_is_told_at_once_and_never_the_value(tmp_path: Path) -> None:
    found = refused(export(tmp_path), State="Lost", Adults="two", Total="Ann 7")
    assert found.reasons == (
        Reason("status_unknown", "State", "Aaaa"),
        Reason("count_unreadable", "Adults", "aaa"),
        Reason("price_unreadable", "Total", "Aaa 9"),
    )


def test_a_refused_row_is_kept_whole_and_says_what_it_withholds(tmp_path: Path) -> None:
    found = refused(export(tmp_path), Adults="two")
    assert (found.dataset, found.source, found.property_id) == ("reservations", "dropped", "seaside")
    assert (found.source_ref, found.raw_ref, found.row) == (
        "A7-1",
        "p:1:1:0",
        dict(zip(HEADER, row(Adults="two"), strict=True)),
    )
    assert (found.room_night_count, found.amount_minor, found.currency) == (3, 100_001, "EUR")


def test_a_refused_cancellation_withholds_nothing(tmp_path: Path) -> None:
    found = refused(export(tmp_path), State="Void", Adults="two")
    assert (found.room_night_count, found.amount_minor) == (0, 0)


@pytest.mark.parametrize("values", [row()[:-1], [*row(), "late"], ["a whole line"]])
def test_a_row_of_another_width_is_refused_and_kept(tmp_path: Path, values: list[str]) -> None:
    found = refused(export(tmp_path), values)
    assert found.reasons == (Reason("field_count", "", str(len(values))),)
    assert (found.property_id, found.source_ref) == ("*", "row 1")
    assert [text for text in found.row.values() if text] == [text for text in values if text]


def test_a_nul_byte_refuses_its_row_and_does_not_reach_the_quarantine(tmp_path: Path) -> None:
    good, bad = mapped(export(tmp_path), row(), row(Type="D\0L"))
    assert isinstance(good, Incoming)
    assert isinstance(bad, Refused)
    assert (bad.reasons, bad.row["Type"]) == ((Reason("nul_byte"),), "D�L")


@pytest.mark.parametrize("out", ["1.8.2126", "31.12.9999"])
def test_a_stay_of_a_century_is_refused_before_it_fills_the_memory(tmp_path: Path, out: str) -> None:
    assert list(reasons(export(tmp_path), Out=out)) == [("stay_too_long", "departure_on")]


def test_a_date_beyond_the_calendar_is_refused(tmp_path: Path) -> None:
    small = export(tmp_path, ('"Out"', '{ from = "arrival_on", plus_days = ["Adults"] }'))
    assert list(reasons(small, In="31.12.9999")) == [("date_unreadable", "Adults")]


def test_the_hotel_is_read_from_its_column(tmp_path: Path) -> None:
    named = export(tmp_path, ("[file]", 'hotel = "Conf"\n[file]'))
    assert reservation(named, Conf="Seaside").property_id == "seaside"
    assert list(reasons(named, Conf="Elsewhere")) == [("property_unknown", "Conf")]
    book = codebook()._replace(hotel_refs={"Elsewhere": "other"})
    assert reservation(named, book=book, Conf="Elsewhere", Channel="").property_id == "other"


def test_a_file_that_names_no_hotel_belongs_to_the_account_s_property(tmp_path: Path) -> None:
    (found,) = map_rows(export(tmp_path), body(row()), codebook(), MappingPlace("p:1:1", property_id="annexe"))
    assert isinstance(found, Incoming)
    assert found.row.property_id == "annexe"


def test_a_mapping_of_two_hotels_without_a_column_for_them_is_refused(tmp_path: Path) -> None:
    second = '[properties.hill]\nref = "Hill"\nname = "Hill"\ntime_zone = "UTC"\ncurrency = "EUR"\n[texts]'
    with pytest.raises(FixMapping, match="state the hotel's column"):
        mapped(export(tmp_path, ("[texts]", second)), row())


def test_a_date_whose_order_nobody_stated_stops_the_whole_file(tmp_path: Path) -> None:
    unstated = export(tmp_path, ('date_format = "d.m.yyyy"\n', ""))
    with pytest.raises(FixMapping, match=r"In: '1\.8\.2026' can be month/day or day/month: state date_format = "):
        mapped(unstated, row())


def test_a_page_without_a_mapped_column_stops_the_whole_file(tmp_path: Path) -> None:
    header = ["Conf", *HEADER[1:-2], "Cur", "Sum"]
    with pytest.raises(FixMapping, match=r"columns missing: Total: .*exports/small\.toml"):
        list(map_rows(export(tmp_path), body(row(), header=header), codebook(), MappingPlace("p:1:1")))


def test_the_integration_s_settings_name_the_mapping() -> None:
    with pytest.raises(FixMapping, match="export ="):
        list(map_reservations(b"", Codebook("dropped", {}, {}, {}), MappingPlace("p:1:1")))
    elsewhere = Codebook("dropped", {}, {}, {}, settings={"export": "../../etc/passwd"})
    with pytest.raises(FixMapping, match="no such mapping"):
        list(map_reservations(b"", elsewhere, MappingPlace("p:1:1")))
