"""Card numbers and verification codes are found in every notation; what only looks like one keeps its bytes."""

import json
import re
import time
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from html import unescape
from typing import Any
from unicodedata import normalize
from urllib.parse import unquote_plus
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.card_numbers import is_card_number, is_checked
from connectors.cards import remove_cards

VISA = "4111111111111111"
FOURS = ["4111", "1111", "1111", "1111"]


def by(separator: str) -> str:
    return separator.join(FOURS)


def each(write: Callable[[str], str], number: str = VISA) -> str:
    return "".join(write(digit) for digit in number)


ENCODINGS = {
    "plain": VISA,
    "spaces": by(" "),
    "two spaces": by("  "),
    "hyphens": by("-"),
    "hyphens with spaces": by(" - "),
    "dots": by("."),
    "mixed signs": "4111-1111 1111.1111",
    "no-break space": by("\u00a0"),
    "thin space": by("\u2009"),
    "narrow no-break space": by("\u202f"),
    "en space": by("\u2002"),
    "ideographic space": by("\u3000"),
    "zero width space": by("\u200b"),
    "soft hyphen": by("\u00ad"),
    "non-breaking hyphen": by("\u2011"),
    "en dash": by("\u2013"),
    "minus sign": by("\u2212"),
    "middle dot": by("\u00b7"),
    "full-width digits": each(lambda digit: chr(0xFF10 + int(digit))),
    "full-width digits in fours": "\u3000".join(each(lambda digit: chr(0xFF10 + int(digit)), part) for part in FOURS),
    "mathematical digits": each(lambda digit: chr(0x1D7CE + int(digit))),
    "single digits": " ".join(VISA),
    "pairs": " ".join(VISA[i : i + 2] for i in range(0, 16, 2)),
    "eights": "41111111 11111111",
    "odd groups": "4111 11111111 1111",
    "glued to letters": f"ID{VISA}X",
    "in a sentence": f"please charge {VISA}, thanks",
    "with a code behind": f"{by(' ')} 123",
    "decimal of a spreadsheet": f"{VISA}.0",
    "json text": json.dumps({"note": VISA}),
    "json number": json.dumps({"note": int(VISA)}),
    "json list": json.dumps([1, int(VISA), 2]),
    "json escapes": '{"note": "' + each(lambda digit: f"\\u00{ord(digit):02x}") + '"}',
    "json escaped wide digits": '{"note": "' + each(lambda digit: f"\\uff1{digit}") + '"}',
    "json escaped blanks": '{"note": "' + by("\\u00a0") + '"}',
    "json in json": json.dumps({"inner": json.dumps({"note": VISA})}),
    "json number in json": json.dumps({"inner": json.dumps({"note": int(VISA)})}),
    "xml attribute": f'<Card CardNumber="{VISA}"/>',
    "xml element": f"<CardNumber>{by(' ')}</CardNumber>",
    "xml with namespace": f"<p:Card xmlns:p='u'><p:PlainText>{VISA}</p:PlainText></p:Card>",
    "cdata": f"<Text><![CDATA[visa {VISA}]]></Text>",
    "xml comment": f"<a><!-- {VISA} --></a>",
    "decimal entities": each(lambda digit: f"&#{ord(digit)};"),
    "hexadecimal entities": each(lambda digit: f"&#x{ord(digit):x};"),
    "nbsp entities": by("&nbsp;"),
    "numeric nbsp entities": by("&#160;"),
    "form": f"a=1&card={by('+')}&b=2",
    "percent blanks": f"card={by('%20')}",
    "percent digits": f"card={each(lambda digit: f'%{ord(digit):x}')}",
    "percent hyphens": by("%2D"),
    "csv cell": f"name,note\nJane,{VISA}\n",
    "quoted csv cell": f'name;note\n"Jane";"{by(" ")}"\n',
    "broken json": f'{{"note": "{VISA}',
    "broken xml": f"<Card <CardNumber>{VISA}",
    "track one": f"%B{VISA}^DOE/JANE^25121010000?",
    "track two": f";{VISA}=25121010000?",
    "base64": b64encode(VISA.encode()).decode(),
    "base64 in fours": b64encode(by(" ").encode()).decode(),
    "base64 one off": b64encode(f"a{by('-')}".encode()).decode(),
    "base64 two off, no padding": b64encode(f"ab{VISA}".encode()).decode().rstrip("="),
    "base64 json": json.dumps({"blob": b64encode(json.dumps({"number": VISA}).encode()).decode()}),
    "urlsafe base64": urlsafe_b64encode(f"??>>{VISA}".encode()).decode(),
}
ISSUERS = {
    "visa 13": "4222222222222",
    "visa 19": "4000000000000000006",
    "mastercard": "5555555555554444",
    "mastercard 2-series": "2223000048400011",
    "american express": "3782 822463 10005",
    "diners": "3056 930902 5904",
    "discover": "6011-1111-1111-1117",
    "jcb": "3530111333300000",
    "unionpay": "6200000000000005",
    "maestro": "6759649826438453",
    "mir": "2200 0000 0000 0004",
}


