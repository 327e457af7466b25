import codecs
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import FixMapping
from connectors.file_drop.delimited import decoded, delimited_rows
from connectors.file_drop.rules import FileRule

COMMA = FileRule(decimal_mark=".")


def rows(text: str, rule: FileRule = COMMA) -> list[list[str]]:
    return list(delimited_rows(text, rule))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_any_of_three_ways(end: str) -> None:
    assert rows(end.join(["a,b", "1,2", "3,4", ""])) == [["a", "b"], ["1", "2"], ["3", "4"]]


def test_lines_may_end_in_different_ways_and_blank_ones_are_rows_without_fields() -> None:
    assert rows("a,b\r\n1,2\n\n3,4\r\n\r\n") == [["a", "b"], ["1", "2"], [], ["3", "4"], []]


def test_a_quoted_field_keeps_its_delimiters_line_ends_and_quotes() -> None:
    assert rows('a,b,c\r\n"x, ""y""\r\nz",2,3\r\n') == [["a", "b", "c"], ['x, "y"\r\nz', "2", "3"]]


def test_a_line_separator_of_unicode_is_no_line_end() -> None:
    assert rows("a,b\nx\u2028y\x0b\x85,2\n") == [["a", "b"], ["x\u2028y\x0b\x85", "2"]]


def test_a_quote_within_a_field_is_a_character() -> None:
    assert rows('a,b\n6" pipe,2\n') == [["a", "b"], ['6" pipe', "2"]]


@pytest.mark.parametrize("line", ['"6" pipe,2', '1,"2', '"1" ,2'])
def test_a_line_whose_quotes_do_not_fit_comes_whole_as_one_field(line: str) -> None:
    text = f"a,b\r\n1,2\r\n{line}"
    assert rows(text) == [["a", "b"], ["1", "2"], [line]]
    if line.count('"') == 2:
        assert rows(text + "\r\n3,4\r\n")[2:] == [[line], ["3", "4"]]


def test_a_quote_that_swallows_lines_stops_the_file() -> None:
    with pytest.raises(FixMapping, match="opened in line 3 swallows the next"):
        rows('a,b\n1,2\n"3,4\n5,6\n')
    with pytest.raises(FixMapping, match="opened in line 2 swallows the next"):
        rows('a,b\n"3,4\n5,6\n7,"x"y\n')


def test_two_stray_quotes_in_one_column_do_not_hide_the_lines_between_them() -> None:
    with pytest.raises(FixMapping, match="opened in line 3 swallows the next"):
        rows('a,b,c\n1,2,3\n1,"Ann,3\n1,2,3\n1,Bob",3\n')
    assert rows('a,b,c\n1,"late, with\na dog, a cat, a bird",3\n')[1:] == [
        ["1", "late, with\na dog, a cat, a bird", "3"]
    ]


def test_where_quotes_mean_nothing_they_are_characters() -> None:
    assert rows('a|b\n"3|4\n', FileRule(decimal_mark=".", delimiter="|", quote="")) == [["a", "b"], ['"3', "4"]]


def test_another_quote_may_be_stated() -> None:
    assert rows("a,b\n'x,y',2\n", FileRule(decimal_mark=".", quote="'")) == [["a", "b"], ["x,y", "2"]]


@given(table=st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=4), min_size=1))
def test_whatever_a_csv_writer_writes_comes_back(table: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(table)
    # A cell may look so much like rows of its own that nobody can tell: then the file is refused, never misread.
    try:
        read = rows(text.getvalue())
    except FixMapping:
        assert any("\n" in cell or "\r" in cell for row in table for cell in row)
    else:
        assert read == table


@pytest.mark.parametrize("content", [b"Name\nAnn", "Name\nJosé".encode(), codecs.BOM_UTF8 + "Name\nJosé".encode()])
def test_what_is_provably_utf_8_needs_no_stating(content: bytes) -> None:
    assert decoded(content, "", "small").startswith("Name\n")
    assert decoded(content, "utf-8", "small") == decoded(content, "UTF-8-SIG", "small") == decoded(content, "", "small")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("stated", ["", "utf-16"])
def test_a_byte_order_mark_proves_utf_16(codec: str, stated: str) -> None:
    assert decoded("\ufeffName\nJosé".encode(codec), stated, "small") == "Name\nJosé"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read_where_its_order_is_stated(codec: str) -> None:
    assert decoded("Name\nJosé".encode(codec), codec, "small") == "Name\nJosé"
    with pytest.raises(FixMapping, match='state encoding = "utf-16-le" or "utf-16-be"'):
        decoded("Name\nJosé".encode(codec), "utf-16", "small")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_that_nobody_stated_is_noticed(codec: str) -> None:
    with pytest.raises(FixMapping, match="is it UTF-16"):
        decoded("Name\nAnn".encode(codec), "", "small")


def test_windows_1252_is_read_where_it_is_stated() -> None:
    assert decoded("Name\nJosé €".encode("cp1252"), "windows-1252", "small") == "Name\nJosé €"


def test_an_encoding_that_cannot_be_proved_is_refused_with_what_to_state() -> None:
    with pytest.raises(FixMapping) as refusal:
        decoded("Name\nAnn\nJosé".encode("cp1252"), "", "small")
    assert str(refusal.value) == (
        "byte 0xe9 in line 3 is not utf-8: state the encoding the export is written in, "
        'like encoding = "windows-1252", in exports/small.toml'
    )


def test_bytes_that_contradict_the_stated_encoding_are_refused() -> None:
    with pytest.raises(FixMapping, match="byte 0x81 in line 1 is not"):
        decoded(b"Na\x81me", "windows-1252", "small")
    with pytest.raises(FixMapping, match="marked as utf-8"):
        decoded(codecs.BOM_UTF8 + b"Name", "windows-1252", "small")
    with pytest.raises(FixMapping, match="marked as utf-16-le"):
        decoded(codecs.BOM_UTF16_LE + b"N\0", "utf-16-be", "small")


def test_a_nul_byte_below_the_header_is_left_to_its_row() -> None:
    assert decoded(b"Name\nA\0n", "", "small") == "Name\nA\0n"
