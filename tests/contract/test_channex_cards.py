"""What may be charged of a Channex booking, and by whom."""

from datetime import date

import pytest

from tests.contract.suites import Row
from tests.contract.test_channex import room
from tests.contract.test_channex_mapping import booking

CARD: Row = {
    "card_number": "411111******1111",
    "expiration_date": "02/2028",
    "is_virtual": True,
    "token": "tok-1",
    "meta": {
        "virtual_card_currency_code": "EUR",
        "virtual_card_current_balance": "6755",
        "virtual_card_decimal_places": "2",
        "virtual_card_effective_date": "2026-03-01",
        "virtual_card_expiration_date": "2027-03-01",
    },
}


@pytest.mark.parametrize("number", ["411111******1111", "[card …1111]"])
def test_a_virtual_card_says_what_may_be_charged_when_and_never_its_number(number: str) -> None:
    (card,) = booking(guarantee=CARD | {"card_number": number}, payment_collect="ota").virtual_cards

    assert (card.card_ref, card.currency, card.limit_minor, card.last_four) == ("BDC-1", "EUR", 6755, "1111")
    assert (card.activates_on, card.expires_on) == (date(2026, 3, 1), date(2027, 3, 1))
    assert (card.token_ref, card.usable_for, card.channel_ref) == ("tok-1", "stay", "331")


def test_a_balance_is_told_in_the_decimals_beside_it() -> None:
    meta = CARD["meta"] | {"virtual_card_currency_code": "JPY", "virtual_card_current_balance": "1200000"}

    (card,) = booking(guarantee=CARD | {"meta": meta}).virtual_cards
    (blank,) = booking(guarantee=CARD | {"meta": {}, "token": "*****", "card_number": None}).virtual_cards

    assert (card.currency, card.limit_minor) == ("JPY", 12_000)
    assert (blank.currency, blank.limit_minor, blank.token_ref, blank.last_four) == (None, None, None, None)
    assert blank.expires_on == date(2028, 2, 29), "the last day of the month on the card"
    assert booking(guarantee=CARD | {"expiration_date": "13/2028", "meta": None}).virtual_cards[0].expires_on is None


@pytest.mark.parametrize(
    "told",
    [
        {"payment_collect": "property"},
        {"ota_name": "A-Expedia"},
        {"rooms": [room(meta={"payment_instruction": "Only in the case of a No-Show or Cancellation, after"})]},
    ],
)
def test_a_card_that_only_guarantees_is_not_for_the_stay(told: Row) -> None:
    (card,) = booking(guarantee=CARD, **told).virtual_cards

    assert card.usable_for == "no_show_or_cancellation"


def test_a_guests_own_card_is_no_virtual_card() -> None:
    found = booking(guarantee=CARD | {"is_virtual": False})

    assert (found.virtual_cards, found.guarantee_code) == ((), "credit_card")
