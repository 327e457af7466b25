"""The registry of published reports: preliminary until the close, final once, restated when the figures change."""

from datetime import date

import pytest
from sqlalchemy import Connection

from hotel.loads import ReportFile
from storage.report_files import Due, due_version, files_of, register

pytestmark = pytest.mark.usefixtures("clean_database")

PLACE = ("city-hotel", "daily", date(2026, 5, 1))


def digest(figures: str, version: int) -> str:
    return f"{figures}{version:02x}".encode().hex().ljust(64, "0")


def due(connection: Connection, figures: str, *, is_closed: bool = True) -> Due:
    return due_version(connection, *PLACE, is_closed=is_closed, sha256_of=lambda version: digest(figures, version))


def publish(connection: Connection, figures: str, *, is_closed: bool = True) -> tuple[int, bool]:
    found = due(connection, figures, is_closed=is_closed)
    if found.is_new:
        sha256 = digest(figures, found.version)
        files = [ReportFile(name, f"v{found.version}.{name}", sha256, 9) for name in ("html", "json")]
        register(connection, *PLACE, found.version, files, run_name="night")
    return found.version, found.is_new


def test_before_the_close_a_report_is_preliminary_and_replaces_itself(connection: Connection) -> None:
    assert publish(connection, "a", is_closed=False) == (0, True)
    assert publish(connection, "a", is_closed=False) == (0, False)
    assert publish(connection, "b", is_closed=False) == (0, True)
    assert [file.sha256 for file in files_of(connection, *PLACE, 0)] == [digest("b", 0)] * 2


def test_the_first_report_after_the_close_is_final_v1_even_with_the_same_figures(connection: Connection) -> None:
    publish(connection, "a", is_closed=False)
    assert publish(connection, "a") == (1, True)
    assert publish(connection, "a") == (1, False)


def test_changed_data_make_the_next_final_version_and_earlier_ones_stay(connection: Connection) -> None:
    publish(connection, "a")
    assert due(connection, "b") == Due(2, is_new=True, previous_version=1)
    assert publish(connection, "b") == (2, True)
    assert publish(connection, "b") == (2, False)
    assert files_of(connection, *PLACE, 1)[0].sha256 == digest("a", 1)
    assert due(connection, "b").previous_version == 1


def test_a_day_opened_again_does_not_become_preliminary(connection: Connection) -> None:
    publish(connection, "a")
    assert publish(connection, "a", is_closed=False) == (1, False)
    assert publish(connection, "b", is_closed=False) == (2, True)


def test_going_back_to_old_figures_is_a_version_of_its_own(connection: Connection) -> None:
    assert [publish(connection, figures)[0] for figures in "aba"] == [1, 2, 3]


def test_a_final_version_on_record_is_never_overwritten(connection: Connection) -> None:
    publish(connection, "a")
    register(connection, *PLACE, 1, [ReportFile("json", "other", digest("x", 1), 1)], run_name=None)
    assert [file.path for file in files_of(connection, *PLACE, 1)] == ["v1.html", "v1.json"]


@pytest.mark.parametrize("other", [("resort", *PLACE[1:]), ("city-hotel", "monthly", PLACE[2])])
def test_each_report_counts_its_own_versions(connection: Connection, other: tuple[str, str, date]) -> None:
    publish(connection, "a")
    found = due_version(connection, *other, is_closed=True, sha256_of=lambda _: "")
    assert found == Due(1, is_new=True, previous_version=None)
    assert files_of(connection, *other, 1) == ()
