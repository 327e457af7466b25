"""A guest profile as a source tells it, and the folding of names for comparison."""

import unicodedata
from datetime import date, datetime
from typing import NamedTuple


class Guest(NamedTuple):
    """One profile of one source, keyed by (source, property_id, source_ref). All but codes and flags is personal."""

    source: str
    property_id: str
    source_ref: str
    kind: str
    first_name: str | None
    last_name: str | None
    full_name: str | None
    folded_name: str | None
    email: str | None = None
    is_email_relay: bool = False
    phone: str | None = None
    phone_raw: str | None = None
    country_code: str | None = None
    language_code: str | None = None
    birth_on: date | None = None
    is_vip: bool = False
    vip_code: str | None = None
    merged_into_ref: str | None = None
    is_active: bool = True
    created_on_source_at: datetime | None = None


# Letters small, digits as they are, everything else a blank.
_ASCII_FOLDS = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}


def fold_name(name: str) -> str:
    """Fold a name for comparison: NFKD, marks dropped, case folded, runs of blanks and punctuation to one blank.

    Scripts without case (Thai, Han, Arabic) stay as they are; the result is for matching, never for display.
    """
    if name.isascii():
        return " ".join(name.translate(_ASCII_FOLDS).split())
    decomposed = unicodedata.normalize("NFKD", name)
    kept = "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
    return " ".join("".join(char if char.isalnum() or char.isspace() else " " for char in kept).split())
