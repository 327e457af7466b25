"""The page: complete in itself, escaped, honest about what is not known."""

import re
from html.parser import HTMLParser

import pytest

from hotel.figures import Change, NightPoint
from reports.charts import nights_chart, share_bar
from reports.page import render_page
from tests.reports.samples import FORMULA, SCRIPT, report
from tests.unit.reconciliation.stays import DAY


class Reader(HTMLParser):
    """Collects texts, tags and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(" ".join(data.split()))


def read(page: bytes) -> Reader:
    reader = Reader()
    reader.feed(page.decode())
    return reader


def test_the_page_needs_nothing_from_outside() -> None:
    reader = read(render_page(report()))
    assert not {"script", "link", "img", "iframe", "object"} & set(reader.tags)
    assert not [name for name, _ in reader.attributes if name in {"src", "href", "xlink:href", "srcset", "onclick"}]
    assert not re.search(rb"@import|url\(", render_page(report()))


def test_texts_from_outside_are_escaped() -> None:
    page = render_page(report()).decode()
    assert SCRIPT not in page
    assert f"Sea & View {SCRIPT}" in "".join(read(page.encode()).texts)
    assert FORMULA in read(page.encode()).texts


def test_the_headline_shows_what_is_known_and_why_the_rest_is_not() -> None:
    texts = read(render_page(report())).texts
    assert "173.44" in texts
    assert "n/a (no charges loaded)" in texts
    assert "n/a (inventory for 1 of 18 dates)" in texts


def test_the_status_is_on_top() -> None:
    assert "final v1" in read(render_page(report())).texts
    preliminary = read(render_page(report(version=0))).texts
    assert "preliminary" in preliminary
    assert any("not closed yet" in text for text in preliminary)


def test_a_restatement_shows_what_changed_and_a_first_version_does_not() -> None:
    change = Change("figures / adr / day", "120.00", "123.45")
    texts = read(render_page(report(version=2, changes=(change,)))).texts
    assert "Changed since final v1" in texts
    assert {"figures / adr / day", "120.00", "123.45"} <= set(texts)
    assert "Changed since" not in render_page(report()).decode()


def test_without_snapshots_the_pick_up_says_why() -> None:
    made = report()
    bare = made._replace(figures=made.figures._replace(pick_up=None, pick_up_note="no snapshot yet"))
    assert "n/a (no snapshot yet)" in read(render_page(bare)).texts


def test_what_the_changes_do_not_explain_is_printed() -> None:
    texts = read(render_page(report())).texts
    assert texts[texts.index("Not explained") :][:5].count("+0.50") == 1


def points(*rooms: int) -> list[NightPoint]:
    return [NightPoint(DAY, count, count, None, None) for count in rooms]


def test_a_chart_has_a_bar_a_night_and_breaks_the_line_where_last_year_is_not_known() -> None:
    chart = nights_chart(points(1, 2, 3, 4), [1, 2, 3, 4], [5, None, 7, 8], "<Rooms>")
    assert chart.count("<rect") == 4
    assert chart.count('class="today"') == 1
    (path,) = re.findall(r'class="before" d="([^"]*)"', chart)
    assert re.sub(r"[\d ]", "", path) == "MML"
    assert "&lt;Rooms&gt;" in chart


def test_without_last_year_there_is_no_line() -> None:
    assert "before" not in nights_chart(points(1, 0), [1, 0], [None, None], "Rooms")


@pytest.mark.parametrize(
    ("largest", "top"), [(0, "4"), (4, "4"), (5, "8"), (226, "240"), (29_000, "32k"), (40_001, "80k")]
)
def test_the_axis_ends_on_a_round_number(largest: int, top: str) -> None:
    chart = nights_chart(points(largest), [largest], [None], "Rooms")
    assert re.findall(r">([^<]+)</text>", chart)[4] == top


@pytest.mark.parametrize(("part", "whole", "width"), [(1, 3, 333), (0, 5, 0), (5, 0, 0), (-5, 10, 0), (7, 7, 1000)])
def test_a_share_is_drawn_within_its_rail(part: int, whole: int, width: int) -> None:
    assert f'class="bar" width="{width}"' in share_bar(part, whole)
