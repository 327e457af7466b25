"""Where in a message something stands, written as text: `UniqueID[Type=16][ID_Context=MESSAGE_UNIQUE_ID]@ID`.

Steps by local names parted by `/`, each with conditions on its attributes (`[Type=]`: without that attribute), at the end
`@` and an attribute; without one it is the element's text. `UniqueID` and `HotelReservationID` mean their usual places
and their numbers, `POS` and `ResGlobalInfo` stand for themselves.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, NoReturn

from connectors.errors import FixMapping
from connectors.protocols.safe_xml import ANY_NAMESPACE, text, told

Element = Any  # lxml has no types of its own

_STEP: Final = re.compile(r"([A-Za-z_][\w.-]*)((?:\[[A-Za-z_][\w.-]*=[^\[\]]*\])*)")
_CONDITION: Final = re.compile(r"\[([^=]+)=([^\]]*)\]")
_USUAL: Final = {
    "UniqueID": ("UniqueID", "ID"),
    "HotelReservationID": ("ResGlobalInfo/HotelReservationIDs/HotelReservationID", "ResID_Value"),
}


class Step(NamedTuple):
    """Children of a name that have these attributes; an empty value: that do not have it."""

    name: str
    conditions: tuple[tuple[str, str], ...] = ()


class Place(NamedTuple):
    """Steps down from an element, and the attribute that is meant; None: the text."""

    steps: tuple[Step, ...]
    attribute: str | None = None


@lru_cache(maxsize=1024)
def place(written: str) -> Place:
    """Read a place as it is written in a dialect; raises FixMapping where it is none."""
    path, has_attribute, attribute = written.strip().rpartition("@")
    if not has_attribute:
        path, attribute = attribute, ""
    steps = tuple(_step(part, written) for part in _parts(path))
    if (not steps and not attribute) or (has_attribute and not attribute):
        _refuse(written)
    usual = _USUAL.get(steps[0].name) if steps else None
    if usual:
        above = [Step(name) for name in usual[0].split("/")[:-1]]
        if not attribute and len(steps) == 1:
            attribute = usual[1]
        steps = (*above, *steps)
    return Place(steps, attribute or None)


def first_told(places: Sequence[str], *bases: Element | None) -> str | None:
    """Give the first text that stands at one of the places, each looked for below every base in turn."""
    return next((said for each in places for base in bases if base is not None for said in all_told(each, base)), None)


def all_told(written: str, base: Element) -> Iterator[str]:
    """Yield every text that stands at a place below an element, in document order."""
    steps, attribute = place(written)
    for element in found(steps, base):
        said = text(element) if attribute is None else told(element, attribute)
        if said:
            yield said


def elements(path: str, base: Element | None) -> Iterator[Element]:
    """Yield the elements that a written path leads to; none below nothing."""
    return iter(() if base is None else found(place(path).steps, base))


def found(steps: Sequence[Step], base: Element) -> list[Element]:
    """List the elements that the steps lead to, in document order."""
    level = [base]
    for name, conditions in steps:
        tag = ANY_NAMESPACE + name
        level = [below for above in level for below in above.iterchildren(tag)]
        if conditions:
            level = [each for each in level if _fits(each, conditions)]
    return level


def _fits(element: Element, conditions: Sequence[tuple[str, str]]) -> bool:
    return all((told(element, name) or "") == value for name, value in conditions)


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _step(part: str, written: str) -> Step:
    matched = _STEP.fullmatch(part)
    if matched is None:
        _refuse(written)
    return Step(matched[1], tuple((name, value) for name, value in _CONDITION.findall(matched[2])))


def _refuse(written: str) -> NoReturn:
    msg = f"{written[:80]!r} is no place in a message: write steps like UniqueID[Type=14]@ID"
    raise FixMapping(msg)
