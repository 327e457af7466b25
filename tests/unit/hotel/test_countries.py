"""Country codes of today, of yesterday, and of nobody."""

import csv
from pathlib import Path

import pytest

from hotel.countries import COUNTRIES, alpha_2

LIST = (
    Path(__file__).resolve().parents[4]
    / "shared"
    / "corpus"
    / "reference"
    / "iso3166_datasets"
    / "data"
    / "country-codes.csv"
)


@pytest.mark.parametrize(
    ("code", "country"),
    [
        ("PRT", "PT"),
        ("PT", "PT"),
        (" prt ", "PT"),
        ("CN", "CN"),
        ("CHN", "CN"),
        ("TMP", "TL"),
        ("TP", "TL"),
        ("ATA", "AQ"),
        ("XKX", "XK"),
        ("YUG", "YU"),
        ("GBR", "GB"),
    ],
)
def test_a_code_gives_the_two_letters_of_its_country(code: str, country: str) -> None:
    assert alpha_2(code) == country
    assert alpha_2(country) == country


@pytest.mark.parametrize("code", ["", "ZZ", "XXX", "UK", "PRTX", "P", "NULL", "12"])
def test_what_is_no_country_has_none(code: str) -> None:
    assert alpha_2(code) is None


def test_every_country_is_two_capital_letters() -> None:
    assert all(len(code) == 2 and code.isascii() and code.isupper() for code in COUNTRIES)


@pytest.mark.skipif(not LIST.exists(), reason="the corpus is not beside the repository")
def test_the_list_is_that_of_iso_3166() -> None:
    with LIST.open(encoding="utf-8") as file:
        pairs = {row["ISO3166-1-Alpha-3"].strip(): row["ISO3166-1-Alpha-2"].strip() for row in csv.DictReader(file)}
    assigned = {three: two for three, two in pairs.items() if len(three) == 3}
    assert len(assigned) == 249
    assert {three: alpha_2(three) for three in assigned} == assigned