def readings(body: bytes) -> str:
    """Show a body as any later reader might: decoded, unescaped, with base64 opened."""
    text = body.decode("utf-8", "replace")
    opened = [
        urlsafe_b64decode(token.replace("+", "-").replace("/", "_") + "=" * (-len(token) % 4)).decode("latin-1")
        for token in re.findall(r"[A-Za-z0-9+/_-]{16,}", text)
        if len(token) % 4 != 1
    ]
    escapes_read = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)
    return normalize("NFKC", "\n".join([text, unescape(text), unquote_plus(text), escapes_read, *opened]))


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_number_is_found_in_every_encoding(name: str) -> None:
    body = ENCODINGS[name].encode()

    cleaned = remove_cards(body)

    assert cleaned.found_count == 1
    digits = "".join(char for char in readings(cleaned.body) if char.isdecimal())
    assert VISA[:-4] not in digits
    assert "[card …1111]" in cleaned.body.decode() or "base64" in name


def test_there_are_at_least_fifty_encodings() -> None:
    assert len(ENCODINGS) >= 50


@pytest.mark.parametrize("name", ISSUERS)
def test_every_issuer_is_known(name: str) -> None:
    number = ISSUERS[name]

    assert remove_cards(f"paid with {number} today".encode()).body.decode() == f"paid with [card …{number[-4:]}] today"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_wide_encodings_are_cleaned_in_kind(encoding: str) -> None:
    cleaned = remove_cards(f'{{"note": "{VISA}"}}'.encode(encoding))

    assert json.loads(cleaned.body.decode(encoding)) == {"note": "[card …1111]"}


def test_a_body_that_is_not_utf8_gets_a_mark_in_ascii() -> None:
    assert remove_cards(f"Hôtel {VISA}".encode("latin-1")).body == b"H\xf4tel [card ...1111]"


CODES = {
    '{"cvv": "123"}': '{"cvv": "[cvv]"}',
    '{"cvc":1234,"a":1}': '{"cvc":"[cvv]","a":1}',
    '{"card": {"securityCode": "123"}}': '{"card": {"securityCode": "[cvv]"}}',
    '{"cvv2": {"value": "123"}}': '{"cvv2": {"value": "[cvv]"}}',
    '{"cardVerificationValue":["987"]}': '{"cardVerificationValue":["[cvv]"]}',
    '{"s":"{\\"cvc\\": 123}"}': '{"s":"{\\"cvc\\": \\"[cvv]\\"}"}',
    '{"\\u0063vv": "123"}': '{"cvv": "[cvv]"}',
    '<PaymentCard SeriesCode="123"/>': '<PaymentCard SeriesCode="[cvv]"/>',
    "<SeriesCode><PlainText>123</PlainText></SeriesCode>": "<SeriesCode><PlainText>[cvv]</PlainText></SeriesCode>",
    "<p:cvv>123</p:cvv>": "<p:cvv>[cvv]</p:cvv>",
    "card_cvc=123&x=1": "card_cvc=[cvv]&x=1",
    "CVV is 123, thanks": "CVV is [cvv], thanks",
    "my cvv is 123": "my cvv is [cvv]",
    "exp 12/25 cvv 123": "exp 12/25 cvv [cvv]",
    '{"paymentCardCvv": "123"}': '{"paymentCardCvv": "[cvv]"}',
    '{"guestCvc": 123}': '{"guestCvc": "[cvv]"}',
    '{"cardcvc": 123}': '{"cardcvc": "[cvv]"}',
    "security code: 1 2 3": "security code: [cvv]",
    "CVC \uff11\uff12\uff13": "CVC [cvv]",
    "name,cvv,n\r\nJane,123,9\r\n": "name,cvv,n\r\nJane,[cvv],9\r\n",
}


@pytest.mark.parametrize("body", CODES)
def test_codes_are_dropped_wherever_their_name_stands(body: str) -> None:
    assert remove_cards(body.encode()).body.decode() == CODES[body]


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ('{"cardNumber": "4111111111111112"}', '{"cardNumber": "[card …1112]"}'),
        ('{"card": {"number": 4111111111111112}}', '{"card": {"number": "[card …1112]"}}'),
        ('{"creditCardNo":"4111 1111 1111 1112"}', '{"creditCardNo":"[card …1112]"}'),
        ("name;card_number\nJane;4111111111111112\n", "name;card_number\nJane;[card …1112]\n"),
        ('{"cardId": "4111111111111111"}', '{"cardId": "[card …1111]"}'),
    ],
)
def test_by_name_even_a_mistyped_number_is_masked(body: str, left: str) -> None:
    assert remove_cards(body.encode()).body.decode() == left


