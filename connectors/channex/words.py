"""The vendor's words and what they are in our house. Vendor words end here."""

from collections.abc import Mapping
from typing import Final

from hotel.status import CANCELLED, CONFIRMED

STATUSES: Final[Mapping[str, str]] = {"new": CONFIRMED, "modified": CONFIRMED, "cancelled": CANCELLED}
COLLECTS: Final[Mapping[str, str]] = {"property": "property", "ota": "channel"}
# Expedia's hotel collect: the property takes the money, the card only guarantees.
PROPERTY_COLLECTS_FOR: Final = frozenset({"A-Expedia"})
# What Expedia writes to a card that pays nothing but a no-show or a late cancellation.
GUARANTEE_ONLY: Final = "no-show or cancellation"
CANCELLATION: Final = "cancellation"
# Passed on to the town or sold by the house: neither says whether a price has tax in it.
NO_TAX_ON_PRICE: Final = frozenset({"city_tax", "tourist_tax", "fee"})
PASSED_ON: Final = frozenset({"city_tax", "tourist_tax"})


def folded(words: str | None) -> str:
    """Give a type or name as one small word: `City tax` and `city_tax` are the same."""
    return "_".join("".join(char if char.isalnum() else " " for char in words or "").lower().split())
