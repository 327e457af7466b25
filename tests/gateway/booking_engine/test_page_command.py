"""What a person enters of a hotel is what the API shows, and what is shown can be entered again."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from gateway import hotel_pages as command
from tests.operations.asking import HOTEL
from tests.operations.messages import ask

PAGE = """{
  "city": "Lisboa", "latitude": 38.707751, "check_in_at": "15:00:00", "amenities": ["wifi"],
  "images": [{"url": "https://example.com/1.jpg", "room_type_code": "DBL"}],
  "room_types": {"DBL": {"name": "Double", "room_count": 7, "amenities": ["desk"]}, "FAM": {"name": "Family"}}
}"""


@pytest.fixture(autouse=True)
def house(hotel: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr(command, "open_house", lambda: hotel)
    return hotel


def test_a_page_goes_in_and_comes_out_the_same(
    house: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "page.json"
    file.write_text(PAGE)
    assert command.main(["put", "--property", HOTEL, str(file)]) == 0
    assert capsys.readouterr().out == f"{HOTEL}: the page, 1 images, 2 room types\n"
    rooms = "SELECT room_type_code, room_count, amenities FROM core.room_types ORDER BY 1"
    assert ask(house, rooms) == [("DBL", 7, ["desk"]), ("FAM", None, None), ("STE", 1, None)]

    assert command.main(["show", "--property", HOTEL]) == 0
    shown = capsys.readouterr().out
    assert '"city": "Lisboa"' in shown
    file.write_text(shown)
    assert command.main(["put", "--property", HOTEL, str(file)]) == 0
    command.main(["show", "--property", HOTEL])
    assert capsys.readouterr().out.endswith(shown)


@pytest.mark.parametrize(
    ("name", "text"), [(HOTEL, "{"), (HOTEL, '{"colour": "blue"}'), (HOTEL, None), ("elsewhere", "{}")]
)
def test_what_cannot_be_entered_is_told_and_changes_nothing(
    house: Engine, tmp_path: Path, name: str, text: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "page.json"
    if text is not None:
        file.write_text(text)
    before = ask(house, "SELECT * FROM core.properties")
    assert command.main(["put", "--property", name, str(file)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert ask(house, "SELECT * FROM core.properties") == before
