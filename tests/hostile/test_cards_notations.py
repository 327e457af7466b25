"""Card numbers and codes in notations of every script, vendor and encoder that came to mind; what only looks like one stays."""

import json
import time
from base64 import b64encode, encodebytes
from collections.abc import Callable
from unicodedata import normalize
from urllib.parse import parse_qs, quote_plus, urlencode

import pytest

from connectors.cards import remove_cards

VISA = "4111111111111111"
FOURS = ["4111", "1111", "1111", "1111"]
SCRIPTS = {
    "Arabic": 0x660, "Persian": 0x6F0, "NKo": 0x7C0, "Devanagari": 0x966, "Bengali": 0x9E6, "Gurmukhi": 0xA66, "Gujarati": 0xAE6,
    "Oriya": 0xB66, "Tamil": 0xBE6, "Telugu": 0xC66, "Kannada": 0xCE6, "Malayalam": 0xD66, "Sinhala": 0xDE6, "Thai": 0xE50, "Lao": 0xED0,
    "Tibetan": 0xF20, "Burmese": 0x1040, "Khmer": 0x17E0, "Mongolian": 0x1810, "full width": 0xFF10, "bold": 0x1D7CE, "double-struck": 0x1D7D8,
    "subscript": 0x2080, "segmented": 0x1FBF0,
}  # fmt: skip


def in_script(first: int, number: str = VISA) -> str:
    return "".join(chr(first + int(digit)) for digit in number)


def by(separator: str) -> str:
    return separator.join(FOURS)


TEXTS: dict[str, str] = {
    **{f"{name} digits": in_script(first) for name, first in SCRIPTS.items()},
    **{
        f"{name} digits in fours": " ".join(in_script(first, part) for part in FOURS) for name, first in SCRIPTS.items()
    },
    "superscripts": "".join("\u2070\u00b9\u00b2\u00b3\u2074"[int(digit)] for digit in VISA),
    "circled digits": "".join(chr(0x2460 + int(digit) - 1) for digit in VISA),
    "lines": by("\n"),
    "lines of Windows": by("\r\n"),
    "tabs": by("\t"),
    "slashes": by("/"),
    "underscores": by("_"),
    "wave dashes": by("\u301c"),
    "long vowel marks": by("\u30fc"),
    "katakana dots": by("\u30fb"),
    "braille blanks": by("\u2800"),
    "Hangul fillers": by("\u3164"),
    "marks of direction": by("\u202d"),
    "isolates": by("\u2068"),
    "variation selectors": by("\ufe0f"),
    "HTML blanks": by("&nbsp;"),
    "numeric HTML blanks": by("&#160;"),
    "a hyphen": f"card no:-{VISA}",
    "paid": f"I paid: {VISA}",
    "a preference": f"room preference: {VISA}",
    "valid": f"valid: {VISA}",
}
WRITERS: dict[str, Callable[[str], bytes]] = {
    "JSON": lambda text: json.dumps({"note": text}, ensure_ascii=False).encode(),
    "escaped JSON": lambda text: json.dumps({"note": text}).encode(),
    "JSON in JSON": lambda text: json.dumps({"inner": json.dumps({"note": text})}).encode(),
    "XML": lambda text: f"<Comment><Text>{text.replace('&', '&amp;')}</Text></Comment>".encode(),
    "escaped XML": lambda text: f"<a b='{text.replace('&', '&amp;')}'/>".encode("ascii", "xmlcharrefreplace"),
    "a form": lambda text: f"a=1&note={quote_plus(text)}&b=2".encode(),
    "UTF-16": lambda text: f"<Text>{text}</Text>".encode("utf-16"),
}


