from pathlib import Path

import pytest

from connectors.errors import FixMapping
from connectors.file_drop.client import FileDrop
from connectors.file_drop.fitting import fitting_exports, the_fitting_export
from tests.unit.connectors.file_drop.small_pms import HEADER, SMALL, body, row, save_export

COMMA = SMALL.replace('delimiter = ";"', 'delimiter = ","')
AMERICAN = COMMA.replace("d.m.yyyy", "m/d/yyyy")


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    save_export(folder, SMALL, "semicolon")
    save_export(folder, COMMA, "comma")
    save_export(folder, AMERICAN, "american")
    return folder


def dropped(folder: Path, *rows: list[str], header: list[str] = HEADER) -> Path:
    path = folder / "stays.csv"
    path.write_bytes(body(*rows, header=header))
    return path


def test_the_mapping_is_known_by_header_and_dates(tmp_path: Path, exports: Path) -> None:
    assert fitting_exports(dropped(tmp_path, row()), exports) == ["comma"]
    assert the_fitting_export(dropped(tmp_path, row()), exports).name == "comma"
    american = row(In="8/1/2026", Out="8/4/2026")
    assert fitting_exports(dropped(tmp_path, american), exports) == ["american"]


def test_several_that_fit_are_not_chosen_from(tmp_path: Path, exports: Path) -> None:
    save_export(exports, 'extends = "comma"\n', "again")
    path = dropped(tmp_path, row())
    assert fitting_exports(path, exports) == ["again", "comma"]
    with pytest.raises(FixMapping, match=r"several mappings fit, state which: export = again or comma"):
        the_fitting_export(path, exports)


def test_where_none_fits_each_says_why(tmp_path: Path, exports: Path) -> None:
    path = dropped(tmp_path, header=["Name", "Total"])
    assert fitting_exports(path, exports) == []
    with pytest.raises(FixMapping) as refusal:
        the_fitting_export(path, exports)
    told = str(refusal.value)
    assert told.startswith("stays.csv: no mapping in exports/ fits:\n- american: columns missing: ")
    assert "- comma: columns missing: " in told
    assert 'state delimiter = "," in exports/semicolon.toml' in told


def test_a_mapping_that_is_broken_fits_nothing_and_hides_no_other(tmp_path: Path, exports: Path) -> None:
    save_export(exports, "dataset =", "broken")
    assert fitting_exports(dropped(tmp_path, row()), exports) == ["comma"]


def test_a_folder_is_known_by_its_first_file(tmp_path: Path, exports: Path) -> None:
    (tmp_path / "in").mkdir()
    dropped(tmp_path / "in", row())
    assert fitting_exports(tmp_path / "in", exports) == ["comma"]


def test_a_drop_without_a_mapping_named_is_refused_where_none_fits(tmp_path: Path) -> None:
    with pytest.raises(FixMapping, match=r"no mapping in exports/ fits:\n- hotel_bookings: columns missing"):
        FileDrop(dropped(tmp_path, row()))
