"""Take the README's pictures of a house that runs: `python -m tests.browser.screenshots`, after `make demo` and `make up`.

They show the runs and the verdict of the last import as operators see them in Prefect's UI, and the HTML report.
"""

import base64
import json
from pathlib import Path
from typing import Any

import settings
from deployments.prefect_api import ask
from deployments.prefect_environment import prefect_environment
from settings import Settings
from tests.browser.chromium import CALM, browser
from tests.guarded import ROOT

FOLDER = ROOT / "docs" / "images"
IMPORT = "sync-reservations"
# The table is wider than the window, and its last columns are what an operator acts on.
SCROLLED_RIGHT = "for (let each = document.querySelector('td'); each; each = each.parentElement) each.scrollLeft = 9999"


def main() -> None:
    """Take all of them."""
    given = settings.load()
    FOLDER.mkdir(parents=True, exist_ok=True)
    address = prefect_environment(given)["PREFECT_UI_URL"]
    artifact = verdict(given)
    with browser() as page:
        page.before_each_page(signed_in(given))
        page.open(f"{address}/runs", width=1440, height=1400)
        # Each run's pool and tasks are asked for one by one, and "No access" stands there until they have come.
        loaded = "!/No access|0 Task runs/.test(document.body.innerText)"
        page.wait_for(f"document.querySelectorAll('.state-list-item').length > 5 && {loaded} && {CALM}")
        page.picture(FOLDER / "prefect-runs.png")
        page.open(f"{address}/artifacts/artifact/{artifact['id']}", width=1600, height=420)
        page.wait_for(f"document.querySelectorAll('td').length > 5 && {CALM}")
        page.picture(FOLDER / "verdict.png")
        page.ask(SCROLLED_RIGHT)
        page.picture(FOLDER / "verdict-right.png")
        page.open(newest_report(given).as_uri(), width=1200, height=1500)
        page.picture(FOLDER / "daily-report.png")


def signed_in(given: Settings) -> str:
    """Give the script that hands the UI the auth string, as a person types it."""
    auth = base64.b64encode(prefect_environment(given)["PREFECT_API_AUTH_STRING"].encode()).decode()
    return f"localStorage.setItem('prefect-password', {json.dumps(auth)})"


def verdict(given: Settings) -> dict[str, Any]:
    """Find the newest verdict of an import of reservations that held rows back."""
    found: list[dict[str, Any]] = ask(given, "POST", "artifacts/filter", {"sort": "CREATED_DESC"})
    held = [
        each for each in found if (each["key"] or "").startswith(f"{IMPORT}-file") and "181 wait" in each["description"]
    ]
    return held[0]


def newest_report(given: Settings) -> Path:
    """Find the report of the city hotel."""
    return max((given.data_dir / "reports" / "city-hotel").rglob("*.html"))


if __name__ == "__main__":
    main()