def digits_of(body: bytes) -> str:
    """Give all digits of a body, however they are written."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        body = body.decode("utf-16").encode()
    shown = remove_cards(b"").body + body
    text = shown.decode("utf-8", "replace")
    if text.startswith("{"):
        text = str(json.loads(text))
    return "".join(char for char in normalize("NFKC", text) if char.isdecimal())


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", TEXTS)
def test_a_number_is_found_however_it_is_written(name: str, writer: str) -> None:
    body = WRITERS[writer](TEXTS[name])

    cleaned = remove_cards(body)

    assert cleaned.found_count == 1, body[:200]
    assert VISA[:-4] not in digits_of(cleaned.body)


BODIES: dict[str, bytes] = {
    "no-break space in Latin-1": f"<Text>H\u00f4tel {by(chr(0xA0))}</Text>".encode("latin-1"),
    "dash in Windows-1252": f"<Text>H\u00f4tel {by(chr(0x2013))}</Text>".encode("cp1252"),
    "soft hyphen in Latin-1": f"<Text>H\u00f4tel {by(chr(0xAD))}</Text>".encode("latin-1"),
    "parts of CDATA": b"<Text><![CDATA[4111]]><![CDATA[111111111111]]></Text>",
    "a comment inside": b"<Text>4111<!-- x -->1111 1111 1111</Text>",
    "an instruction inside": b"<Text>4111<?x y?>111111111111</Text>",
    "base64 in lines": b"<![CDATA[" + encodebytes(b"x" * 50 + VISA.encode() + b"y" * 20) + b"]]>",
    "base64 in lines of JSON": json.dumps({"b": encodebytes(b"x" * 50 + VISA.encode() + b"y" * 20).decode()}).encode(),
    "base64 with slashes as PHP writes them": json.dumps({"b": b64encode(b"\xff\xff?>?>" + VISA.encode()).decode()})
    .replace("/", "\\/")
    .encode(),
    "a number with slashes as PHP writes them": json.dumps({"b": by("/")}).replace("/", "\\/").encode(),
    "base64 in CDATA": b"<![CDATA[" + b64encode(b"<Card n='4111 1111 1111 1111'/>") + b"]]>",
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_number_is_found_in_what_encoders_make_of_it(name: str) -> None:
    assert remove_cards(BODIES[name]).found_count == 1
    assert remove_cards(remove_cards(BODIES[name]).body).found_count == 0


CODES = {
    "<cvv>\n        123\n</cvv>": "<cvv>\n        [cvv]\n</cvv>",
    "<cvv><![CDATA[123]]></cvv>": "<cvv><![CDATA[[cvv]]]></cvv>",
    "<p:SeriesCode><![CDATA[ 123 ]]></p:SeriesCode>": "<p:SeriesCode><![CDATA[ [cvv] ]]></p:SeriesCode>",
    '<SeriesCode Encoding="plain">123</SeriesCode>': '<SeriesCode Encoding="plain">[cvv]</SeriesCode>',
    '<SeriesCode a="1" b="2"><PlainText>123</PlainText></SeriesCode>': '<SeriesCode a="1" b="2"><PlainText>[cvv]</PlainText></SeriesCode>',
    '<CardNumber Mask="1" Token="t">4111111111111112</CardNumber>': '<CardNumber Mask="1" Token="t">[card \u20261112]</CardNumber>',
    "<CardNumber>\n            4111111111111112\n</CardNumber>": "<CardNumber>\n            [card \u20261112]\n</CardNumber>",
    "<Name>cvv</Name>\n  <Value>123</Value>": "<Name>cvv</Name>\n  <Value>[cvv]</Value>",
    '{"name":"cvv","value":"123"}': '{"name":"cvv","value":"[cvv]"}',
    '{"key": "CVC", "value": 123}': '{"key": "CVC", "value": "[cvv]"}',
    '{"s":"{\\"name\\":\\"cvv\\",\\"value\\":\\"123\\"}"}': '{"s":"{\\"name\\":\\"cvv\\",\\"value\\":\\"[cvv]\\"}"}',
    '{"cvv":"\u0661\u0662\u0663"}': '{"cvv":"[cvv]"}',
    '{"cvv":"\\u0661\\u0662\\u0663"}': '{"cvv":"[cvv]"}',
    '{"ccv":"123"}': '{"ccv":"[cvv]"}',
    '{"CardCode":"123"}': '{"CardCode":"[cvv]"}',
    '{"verification_code":"1234"}': '{"verification_code":"[cvv]"}',
    "Kartenpr\u00fcfnummer 123": "Kartenpr\u00fcfnummer [cvv]",
    "c\u00f3digo de seguridad: 123": "c\u00f3digo de seguridad: [cvv]",
    "cryptogramme 123": "cryptogramme [cvv]",
    "codice di sicurezza 123": "codice di sicurezza [cvv]",
    "code de s\u00e9curit\u00e9 : 123": "code de s\u00e9curit\u00e9 : [cvv]",
}


@pytest.mark.parametrize("body", CODES)
def test_a_code_is_dropped_however_its_name_stands_to_it(body: str) -> None:
    assert remove_cards(body.encode()).body.decode() == CODES[body]


@pytest.mark.parametrize("blank", ["\u202b", "\u3000", "\u2009", "\u00a0"])
@pytest.mark.parametrize(
    "told", ["cvc=123{}1111", "cvv 12{}3{}1111", "card 4111{}1111{}1111{}1112{}1", "4111 1111 1111 1111{}1"]
)
def test_no_character_is_cut_in_two(told: str, blank: str) -> None:
    for encoding in ("utf-8", "utf-16", "utf-16-be"):
        remove_cards(told.replace("{}", blank).encode(encoding)).body.decode(encoding)


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be"])
def test_four_bytes_a_character_are_cleaned_in_kind(encoding: str) -> None:
    assert remove_cards(f"<a>{VISA}</a>".encode(encoding)).body.decode(encoding) == "<a>[card \u20261111]</a>"


def test_a_form_of_json_is_cleaned_and_stays_json() -> None:
    booking = {
        "Id": "4111111111111111",
        "Note": f"card {VISA}",
        "Card": int(VISA),
        "cvc": 123,
        "cvv": "456",
        "Rooms": [int(VISA), 1],
    }
    body = urlencode({"booking": json.dumps(booking, separators=(",", ":")), "password": "p"}).encode()

    (told,) = parse_qs(remove_cards(body).body.decode())["booking"]

    assert json.loads(told) == {
        "Id": "4111111111111111", "Note": "card [card \u20261111]", "Card": "[card \u20261111]", "cvc": "[cvv]", "cvv": "[cvv]",
        "Rooms": ["[card \u20261111]", 1],
    }  # fmt: skip


def test_a_part_of_a_form_is_cleaned() -> None:
    body = b"--x\r\nContent-Disposition: form-data\r\n\r\n<SeriesCode>\n   123\n</SeriesCode>\r\n--x--"

    assert remove_cards(body).body == body.replace(b"123", b"[cvv]")


def test_a_code_glued_to_a_number_goes_with_it() -> None:
    assert remove_cards(f"{VISA}cvc=123".encode()).body.decode() == "[card \u20261111]cvc=[cvv]"


HARMLESS = [
    '{"bookingid": "4111111111111111", "orderId": 4111111111111111, "OTA_ID": "4111111111111111"}',
    '{"ref":"4111111111111111","reservationRef":"4111111111111111","unique_reference":"4111111111111111"}',
    '<a xmlns="u" ResID_Value="4111111111111111"/>'.replace("_Value", ""),
    "nights,a,b,c,d\n1,4111,1111,1111,1111\n",
    "a\tb\tc\td\n4111\t1111\t1111\t1111\n",
    "4111\n1111\n1111\n1111\n",
    "[4111, 1111, 1111, 1111]",
    '{"ordinal": -2250837741010944, "more": [-4111111111111111, -4111111111111111]}',
    '{"a": [4111,\n 1111,\n 1111,\n 1111]}',
    "2026/11/26 2026/11/27 41/11/1111/1111",
    "<CardCode>VI</CardCode><Nights>123</Nights>",
    '<PaymentCard CardCode="VI" ExpireDate="1226"/>',
    '<cvv/><Nights>123</Nights><cvv a="b"/>123',
    '{"name":"cvv","value":""},{"name":"nights","value":"123"}',
    '{"name":"cvv"},{"value":"123"}',
    "verification of 1234 guests",
    "\u0e01\u0e32\u0e23\u0e08\u0e2d\u0e07 \u0e51\u0e52\u0e53 \u0e04\u0e37\u0e19",
    "\u2460 breakfast \u2461 parking",
]


@pytest.mark.parametrize("body", HARMLESS)
def test_what_is_no_card_keeps_its_bytes(body: str) -> None:
    raw = body.encode()

    assert remove_cards(raw) == (raw, 0)


@pytest.mark.parametrize(
    "piece",
    [
        "\u0e51", "\u0e51 ", "\\u0e51", "\\\\u0e51", "4111/", "4111_1111_", "4<!--", "4<?", "4]]><![CDATA[", "cvv ", "<cvv ", '"cvv","value":',
        "cvv</a>", "&amp;nbsp;", "%09", "A" * 76 + "\n", "NDEx" * 19 + "\n", "4\n", "\\/", "\u30fc4", "cvv\n", '<SeriesCode a="',
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", ["", "<a>", "{"])
def test_no_notation_takes_long(piece: str, start: str) -> None:
    body = (start + piece * (32_000 // len(piece.encode()))).encode()

    times = []
    for _ in range(2):
        started = time.thread_time()
        remove_cards(body)
        times.append(time.thread_time() - started)

    assert min(times) < 0.12
