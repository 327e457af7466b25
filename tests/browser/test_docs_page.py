"""The API's page in a real browser: every request is on it, one can be tried, and nobody outside is asked for anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.app import create_app
from settings import Settings
from storage.sealing import Keys
from tests.browser.chromium import browser, program
from tests.gateway.running import serving

pytestmark = pytest.mark.skipif(program() is None, reason="there is no Chromium here")


@pytest.fixture
def address(settings: Settings, tmp_path: Path) -> Iterator[str]:
    """The gateway's address."""
    app = create_app(settings.database_url or "", tmp_path, Keys(bytes(32)))
    with serving(app) as port:
        yield f"http://127.0.0.1:{port}"


def test_the_page_shows_every_request_and_sends_one(address: str) -> None:
    with browser() as page:
        page.open(f"{address}/docs", width=1280, height=2400)
        page.wait_for("document.querySelectorAll('.opblock').length >= 17")
        assert "/api/booking-engine/hotels/{hotel_id}/images" in page.ask("document.body.innerText")
        loaded = page.ask("performance.getEntriesByType('resource').map(each => new URL(each.name).origin)")
        assert set(loaded) == {address}
        assert page.errors == []

        block = "document.querySelector('#operations-auth-validate_token_api_booking_engine_auth_validate_token_post')"
        page.ask(f"{block}.querySelector('.opblock-summary-control').click()")
        page.wait_for(f"!!{block}.querySelector('.try-out__btn')")
        page.ask(f"{block}.querySelector('.try-out__btn').click()")
        page.wait_for(f"!!{block}.querySelector('.execute')")
        page.ask(f"{block}.querySelector('.execute').click()")
        page.wait_for(f"{block}.innerText.includes('\"valid\": false')")
