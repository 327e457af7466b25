"""The last look for card numbers (law 11): connectors remove them from the raw body, nothing may have slipped through."""

import re
import unicodedata
from typing import Final

import numpy as np
import pyarrow.compute as pc

from expectations.columns.arrays import Columns, Flags

_SHORTEST: Final = 13
# Any script's digits, with up to three blanks, dashes, dots or signs that cannot be seen between two of them.
_RUN: Final = r"(?:\p{Nd}[\p{Z}\p{Cf}\p{Cc}\p{Pd}\p{M}._/]{0,3}){12,}\p{Nd}"
_BETWEEN: Final = re.compile(r"(?<=\d)[\s.\-]{1,3}(?=\d)|(?<=\d{4})[/_](?=\d{3})")
_RUNS: Final = re.compile(r"(?:\d-?){12,18}\d")
_SHOWN: Final = {"Pd": "-", "Zs": " ", "Zl": " ", "Zp": " ", "Cf": "", "Mn": "", "Me": ""}
# Who issues cards of which length; the number ranges keep telephone numbers and booking numbers apart from cards.
_ISSUED: Final = re.compile(
    r"4\d{15}|4\d{18}"  # Visa; its 13-digit numbers are no longer in use and look like German mobile numbers
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}"  # American Express, Diners Club
    r"|(?:6011|64[4-9]\d|65\d\d|62\d\d|35\d\d|81\d\d)\d{12,15}"  # Discover, UnionPay, JCB
    r"|(?:50|5[6-9]|6[0-9])\d{14,17}"  # Maestro and other debit cards
)


def carries_card_number(columns: Columns, names: tuple[str, ...]) -> Flags:
    """Tell which rows carry a card number in one of the text columns: 14 to 19 digits, an issuer's range, Luhn."""
    found = np.zeros(columns.row_count, np.bool_)
    for name in names:
        texts = columns.array(name)
        long = np.flatnonzero(
            np.asarray(pc.greater_equal(pc.binary_length(texts), _SHORTEST).fill_null(fill_value=False))
        )
        if long.size:
            candidates = texts.take(long)
            matches = np.asarray(pc.match_substring_regex(candidates, _RUN), np.bool_)
            hits = [
                at
                for at, text in zip(long[matches], candidates.filter(matches).to_pylist(), strict=True)
                if is_card(text)
            ]
            found[hits] = True
    return found


def is_card(text: str) -> bool:
    """Tell whether a text holds a card number."""
    plain = _BETWEEN.sub("-", "".join(map(_plain, text)))
    runs = (run.replace("-", "") for run in _RUNS.findall(plain))
    return any(_ISSUED.fullmatch(run) and _passes_luhn(run) for run in runs)


def _plain(char: str) -> str:
    """Give the digit, dash or blank a character passes for, nothing for what cannot be seen."""
    digit = unicodedata.digit(char, None)
    return str(digit) if digit is not None else _SHOWN.get(unicodedata.category(char), char)


def _passes_luhn(digits: str) -> bool:
    doubled = (divmod(int(digit) * 2, 10) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(tens + ones for tens, ones in doubled)) % 10 == 0
