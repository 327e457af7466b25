"""A million guests as a PMS tells them: pages of the generic REST contract, invented, the same every time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import msgspec

from connectors.ports import MappingPlace
from connectors.registry import connector
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import Incoming
from hotel.properties import Property
from storage.pages import StoredPage

SOURCE: Final = "bench-pms"
PROPERTY: Final = Property("city-hotel", "City Hotel", "Europe/Lisbon", "EUR", country_code="PT")
CODEBOOK: Final = Codebook(SOURCE, {PROPERTY.property_id: PROPERTY}, {"CITY": PROPERTY.property_id}, {})
ROWS_PER_PAGE: Final = 500  # what the contract allows

_FIRST: Final = (
    "Maria",
    "João",
    "Anna",
    "Li",
    "Søren",
    "Yuki",
    "Ahmed",
    "Zoë",
    "Иван",
    "智子",
    "Emma",
    "Noah",
    "Peter",
)
_LAST: Final = ("Silva", "O'Neill", "Müller", "Wang", "Jensen", "Tanaka", "Haddad", "Smith", "Петров", "山田", "Rossi")
_COUNTRIES: Final = ("PT", "IE", "DE", "CN", "DK", "JP", "AE", "GB", "BG", "FR", "US", None)
_LANGUAGES: Final = ("pt", "en", "de", "zh", "da", "ja", "ar", "fr")
_KINDS: Final = (*["person"] * 49, "company")
_DOMAINS: Final = (*["guest.booking.com"] * 3, *["example.com"] * 7)
_VIP: Final = ("SILVER", *[None] * 24)
_IS_BIRTH_KNOWN: Final = (True, True, True, False, False)
# One in five has no number; one in fifty writes it as at home, so that it has to be read.
_PHONES: Final = ("+3519{:08d}", "+3519{:08d}", "+3519{:08d}", "+3519{:08d}", "") * 9 + (
    "21{:07d}",
    *["+3519{:08d}"] * 3,
    "",
)
_CREATED: Final = datetime(2019, 1, 1, 9, tzinfo=UTC)
_MODIFIED: Final = datetime(2026, 2, 1, tzinfo=UTC)
_BORN: Final = date(1940, 1, 1)


def pages(size: int, *, revision: int = 1, every: int = 1) -> list[StoredPage]:
    """Write `size` guests as pages; every `every`-th row is at `revision`, with another address, the rest at 1."""
    return [
        _page(number, range(start, min(start + ROWS_PER_PAGE, size)), revision, every)
        for number, start in enumerate(range(0, size, ROWS_PER_PAGE), start=1)
    ]


def mapped(told: list[StoredPage]) -> Iterator[Guest]:
    """Map pages as the pipeline does, to give the peers rows that are mapped already."""
    mapper = connector("hotel_rest").mappers["guests"]
    for page in told:
        for row in mapper(page.body, CODEBOOK, MappingPlace("p:1:1", page.first_row)):
            if not isinstance(row, Incoming) or not isinstance(row.row, Guest):
                msg = f"a benchmark's guest was refused: {row}"
                raise TypeError(msg)
            yield row.row


def _page(number: int, rows: range, revision: int, every: int) -> StoredPage:
    items = [_guest(n, revision if n % every == 0 else 1) for n in rows]
    body = msgspec.json.encode({"items": items, "nextCursor": None, "total": len(items)})
    return StoredPage(
        number,
        body,
        media_type="application/json",
        received_sha256=b"",
        row_count=len(rows),
        first_row=rows.start,
        cursor=None,
        expected_count=None,
        is_last=False,
        request_id=None,
        key_id=None,
        fetched_at=_MODIFIED,
    )


def _guest(n: int, revision: int) -> dict[str, Any]:
    local = f"guest.{n}" if revision == 1 else f"guest.{n}.{revision}"
    return {
        "id": f"G{n:08d}",
        "propertyId": "CITY",
        "kind": _KINDS[n % 50],
        "firstName": _FIRST[n % 13],
        "lastName": _LAST[n % 11],
        "dateOfBirth": _BORN + timedelta(days=n % 24_000) if _IS_BIRTH_KNOWN[n % 5] else None,
        "nationality": _COUNTRIES[n % 12],
        "language": _LANGUAGES[n % 8],
        "email": f"{local}@{_DOMAINS[n % 10]}",
        "phone": _PHONES[n % 50].format(n) or None,
        "vipLevel": _VIP[n % 25],
        "mergedIntoId": None,
        "active": True,
        "createdAt": _CREATED + timedelta(seconds=n * 180),
        "modifiedAt": _MODIFIED + timedelta(hours=revision, seconds=n % 3_600),
        "revision": revision,
    }
