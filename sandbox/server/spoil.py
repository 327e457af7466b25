"""Pages that are well formed and wrong: what a reader believes who only looks at the status."""

from collections.abc import Callable
from typing import Any, Final

Json = dict[str, Any]
# (page, the cursor that was asked with, the rows of the page before) -> the page as told
Spoil = Callable[[Json, str | None, list[Json]], Json]


def _success_false(_: Json, __: str | None, ___: list[Json]) -> Json:
    return {"success": False, "error": "temporarily unavailable"}


def _duplicates(page: Json, _: str | None, __: list[Json]) -> Json:
    rows = page["items"]
    return {**page, "items": rows + rows[: (len(rows) + 1) // 2]}


def _repeated_page(page: Json, _: str | None, before: list[Json]) -> Json:
    return {**page, "items": before or page["items"]}


def _cursor_loop(page: Json, cursor: str | None, _: list[Json]) -> Json:
    return {**page, "nextCursor": cursor or page["nextCursor"]}


def _wrong_total(page: Json, _: str | None, __: list[Json]) -> Json:
    return {**page, "total": page["total"] + 7}


def _short_page(page: Json, _: str | None, __: list[Json]) -> Json:
    return {**page, "items": page["items"][:-1]}


SPOIL: Final[dict[str, Spoil]] = {
    "success_false": _success_false,
    "duplicates": _duplicates,
    "repeated_page": _repeated_page,
    "cursor_loop": _cursor_loop,
    "wrong_total": _wrong_total,
    "short_page": _short_page,
}
