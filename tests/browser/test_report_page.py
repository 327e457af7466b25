"""The HTML report in a real browser: it shows, it fits, it asks nobody for anything, and runs nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reports.page import render_page
from tests.browser.chromium import Page, browser, program
from tests.reports.samples import report

pytestmark = pytest.mark.skipif(program() is None, reason="there is no Chromium here")


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser() as opened:
        yield opened


@pytest.fixture
def address(tmp_path: Path) -> str:
    """A report with every kind of figure, and texts that mean harm."""
    path = tmp_path / "daily-v1.html"
    path.write_bytes(render_page(report()))
    return path.as_uri()


@pytest.mark.parametrize("width", [1280, 800])
def test_the_report_shows_whole(page: Page, address: str, width: int) -> None:
    page.open(address, width=width, height=900)
    assert page.ask("document.documentElement.scrollWidth <= window.innerWidth")
    assert "Daily report" in page.ask("document.body.innerText")
    # Every heading and figure has a place of its own on the page.
    assert page.ask("[...document.querySelectorAll('h1, h2, td')].every(each => each.getClientRects().length > 0)")
    assert page.ask("document.querySelectorAll('tr').length") > 20
    charts = "[...document.querySelectorAll('svg, img')].map(each => each.getBoundingClientRect())"
    assert page.ask(f"{charts}.filter(box => box.width > 200 && box.height > 50).length") >= 2
    assert page.ask(f"{charts}.every(box => box.right <= window.innerWidth)")


def test_the_report_asks_nobody_and_runs_nothing(page: Page, address: str) -> None:
    page.open(address, width=1280, height=900)
    assert (
        page.ask("performance.getEntriesByType('resource').filter(each => !each.name.startsWith('data:')).length") == 0
    )
    assert page.ask("document.scripts.length") == 0
    assert "<script>alert(1)</script>" in page.ask("document.body.innerText")
    assert page.errors == []
