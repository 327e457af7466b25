"""The daily report in every format it is published in."""

from collections.abc import Callable, Mapping
from typing import Final

from hotel.figures import DailyReport
from reports.json_report import render_json
from reports.page import render_page
from reports.workbook import render_workbook

KIND: Final = "daily"
# The format whose bytes decide whether the figures are the same.
FIGURES_FORMAT: Final = "json"
RENDERERS: Final[Mapping[str, Callable[[DailyReport], bytes]]] = {
    "html": render_page,
    "json": render_json,
    "xlsx": render_workbook,
}


def file_path(report: DailyReport, file_format: str) -> str:
    """Name a report's file below the reports folder: `city-hotel/2016-08/2016-08-15-daily-final-v1.html`."""
    day = report.figures.business_on
    status = report.status.replace(" ", "-")
    return f"{report.figures.property_id}/{day:%Y-%m}/{day}-{KIND}-{status}.{file_format}"
