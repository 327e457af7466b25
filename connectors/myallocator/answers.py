"""What the vendor's answers mean: a 200 says nothing, `Success` does; errors have numbers, one is of the login."""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from connectors.errors import FixCredentials, RequestRefused, TryLater, VendorChangedShape
from connectors.myallocator.shapes import Answer

PARTIAL: Final = "partial"
_TRUE: Final = frozenset({"true", "1"})
_LOGIN: Final = frozenset({"3"})
_THEIR_FAULT: Final = frozenset({"100"})
_ABOUT_LOGIN: Final = re.compile(
    r"\b(invalid|wrong|missing|required)\b.*\b(user|vendor|password|token)\b", re.IGNORECASE
)


class Error(NamedTuple):
    """One error: the vendor's number, and the channel it happened on where it is one's own."""

    code: str
    text: str
    channel: str


def success(answer: Answer) -> str:
    """Give `true`, `partial` or `false`; raises VendorChangedShape where the answer says none of them."""
    told = str(answer.success).strip().lower() if answer.success is not None else ""
    if told in _TRUE:
        return "true"
    if told == PARTIAL:
        return PARTIAL
    if told or answer.error or answer.errors:
        return "false"
    msg = "the answer says neither success nor error"
    raise VendorChangedShape(msg)


def errors(answer: Answer) -> list[Error]:
    """List the errors of an answer."""
    return list(_errors(answer))


def check(answer: Answer, endpoint_code: str) -> None:
    """Raise what a failed answer asks for; a partial success is left to who asked."""
    if success(answer) != "false":
        return
    found = errors(answer)
    codes = {error.code for error in found}
    msg = f"{endpoint_code}: refused with {', '.join(sorted(codes)) or 'no number'}"
    if codes & _LOGIN or any(_ABOUT_LOGIN.search(error.text) and not error.channel for error in found):
        raise FixCredentials(msg)
    if codes and codes <= _THEIR_FAULT:
        raise TryLater(msg)
    raise RequestRefused(msg)


def _errors(answer: Answer) -> Iterator[Error]:
    told = [*(answer.errors or ()), *([answer.error] if answer.error else ())]
    for each in told:
        # Methods and channels name the same three things in several ways.
        fields = {str(name).lower(): value for name, value in each.items()} if isinstance(each, dict) else {"msg": each}
        yield Error(
            _first(fields, "id", "err", "errorid", "code") or "?",
            _first(fields, "msg", "message", "errormsg"),
            _first(fields, "channel", "cid"),
        )


def _first(fields: dict[str, Any], *names: str) -> str:
    return next((str(fields[name]) for name in names if fields.get(name) is not None), "")
