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


class _Folds(dict[int, str]):
    """What each character becomes: letters small, digits as they are, marks nothing, everything else a blank."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = "" if unicodedata.combining(char) else char.casefold()
        self[code] = "".join(part if part.isalnum() or part.isspace() else " " for part in folded)
        return self[code]


_FOLDS = _Folds()


def fold_name(name: str) -> str:
    """Fold a name for comparison: NFKD, marks dropped, case folded, runs of blanks and punctuation to one blank.

    Scripts without case (Thai, Han, Arabic) stay as they are; the result is for matching, never for display.
    """
    return " ".join(unicodedata.normalize("NFKD", name).translate(_FOLDS).split())
