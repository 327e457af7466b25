"""Following a cursor to its end: every page once, no circles, and the provider's own total beside what came."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from connectors.calls import Response
from connectors.errors import VendorChangedShape
from connectors.ports import Page

MOST_PAGES: Final = 10_000


class Told(NamedTuple):
    """What one answer says of itself: its rows, where it goes on (None: nowhere), and the total of the whole pull."""

    response: Response
    row_count: int
    next_cursor: str | None = None
    total: int | None = None


def follow(ask: Callable[[str | None], Told], *, most_pages: int = MOST_PAGES) -> Iterator[Page]:
    """Yield all pages, first to last; `ask` gets the cursor of the page to fetch, None for the first.

    Raises VendorChangedShape for a cursor that comes again and for more than `most_pages` pages.
    """
    cursor: str | None = None
    seen: set[str] = set()
    first_row = 0
    for number in range(1, most_pages + 1):
        told = ask(cursor)
        cursor = told.next_cursor or None
        yield _page(number, first_row, told)
        if cursor is None:
            return
        if cursor in seen:
            msg = f"page {number} leads back to a page that was read already"
            raise VendorChangedShape(msg)
        seen.add(cursor)
        first_row += told.row_count
    msg = f"there is no end after {most_pages} pages: ask for a shorter window"
    raise VendorChangedShape(msg)


def _page(number: int, first_row: int, told: Told) -> Page:
    response = told.response
    return Page(
        number=number,
        body=response.body,
        media_type=response.media_type,
        received_sha256=hashlib.sha256(response.body).digest(),
        row_count=told.row_count,
        first_row=first_row,
        cursor=told.next_cursor or None,
        expected_count=told.total,
        is_last=not told.next_cursor,
        request_id=response.request_id,
    )
