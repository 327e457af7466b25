"""What a mapping needs to know of the house: its properties, and our codes for a source's codes."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from hotel.incoming import UnmappedCode
from hotel.properties import Property
from hotel.status import UNMAPPED_CODE

ANY_PROPERTY = "*"


class Codebook(NamedTuple):
    """One source's view of our house, read from `core.properties` and the `ops.*_mappings` before a batch is mapped.

    `hotel_refs`: their hotel code -> our property_id. `codes`: (property_id or `*`, field, their code) -> our code,
    with field one of `room_type`, `rate_plan`, `market_segment`, `channel`, `origin`, `meal_plan`, `guarantee`,
    `customer_type`, `status`. `as_is` names the fields whose codes are ours already (the house speaks the source's codes).
    """

    source: str
    properties: Mapping[str, Property]
    hotel_refs: Mapping[str, str]
    codes: Mapping[tuple[str, str, str], str]
    as_is: frozenset[str] = frozenset()
    settings: Mapping[str, Any] = {}

    def code(self, property_id: str, field: str, ref: str) -> str | UnmappedCode:
        """Give our code for theirs; the property's own mapping first, then the default, else the unmapped code."""
        own = self.codes.get((property_id, field, ref)) or self.codes.get((ANY_PROPERTY, field, ref))
        if own:
            return own
        return ref if field in self.as_is else UnmappedCode(field, ref)


def code_or_unmapped(found: str | UnmappedCode, unmapped: list[UnmappedCode]) -> str:
    """Take a looked-up code for a column; an unknown one becomes `unmapped` and is added to the list to report."""
    if isinstance(found, str):
        return found
    unmapped.append(found)
    return UNMAPPED_CODE
