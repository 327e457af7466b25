"""Publish a property's daily report: figures, three files, one version on record."""

import hashlib
import os
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine

import settings
from hotel.figures import DailyFigures, DailyReport
from hotel.loads import ReportFile, ReportSummary
from hotel.properties import Property
from operations.errors import NothingThereError
from operations.properties import the_property
from reconciliation.daily import daily_figures
from reconciliation.frames import DailyFrames
from reports.display import figure_lines, withheld_sentence
from reports.json_report import changes_between, render_json
from reports.page import render_page
from reports.workbook import render_workbook
from settings.folders import data_folder
from storage.figures import daily_frames, last_closed_on
from storage.report_files import due_version, files_of, register

KIND: Final = "daily"
RENDERERS: Final[Mapping[str, Callable[[DailyReport], bytes]]] = {
    "html": render_page,
    "json": render_json,
    "xlsx": render_workbook,
}


def publish_daily_report(house: Engine, property_id: str, business_on: date | None, *, run_name: str) -> ReportSummary:
    """Compute, render and register the report of a date, by default the last closed one.

    The same data give the same version and write nothing; changed data after the close give the next one.
    """
    instant = datetime.now(UTC)
    folder = data_folder(settings.load(), "reports")
    with house.begin() as connection:
        place = the_property(connection, property_id)
        closed_on = last_closed_on(connection, place, instant)
        figures = _figures(connection, place, business_on or closed_on, closed_on)
        edition = _editions(folder, figures)
        due = due_version(
            connection,
            property_id,
            KIND,
            figures.business_on,
            is_closed=figures.is_closed,
            sha256_of=lambda version: hashlib.sha256(render_json(edition(version))).hexdigest(),
        )
        report = edition(due.version)
        if due.is_new:
            files = _write(folder, report)
            register(connection, property_id, KIND, figures.business_on, due.version, files, run_name=run_name)
        files = files_of(connection, property_id, KIND, figures.business_on, due.version)
    return ReportSummary(
        property_id=property_id,
        business_on=figures.business_on,
        status=report.status,
        is_new=due.is_new,
        lines=figure_lines(report),
        withheld=withheld_sentence(report),
        files=files,
    )


def _figures(connection: Connection, place: Property, on: date | None, closed_on: date | None) -> DailyFigures:
    if on is None:
        msg = f"no business date of {place.property_id} has closed yet: state business_on for a preliminary report"
        raise NothingThereError(msg)
    frames = DailyFrames(**daily_frames(connection, place.property_id, on))
    return daily_figures(place, on, frames, closed_through=closed_on)


def _editions(folder: Path, figures: DailyFigures) -> Callable[[int], DailyReport]:
    """Give the figures as any version, each with what it changes against the final one before it."""

    @cache
    def edition(version: int) -> DailyReport:
        report = DailyReport(figures, version)
        before = folder / _path(figures, version - 1, "json")
        if version > 1 and before.exists():
            return report._replace(changes=changes_between(before.read_bytes(), render_json(report)))
        return report

    return edition


def _path(figures: DailyFigures, version: int, file_format: str) -> str:
    edition = f"v{version}" if version else "preliminary"
    return f"{figures.property_id}/{figures.business_on}/daily-{edition}.{file_format}"


def _write(folder: Path, report: DailyReport) -> tuple[ReportFile, ...]:
    """Write every format, each file whole or not at all; a version is on record only after its files are."""
    files = []
    for file_format, render in sorted(RENDERERS.items()):
        path = _path(report.figures, report.version, file_format)
        content = render(report)
        _write_whole(folder / path, content)
        files.append(ReportFile(file_format, path, hashlib.sha256(content).hexdigest(), len(content)))
    return tuple(files)


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
