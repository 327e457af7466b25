import csv
import gzip
import hashlib
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.errors import FixMapping, TryLater
from connectors.file_drop.client import FileDrop
from connectors.file_drop.rules import Export
from connectors.ports import Page
from tests.unit.connectors.file_drop.small_pms import HEADER, export, row


def csv_text(*rows: list[str], header: list[str] = HEADER, delimiter: str = ";") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue().encode()


def drop(folder: Path, *rows: list[str], name: str = "stays.csv", header: list[str] = HEADER) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(csv_text(*rows, header=header))
    return path


def pages(drop_: FileDrop) -> list[Page]:
    return list(drop_.reservations(since=datetime(2026, 8, 1, tzinfo=UTC), until=datetime(2026, 8, 2, tzinfo=UTC)))


def rows_of(page: Page) -> list[list[str]]:
    return list(csv.reader(io.StringIO(page.body.decode(), newline="")))


def lines(count: int) -> list[list[str]]:
    return [row(Line=str(number)) for number in range(1, count + 1)]


@pytest.fixture
def small(tmp_path: Path) -> Export:
    return export(tmp_path)


def test_a_file_comes_in_pages_that_know_their_place(tmp_path: Path, small: Export) -> None:
    path = drop(tmp_path, *lines(7))
    found = pages(FileDrop(path, small, page_rows=3))
    assert [(page.number, page.first_row, page.row_count, page.is_last) for page in found] == [
        (1, 0, 3, False),
        (2, 3, 3, False),
        (3, 6, 1, True),
    ]
    assert {page.expected_count for page in found} == {7}
    assert {page.received_sha256 for page in found} == {hashlib.sha256(path.read_bytes()).digest()}
    assert [rows_of(page)[0] for page in found] == [HEADER] * 3
    assert [line for page in found for line in rows_of(page)[1:]] == lines(7)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_only_the_last_page_is_marked_last(tmp_path: Path, small: Export, count: int) -> None:
    found = pages(FileDrop(drop(tmp_path, *lines(count)), small, page_rows=1))
    assert [page.is_last for page in found] == [False] * (count - 1) + [True]


def test_the_same_file_gives_the_same_pages(tmp_path: Path, small: Export) -> None:
    source = FileDrop(drop(tmp_path, *lines(5)), small, page_rows=2)
    assert pages(source) == pages(source)


def test_a_packed_file_gives_the_pages_of_the_plain_one_under_its_own_hash(tmp_path: Path, small: Export) -> None:
    plain = drop(tmp_path, *lines(3))
    packed = tmp_path / "stays.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    (one,), (other,) = pages(FileDrop(plain, small)), pages(FileDrop(packed, small))
    assert (one.body, other.received_sha256) == (other.body, hashlib.sha256(packed.read_bytes()).digest())


def test_a_header_without_rows_is_one_page_that_says_so(tmp_path: Path, small: Export) -> None:
    (page,) = pages(FileDrop(drop(tmp_path), small))
    assert (page.row_count, page.expected_count, page.is_last, rows_of(page)) == (0, 0, True, [HEADER])


def test_blank_lines_and_repeated_headers_are_counted_and_take_no_position(tmp_path: Path, small: Export) -> None:
    one, two = lines(2)
    padded = [f" {name} " for name in HEADER]
    source = FileDrop(drop(tmp_path, one, [], [""] * len(HEADER), HEADER, padded, two, [" "]), small)
    (page,) = pages(source)
    assert rows_of(page)[1:] == [one, two]
    (facts,) = source.facts
    assert (facts.row_count, facts.blank_count, facts.repeated_header_count) == (2, 3, 2)


def test_columns_nobody_mentions_are_told_and_kept(tmp_path: Path, small: Export) -> None:
    source = FileDrop(drop(tmp_path, [*row(), "x", "y"], header=[*HEADER, "Note", "Mood"]), small)
    (page,) = pages(source)
    assert source.facts[0].extra_columns == ("Mood",)
    assert rows_of(page)[1] == [*row(), "x", "y"]


def test_rows_that_do_not_fit_the_header_go_on_to_be_refused_by_row(tmp_path: Path, small: Export) -> None:
    bad = [["A7", "1"], [*row(), "late"]]
    (page,) = pages(FileDrop(drop(tmp_path, row(), *bad), small))
    assert rows_of(page)[1:] == [row(), *bad]


