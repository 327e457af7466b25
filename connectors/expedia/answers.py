"""What QuickConnect answers: success, warnings, or errors whose numbers say what to do."""

import re
from typing import Final, NamedTuple, NoReturn

from connectors.errors import FixCredentials, FixMapping, RequestRefused, TryLater, VendorChangedShape
from connectors.protocols.safe_xml import Element, child, children, local, parse, text, told

_CREDENTIALS: Final = frozenset({"1000", "1001", "1003"})
_MAPPING: Final = frozenset({"3202", "3203", "3204", "3205"})
# 3210: another connection of this hotel is open; 4000 to 5000: their system stumbled or is closed.
_LATER: Final = frozenset({"3210", "4000", "4001", "4004", "4007", "4206", "5000"})
UNKNOWN_ROOM_TYPES: Final = "3203"
UNKNOWN_RATE_PLANS: Final = "3204"
_IDS_AFTER: Final = re.compile(r":\s*([A-Za-z0-9_\-,\s]+)\.?\s*$")


class Error(NamedTuple):
    """One error of an answer, by its number; `ids` are those it names at its end."""

    code: str
    ids: tuple[str, ...]


def read(body: bytes, name: str) -> Element:
    """Give the root of an answer of this name; raises VendorChangedShape where it is something else."""
    root = parse(body)
    if local(root) != name:
        msg = f"the answer is no {name}"
        raise VendorChangedShape(msg)
    return root


def errors(root: Element) -> list[Error]:
    """List the errors of an answer; none where the request was done."""
    return [Error(told(each, "code") or "", _ids(text(each) or "")) for each in children(root, "Error")]


def success(root: Element, endpoint_code: str, part: str = "Success") -> Element:
    """Give the part that says a request was done; raises by what the errors ask for, VendorChangedShape for neither."""
    if found := errors(root):
        raise_for(found, endpoint_code)
    done = child(root, part)
    if done is None:
        msg = f"{endpoint_code}: the answer has neither {part} nor Error"
        raise VendorChangedShape(msg)
    return done


def raise_for(found: list[Error], endpoint_code: str) -> NoReturn:
    """Raise the error that says what to do about these; messages carry numbers, never texts."""
    codes = {each.code for each in found}
    msg = f"{endpoint_code}: refused with {', '.join(sorted(codes))}"
    if codes & _CREDENTIALS:
        raise FixCredentials(msg)
    if codes & _MAPPING:
        raise FixMapping(msg)
    if codes <= _LATER:
        raise TryLater(msg)
    raise RequestRefused(msg)


def _ids(sentence: str) -> tuple[str, ...]:
    found = _IDS_AFTER.search(sentence)
    return tuple(part.strip() for part in found[1].split(",") if part.strip()) if found else ()
