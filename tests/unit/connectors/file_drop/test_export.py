from pathlib import Path

import pytest

from connectors.errors import FixMapping
from connectors.file_drop.export import EXPORTS, export_names, load_export
from hotel.properties import Property
from tests.unit.connectors.file_drop.small_pms import HEADER, SMALL, export, save_export


@pytest.mark.parametrize("name", export_names())
def test_every_mapping_of_the_repo_loads(name: str) -> None:
    assert load_export(name).name == name


def test_the_mappings_of_the_repo_are_listed_by_name() -> None:
    assert export_names(EXPORTS) == ["hotel_bookings", "hotel_bookings_us"]


def test_a_mapping_knows_the_columns_it_reads_each_once(tmp_path: Path) -> None:
    assert sorted(export(tmp_path).columns()) == sorted(HEADER)


def test_a_mapping_describes_its_hotels_as_properties_of_ours(tmp_path: Path) -> None:
    assert export(tmp_path).house("dropped") == [
        Property("seaside", "Seaside Inn", "Europe/Berlin", "EUR", country_code="DE", of_record_source="dropped")
    ]


def test_a_variant_states_only_what_differs(tmp_path: Path) -> None:
    save_export(tmp_path)
    save_export(
        tmp_path, 'extends = "small"\n[file]\ndelimiter = ","\n[codes.status.map]\nNoShow = "no_show"\n', "comma"
    )
    small, comma = load_export("small", tmp_path), load_export("comma", tmp_path)
    assert (comma.name, comma.file.delimiter, comma.file.decimal_mark) == ("comma", ",", ",")
    assert comma.code_rules()["status"].map == {**small.code_rules()["status"].map, "NoShow": "no_show"}


def test_a_variant_of_a_variant_is_refused(tmp_path: Path) -> None:
    save_export(tmp_path)
    save_export(tmp_path, 'extends = "small"\n', "one")
    save_export(tmp_path, 'extends = "one"\n', "two")
    save_export(tmp_path, 'extends = "round"\n', "round")
    for name, extended in (("two", "one"), ("round", "round")):
        with pytest.raises(FixMapping, match=f"exports/{name}.toml: {extended} extends another itself"):
            load_export(name, tmp_path)


def test_a_column_of_the_export_may_have_its_own_date_format(tmp_path: Path) -> None:
    own = export(tmp_path, ('{ column = "Changed"', '{ date_format = "m/d/yy", column = "Changed"'))
    formats = {column: stated and stated.text for column, stated in own.date_formats().items()}
    assert formats == {"In": "d.m.yyyy", "Out": "d.m.yyyy", "Changed": "m/d/yy"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('decimal_mark = ","\n', "", "decimal_mark"),
        ('decimal_mark = ","', 'decimal_mark = ";"', "decimal_mark"),
        ("thousands_mark", "thousand_mark", "thousand_mark"),
        ('thousands_mark = "."', 'thousands_mark = ","', "must differ"),
        ('delimiter = ";"', 'delimiter = "||"', "delimiter must be one character"),
        ('"d.m.yyyy"', '"d.m"', "one year, one month and one day"),
        ('delimiter = ";"', 'encoding = "latin-99"', "latin-99"),
        ('delimiter = ";"', 'month_names = ["Januar"]', "twelve"),
        ("adult_count", "adults_count", "counts.adults_count is no field"),
        ("adult_count", "source_ref", "counts.source_ref is no field"),
        ("is_complimentary", "is_nice", "flags.is_nice is no field"),
        ('arrival_on = "In"\n', "", "state dates.arrival_on"),
        ('source_ref = { template = "{Conf}-{Line}" }\n', "", "state texts.source_ref"),
        ('total = "Total"', "", "per_night or total"),
        ('total = "Total"', 'total = "Total"\nper_night = "Rate"', "per_night or total"),
        ('{ column = "Changed", ', "{ ", "dates.cancelled_on: state column"),
        ('"In"', '{ year = "In", month = "In" }', "dates.arrival_on: state column"),
        ('departure_on = "Out"', 'departure_on = { column = "In", date_format = "m/d/yy" }', "In has two formats"),
        ('when_status = "cancelled"', 'when_status = "void"', "when_status must be a status of ours"),
        ('"checked_out"', '"gone"', "codes.status: gone is no status of ours"),
        ("{Conf}-{Line}", "{}", "texts.source_ref: state column, or a template with columns"),
        ('group_ref = "Conf"', 'group_ref = { column = "Conf", row = true }', "texts.group_ref: state column"),
        ('channel_code = "Channel"', "channel_code = { as_is = true }", "codes.channel_code: state column or constant"),
        ('column = "State"', 'constant = "gone"', "codes.status: gone is no status of ours"),
        ("is_complimentary", "is_day_use", "flags.is_day_use is no field"),
        ('"In"', '{ column = "In", month = "In" }', "dates.arrival_on: state column"),
        ('"In"', '{ column = "In", plus_days = ["Adults"] }', "dates.arrival_on: days are counted"),
        ('departure_on = "Out"', 'departure_on = { from = "arrival" }', "departure_on: from must be another date"),
        ('departure_on = "Out"', 'departure_on = { from = "departure_on" }', "departure_on: from must be another date"),
        ('column = "Cur", ', "", "currency: state an ISO 4217 code or a column"),
        ('{ column = "Cur", map = { "€" = "EUR" } }', '"Euro"', "currency: state an ISO 4217 code"),
        ('currency = "EUR"', 'currency = "EURO"', "properties.seaside"),
        ("Europe/Berlin", "Europe/Bonn", "properties.seaside"),
        ('dataset = "reservations"', 'dataset = "guests"', "dataset"),
        ('dataset = "reservations"', "dataset =", "not TOML"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused_with_what_to_state(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    with pytest.raises(FixMapping, match=told) as refusal:
        export(tmp_path, (old, new))
    assert str(refusal.value).startswith("exports/small.toml: ")


def test_all_faults_of_a_mapping_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FixMapping, match=r"state dates\.arrival_on; .*adults_count"):
        export(tmp_path, ("adult_count", "adults_count"), ('arrival_on = "In"\n', ""))


@pytest.mark.parametrize("name", ["missing", "../small", "", "Small", "small.toml"])
def test_only_a_mapping_of_the_folder_can_be_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    save_export(tmp_path)
    save_export(tmp_path / "in", SMALL, "known")
    with pytest.raises(FixMapping, match="there is no such mapping; there are: known"):
        load_export(name, tmp_path / "in")