def test_line_ends_within_a_field_survive_the_page(tmp_path: Path, small: Export) -> None:
    odd = row(Type='D\rB\n"L"\u2028;,')
    (page,) = pages(FileDrop(drop(tmp_path, odd), small))
    assert rows_of(page)[1] == odd


def test_a_card_number_in_an_export_does_not_reach_the_page(tmp_path: Path, small: Export) -> None:
    source = FileDrop(drop(tmp_path, [*row(), "paid 4111 1111 1111 1111"], header=[*HEADER, "Note"]), small)
    (page,) = pages(source)
    assert b"4111 1111" not in page.body
    assert len(rows_of(page)[1]) == len(HEADER) + 1
    assert source.facts[0].card_count == 1


def test_a_folder_is_read_whole_in_the_order_of_names(tmp_path: Path, small: Export) -> None:
    drop(tmp_path / "in", row(Conf="B"), row(Conf="C"), name="2026-08-02.csv")
    drop(tmp_path / "in", row(Conf="A"), name="2026-08-01.csv")
    source = FileDrop(tmp_path / "in", small)
    found = pages(source)
    assert [(page.number, page.first_row, page.expected_count, page.is_last) for page in found] == [
        (1, 0, 3, False),
        (2, 1, 3, True),
    ]
    assert [line[0] for page in found for line in rows_of(page)[1:]] == ["A", "B", "C"]
    assert [(facts.name, facts.row_count) for facts in source.facts] == [("2026-08-01.csv", 1), ("2026-08-02.csv", 2)]


def test_positions_are_references_within_one_file_only(tmp_path: Path) -> None:
    by_row = export(tmp_path, ('{ template = "{Conf}-{Line}" }', "{ row = true }"))
    drop(tmp_path / "in", row(), name="a.csv")
    assert len(pages(FileDrop(tmp_path / "in", by_row))) == 1
    drop(tmp_path / "in", row(), name="b.csv")
    with pytest.raises(FixMapping, match="2 files, but the reference is the row's position"):
        pages(FileDrop(tmp_path / "in", by_row))


def test_one_bad_file_of_a_folder_gives_no_page_at_all(tmp_path: Path, small: Export) -> None:
    drop(tmp_path / "in", row(), name="a.csv")
    (tmp_path / "in" / "b.csv.gz").write_bytes(gzip.compress(csv_text(row()))[:-4])
    with pytest.raises(TryLater, match=r"b\.csv\.gz is cut off"):
        next(FileDrop(tmp_path / "in", small).reservations(since=datetime.now(UTC), until=datetime.now(UTC)))


def test_files_are_never_moved_changed_or_deleted(tmp_path: Path, small: Export) -> None:
    path = drop(tmp_path / "in", row())
    path.chmod(0o400)
    path.parent.chmod(0o500)
    before = (path.stat(), path.read_bytes())
    pages(FileDrop(tmp_path / "in", small))
    after = path.stat()
    assert (after.st_mtime_ns, after.st_ino, path.read_bytes()) == (before[0].st_mtime_ns, before[0].st_ino, before[1])
    assert [each.name for each in path.parent.iterdir()] == ["stays.csv"]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (HEADER[1:], "columns missing: Conf"),
        ([*HEADER, "Conf"], "columns that stand twice in the header: Conf"),
        (["Conf,Line,In"], r'state delimiter = "," in exports/small\.toml'),
    ],
)
def test_a_header_that_does_not_fit_is_refused_before_any_page(
    tmp_path: Path, small: Export, header: list[str], told: str
) -> None:
    with pytest.raises(FixMapping, match=told):
        pages(FileDrop(drop(tmp_path, header=header), small))


def test_dates_that_contradict_the_stated_order_are_refused_before_any_page(tmp_path: Path, small: Export) -> None:
    american = [row(In=f"8.{day}.2026") for day in range(1, 31)]
    with pytest.raises(FixMapping, match=r'most of the first dates do not read as date_format = "d\.m\.yyyy"'):
        pages(FileDrop(drop(tmp_path, *american), small))


def test_a_few_bad_dates_are_left_to_their_rows(tmp_path: Path, small: Export) -> None:
    (page,) = pages(FileDrop(drop(tmp_path, row(In="soon"), row(), row()), small))
    assert page.row_count == 3
