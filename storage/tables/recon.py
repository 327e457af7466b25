"""Schema recon: what was compared and what was published."""

from sqlalchemy import Date, Integer, Table

from storage.tables.columns import flag, instant, key, number, octets, words
from storage.tables.metadata import METADATA

report_files = Table(
    "report_files",
    METADATA,
    key("property_id"),
    key("kind"),
    key("business_on", Date),
    key("version", Integer),
    key("format"),
    words("path", required=True),
    octets("sha256", required=True),
    number("bytes_count", required=True),
    flag("is_final", required=True, default="false"),
    words("run_name"),
    instant("published_at", required=True, default="now()"),
    schema="recon",
    comment="Published reports: where they lie and what they hash to",
)
