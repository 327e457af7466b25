"""Rows that are told wrong on purpose, and what must become of them. A later revision mends each."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

Json = dict[str, Any]

MENDED: Final = "mended"
# A flawed row is told right again so long after the world's first instant.
MENDED_AFTER: Final = timedelta(days=1)


class Flaw(NamedTuple):
    """A way to spoil a row as told, and the reason code it must be held for."""

    reason: str
    spoil: Callable[[Json], None]


def spoiled(shape: Json, flaw: str) -> Json:
    """Spoil a reservation's contract shape in place and give it back."""
    FLAWS[flaw].spoil(shape)
    return shape


def _no_guests(shape: Json) -> None:
    for party in (shape, *shape["rooms"]):
        party.update(adults=0, children=0, infants=0)


def _negative_price(shape: Json) -> None:
    room = shape["rooms"][0]
    night = room["nights"][0]
    for sum_of_it in (shape, room):
        sum_of_it["totalPrice"] = str(Decimal(sum_of_it["totalPrice"]) - 2 * Decimal(night["price"]))
    night["price"] = f"-{night['price']}"


def _inexact_price(shape: Json) -> None:
    night = shape["rooms"][0]["nights"][0]
    night["price"] += "5" if "." in night["price"] else ".5"


def _unknown_status(shape: Json) -> None:
    shape["status"] = "Sleepover"


def _unknown_currency(shape: Json) -> None:
    shape["currency"] = "XQX"


def _missing_currency(shape: Json) -> None:
    shape["currency"] = None


FLAWS: Final[Mapping[str, Flaw]] = {
    "no_guests": Flaw("no_guests", _no_guests),
    "negative_price": Flaw("negative_price", _negative_price),
    "inexact_price": Flaw("decimals_exceed_currency", _inexact_price),
    "unknown_status": Flaw("status_unknown", _unknown_status),
    "unknown_currency": Flaw("currency_unknown", _unknown_currency),
    "missing_currency": Flaw("currency_unknown", _missing_currency),
}
