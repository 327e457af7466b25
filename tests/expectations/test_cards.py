"""Card numbers are seen in any dress; other long numbers are not taken for them."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.columns.arrays import Columns
from expectations.columns.cards import carries_card_number, is_card

# The test numbers that schemes and providers publish.
CARDS = [
    "4111111111111111",
    "4012 8888 8888 1881",
    "5555-5555-5555-4444",
    "2223.0031.2200.3222",
    "378282246310005",
    "3714 496353 98431",
    "30569309025904",
    "6011 1111 1111 1117",
    "3530111333300000",
    "6200000000000005",
    "6759649826438453",
    "room 12, card 4111 1111 1111 1111 exp 12/29",
    "\uff14" + "\uff11" * 15,  # full width, as Japanese keyboards type them
    "\u0664" + "\u0661" * 15,  # Arabic-Indic
    "4111\u00a01111\u00a01111\u00a01111",  # no-break spaces
    "4111\u200b1111\u2013 1111\n1111",
    "4111/1111/1111/1111",
    "3782_822463_10005",
    "4\ufe0f\u20e3" + "1\ufe0f\u20e3" * 15,  # keycaps
]
OTHERS = [
    "",
    "4111111111111112",  # fails Luhn
    "1234567890123452",  # passes Luhn, nobody issues it
    "+49 1511 2345678",
    "4915112345678",
    "411111111111",
    "2026-03-02 2026-03-04",
    "41111111111111110000",  # too long for a card
    "2026/11/26 2026/11/27, 0171/1234567",
    "4111,1111,1111,1111",
    "Ana Lima",
    "550e8400-e29b-41d4-a716-446655440000",
]


@pytest.mark.parametrize("text", CARDS)
def test_a_card_number_is_seen(text: str) -> None:
    assert is_card(text)


@pytest.mark.parametrize("text", OTHERS)
def test_another_number_is_not_taken_for_one(text: str) -> None:
    assert not is_card(text)


def test_a_frame_is_searched_in_every_column_named() -> None:
    texts = Columns(pa.table({"name": [*OTHERS, None, CARDS[0]], "note": [CARDS[-1], *[None] * len(OTHERS), "x"]}))
    found = carries_card_number(texts, ("name", "note")).tolist()
    assert found == [True, *[False] * len(OTHERS), True]
    assert not carries_card_number(texts, ("note",))[-1]


@given(st.text(alphabet=st.characters(categories=["L", "P", "Zs"]), max_size=60))
def test_a_text_without_digits_is_no_card(text: str) -> None:
    assert not is_card(text)


@given(st.sampled_from(CARDS[:11]), st.text(alphabet="abc ,;:", max_size=8), st.text(alphabet="abc ,;:", max_size=8))
def test_words_around_a_card_number_do_not_hide_it(card: str, before: str, after: str) -> None:
    assert is_card(f"{before}{card}{after}")
    assert carries_card_number(Columns(pa.table({"name": [f"{before}{card}{after}"]})), ("name",)).all()
