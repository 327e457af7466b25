"""Which reports were published, in which version, with which bytes (K-24).

Version 0 is the preliminary report, replaced by every other one; from 1 on a version is final and stays as it is.
The same figures give the same bytes, so a version is due only where the bytes of its figures differ.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, text

from hotel.figures import PRELIMINARY
from hotel.loads import ReportFile


class Due(NamedTuple):
    """The version to publish: whether it has anything new to say, and the final version before it."""

    version: int
    is_new: bool
    previous_version: int | None


_LATEST: Final = """
SELECT version, encode(sha256, 'hex') AS sha256 FROM recon.report_files
WHERE property_id = :property_id AND kind = :kind AND business_on = :business_on AND format = :format
ORDER BY version DESC LIMIT 1
"""

_REGISTER: Final = """
INSERT INTO recon.report_files
    (property_id, kind, business_on, version, format, path, sha256, bytes_count, is_final, run_name)
VALUES (:property_id, :kind, :business_on, :version, :format, :path, decode(:sha256, 'hex'), :bytes_count,
        :version > 0, :run_name)
ON CONFLICT (property_id, kind, business_on, version, format) DO UPDATE
SET path = excluded.path, sha256 = excluded.sha256, bytes_count = excluded.bytes_count, run_name = excluded.run_name,
    published_at = now()
WHERE report_files.version = 0 AND report_files.sha256 <> excluded.sha256
"""


def due_version(
    connection: Connection,
    property_id: str,
    kind: str,
    business_on: date,
    *,
    is_closed: bool,
    sha256_of: Callable[[int], str],
    figures_format: str = "json",
) -> Due:
    """Say which version these figures are, holding the report's lock until the transaction ends.

    `sha256_of(version)` gives the hex digest of the figures rendered as that version in `figures_format`. Before the
    close it is the preliminary one, at the first close version 1; after that equal bytes are the version that stands
    and others the next, even if the day was opened again.
    """
    values = {"property_id": property_id, "kind": kind, "business_on": business_on, "format": figures_format}
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended('report ' || :kind || ' ' || :property_id, 0))")
    connection.execute(lock, values)
    latest = connection.execute(text(_LATEST), values).one_or_none()
    published = latest.version if latest else PRELIMINARY
    if published == PRELIMINARY and is_closed:
        return Due(1, is_new=True, previous_version=None)
    is_same = latest is not None and latest.sha256 == sha256_of(published)
    if published == PRELIMINARY or is_same:
        return Due(published, is_new=not is_same, previous_version=published - 1 or None if published else None)
    return Due(published + 1, is_new=True, previous_version=published)


def register(
    connection: Connection,
    property_id: str,
    kind: str,
    business_on: date,
    version: int,
    files: Sequence[ReportFile],
    *,
    run_name: str | None,
) -> None:
    """Record a version's files. A final version that is on record stays; the preliminary one is replaced."""
    report = {
        "property_id": property_id,
        "kind": kind,
        "business_on": business_on,
        "version": version,
        "run_name": run_name,
    }
    rows: list[dict[str, Any]] = [report | file._asdict() for file in files]
    connection.execute(text(_REGISTER), rows)


def files_of(
    connection: Connection, property_id: str, kind: str, business_on: date, version: int
) -> tuple[ReportFile, ...]:
    """Give the files of one published version, by format; empty where there is none."""
    query = """
        SELECT format, path, encode(sha256, 'hex') AS sha256, bytes_count FROM recon.report_files
        WHERE property_id = :property_id AND kind = :kind AND business_on = :business_on AND version = :version
        ORDER BY format
    """
    values = {"property_id": property_id, "kind": kind, "business_on": business_on, "version": version}
    return tuple(ReportFile(**row._asdict()) for row in connection.execute(text(query), values))