HARMLESS = [
    '{"id": "4111111111111111", "revision": 4111111111111111}',
    '{"channelRef":"4111111111111111"}',
    "confirmationNumber=4111111111111111",
    '<Booking ResID="4111111111111111"/>',
    "booking_ref,name\n4111111111111111,Jane\n",
    '{"phone": "+4915112345678", "mobile": "4222222222222"}',
    "call +4222222222222",
    "2016-08-15 12:44:11 2016-08-17",
    "1700000000000000 1700000000000",
    '{"cvvResult": "M", "cvv": null, "nights": 123}',
    '{"cvv": "", "adults": 123}',
    "<cvv></cvv><nights>123</nights>",
    "Suite at CSC 400, Main Street",
    "Xcvc123Y acvv=123 y/cvc123z",
    "we Japan 4111111111111112, account 4111111111111112",
    '{"cardType": "VI", "last4": "1111", "expiry": "1225"}',
    '{"company": "Spanish Pan 123 Ltd", "account": 12}',
    "550e8400-e29b-41d4-a716-446655440000",
    "4111 1111 1111 1112",
    "12.50 4111.11 1111.11 1111.11",
    "card_number,cvv\n,\n",
    "ก" * 50,
    "",
]


@pytest.mark.parametrize("body", HARMLESS)
def test_what_is_no_card_keeps_its_bytes(body: str) -> None:
    raw = body.encode()

    cleaned = remove_cards(raw)

    assert cleaned == (raw, 0)
    assert cleaned.body is raw


def test_structure_survives_the_removal() -> None:
    booking = {"id": "BK-1", "card": {"number": int(VISA), "cvc": 123, "holder": "Zoë"}, "prices": [1.10, 2]}
    xml = f'<R><Card CardNumber="{VISA}" SeriesCode="123"/><Text>{VISA}</Text></R>'

    left = json.loads(remove_cards(json.dumps(booking).encode()).body)

    assert left == {**booking, "card": {"number": "[card …1111]", "cvc": "[cvv]", "holder": "Zoë"}}
    assert ET.fromstring(remove_cards(xml.encode()).body)[1].text == "[card …1111]"  # noqa: S314 our own text


def test_several_cards_go_and_everything_between_them_stays() -> None:
    body = f"a {VISA} b {by('-')} c 5555555555554444 d".encode()

    assert remove_cards(body).body.decode() == "a [card …1111] b [card …1111] c [card …4444] d"


@given(st.binary(max_size=300))
@example(b"\xff\xfe4")
@example(b"\x00\x00\x00\x00")
@example(b"%2&#;&#x;\\u00")
def test_any_bytes_are_survived_and_cleaning_twice_changes_nothing_more(body: bytes) -> None:
    once = remove_cards(body)

    assert once.found_count or once.body is body
    assert remove_cards(once.body).body == once.body


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(sorted(ISSUERS.values())))
def test_a_number_in_any_surroundings_is_found(before: str, after: str, number: str) -> None:
    cleaned = remove_cards(f"{before}\ncharge {number} :\n{after}".encode("utf-8", "replace"))

    assert cleaned.found_count >= 1
    assert number.encode() not in cleaned.body


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.integers(0, 10**9),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
@settings(max_examples=200)
def test_ordinary_json_stays_byte_for_byte(content: Any) -> None:
    body = json.dumps(content).encode()

    assert remove_cards(body).body is body


@given(st.integers(0, 10**14))
def test_the_check_digit_notices_any_single_slip(stem: int) -> None:
    digits = f"{stem}0".encode()
    right = next(d for d in range(10) if is_checked(digits[:-1] + b"%d" % d))

    assert sum(is_checked(digits[:-1] + b"%d" % d) for d in range(10)) == 1
    assert is_checked(digits[:-1] + b"%d" % right)


def test_length_and_issuer_must_agree() -> None:
    assert is_card_number(b"4111111111111111")
    assert not is_card_number(b"41111111111111114")
    assert not is_card_number(b"1111111111111117")


@pytest.mark.parametrize(
    "piece",
    [b"7", b"4", b"4111 ", b"1.5 ", b"4-", b"NDEx", b"cvv", b'"card":"', b"&#4", b"\\u00a0", b"4111111111111111,"],
)
def test_no_input_takes_more_than_linear_time(piece: bytes) -> None:
    body = piece * (200_000 // len(piece))
    started = time.process_time()

    remove_cards(body)

    assert time.process_time() - started < 2.0
