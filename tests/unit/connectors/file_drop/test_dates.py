from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import FixMapping
from connectors.file_drop.dates import DateFormat, possible_formats, read_iso, unstated_format

FRENCH = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        ("yyyy-mm-dd", "2016-08-05"),
        ("m/d/yyyy", "8/5/2016"),
        ("m/d/yyyy", "08/05/2016"),
        ("d.m.yyyy", "5.8.2016"),
        ("dd/mm/yy", "05/08/16"),
        ("yyyymmdd", "20160805"),
        ("d-mmm-yyyy", "5-Aug-2016"),
        ("mmmm d, yyyy", "August 5, 2016"),
        ("d. mmm yyyy", "5. aug. 2016"),
        ("d/m/yyyy hh:mi:ss", "5/8/2016 23:59:59"),
        ("yyyy-mm-ddThh:mi", "2016-08-05T14:30"),
    ],
)
def test_a_stated_format_reads_its_dates(stated: str, text: str) -> None:
    assert DateFormat(stated).read(text) == date(2016, 8, 5)


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        ("m/d/yyyy", "13/7/2015"),
        ("yyyy-mm-dd", "2015-2-3"),
        ("d/m/yyyy", "29/2/2015"),
        ("d/m/yyyy", "1/1/0000"),
        ("d/m/yyyy", " 1/1/2015"),
        ("d/m/yyyy", "1/1/2015x"),
        ("d/m/yyyy", "\u0661/\u0661/\u0662\u0660\u0661\u0665"),
        ("d mmm yyyy", "1 Foo 2015"),
        ("d.m.yyyy", "1x1x2015"),
    ],
)
def test_a_stated_format_reads_nothing_else(stated: str, text: str) -> None:
    assert DateFormat(stated).read(text) is None


def test_month_names_of_another_language_are_stated_and_then_read() -> None:
    stated = DateFormat("d mmmm yyyy", FRENCH)
    assert stated.read("1 AOÛT 2016") == date(2016, 8, 1)
    assert stated.read("1 August 2016") is None
    assert stated.write(date(2016, 2, 1)) == "1 février 2016"


@pytest.mark.parametrize("stated", ["", "yyyy-mm", "m/m/yyyy", "dd/mm/yyyy/yy", "soon"])
def test_a_format_without_one_year_one_month_and_one_day_is_refused(stated: str) -> None:
    with pytest.raises(FixMapping, match="one year, one month and one day"):
        DateFormat(stated)


@given(
    day=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    stated=st.sampled_from(["yyyy-mm-dd", "m/d/yy", "d.m.yyyy", "dd mmm yyyy", "mmmm d, yyyy", "yyyymmdd hh:mi"]),
)
def test_what_a_format_writes_it_reads_back(day: date, stated: str) -> None:
    assert DateFormat(stated).read(DateFormat(stated).write(day)) == day


@pytest.mark.parametrize("text", ["2016-08-05", "2016-08-05 14:30", "2016-08-05T14:30:00"])
def test_iso_dates_need_no_stating(text: str) -> None:
    assert read_iso(text) == date(2016, 8, 5)


@pytest.mark.parametrize("text", ["2016-8-5", "05.08.2016", "2016-08-05T14:30:00Z", "2016-13-01", ""])
def test_only_iso_dates_need_no_stating(text: str) -> None:
    assert read_iso(text) is None


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("7/1/2015", ["m/d/yyyy", "d/m/yyyy"]),
        ("13/7/2015", ["d/m/yyyy"]),
        ("7/13/2015", ["m/d/yyyy"]),
        ("01.02.03", ["m.d.yy", "d.m.yy", "yy.m.d"]),
        ("2015-7-1", ["yyyy-m-d", "yyyy-d-m"]),
        ("1-Jul-2015", ["d-mmm-yyyy"]),
        ("20150701", ["yyyymmdd"]),
        ("7/1/2015 14:30", ["m/d/yyyy hh:mi", "d/m/yyyy hh:mi"]),
        ("soon", []),
        ("32/32/2015", []),
        ("", []),
    ],
)
def test_every_format_a_text_could_be_of_is_listed(text: str, formats: list[str]) -> None:
    assert possible_formats(text) == formats


def test_the_refusal_says_what_to_state() -> None:
    error = unstated_format("Arrival", "7/1/2015", possible_formats("7/1/2015"), "inn")
    assert str(error) == (
        "Arrival: '7/1/2015' can be month/day or day/month: "
        'state date_format = "m/d/yyyy" or "d/m/yyyy" in exports/inn.toml'
    )


def test_a_date_of_one_order_is_refused_as_well_and_named() -> None:
    error = unstated_format("Arrival", "13/7/2015", possible_formats("13/7/2015"), "inn")
    assert str(error) == (
        "Arrival: '13/7/2015' is not an ISO date (yyyy-mm-dd): state date_format = \"d/m/yyyy\" in exports/inn.toml"
    )
