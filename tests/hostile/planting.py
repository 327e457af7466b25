"""Card numbers and codes put into right messages wherever a vendor, a guest or an encoder might put them; each is told apart."""

import csv
import io
from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from operator import setitem
from typing import Any
from urllib.parse import urlencode

import msgspec
from lxml import etree

from connectors.card_numbers import is_checked, is_excused_name
from tests.hostile.json_attacks import is_json
from tests.hostile.wrappings import document

# All planted numbers begin with this and nothing else does: what is left of one is found by it.
PREFIX = "437821"
_LEAVES_AT_ONCE = 5
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")  # noqa: RUF001
_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


def _fours(number: str, separator: str) -> str:
    return separator.join(number[start : start + 4] for start in range(0, 16, 4))


NOTATIONS: dict[str, Callable[[str], str]] = {
    "solid": str,
    "blanks": lambda number: _fours(number, " "),
    "hyphens": lambda number: _fours(number, "-"),
    "no-break spaces": lambda number: _fours(number, "\u00a0"),
    "thin spaces": lambda number: _fours(number, "\u2009"),
    "dots": lambda number: _fours(number, "."),
    "full width": lambda number: number.translate(_WIDE),
    "Thai digits": lambda number: number.translate(_THAI),
    "in words": lambda number: f"Please charge visa {number}, thanks",
    "glued": lambda number: f"ID{number}X",
    "a query": lambda number: urlencode({"a": 1, "cc_number": number, "b": 2}),
    "base64": lambda number: b64encode(f"<Card n='{_fours(number, ' ')}'/>".encode()).decode(),
    "JSON": lambda number: msgspec.json.encode({"card": {"number": number}}).decode(),
    "a track": lambda number: f"%B{number}^ROE/JANE^30121010000?",
}


class Plants:
    """Numbers and codes planted so far, each once; `codes` are 4 digits that `free` messages do not have."""

    def __init__(self, *free: bytes) -> None:
        told = b" ".join(free)
        self.numbers: list[str] = []
        self.codes: list[str] = []
        self._serial = count(1)
        self._free = (code for code in map(str, range(9998, 1000, -1)) if code.encode() not in told)

    def number(self) -> str:
        """Give a number that has not been planted yet; its check digit holds."""
        stem = f"{PREFIX}{next(self._serial):09d}"
        self.numbers.append(next(f"{stem}{n}" for n in range(10) if is_checked(f"{stem}{n}".encode())))
        return self.numbers[-1]

    def code(self) -> str:
        """Give a verification code of four digits that has not been planted yet."""
        self.codes.append(next(self._free))
        return self.codes[-1]


def planted(body: bytes, plants: Plants) -> Iterator[bytes]:
    """Yield messages with cards in them: in all texts, in fields made for them, in every notation, whole and broken."""
    told = document(body)
    maker = _Xml if told.content.lstrip()[:1] == b"<" else _Json if is_json(told.content) else _Lines
    for content in maker(told.content, plants).made():
        yield told.around(content)
    whole = next(iter(maker(told.content, plants).made()))
    yield told.around(whole[: len(whole) * 3 // 4])
    yield told.around(whole + b"}>")
    if maker is _Xml:
        yield told.around(_declared(whole).decode().encode("utf-16"))


def _declared(content: bytes) -> bytes:
    """Take away what the document says of its encoding."""
    return content[content.find(b"?>") + 2 :] if content.startswith(b"<?xml") else content


class _Maker:
    """Makes messages of one content; a subclass knows its format."""

    def __init__(self, content: bytes, plants: Plants) -> None:
        self.content, self.plants = content, plants

    def made(self) -> Iterator[bytes]:
        """Yield the messages."""
        notations = list(NOTATIONS.values())
        leaf_count = len(self.leaves(self.root()))
        for start in range(0, leaf_count, _LEAVES_AT_ONCE):
            root = self.root()
            for at, put in enumerate(self.leaves(root)[start : start + _LEAVES_AT_ONCE], start):
                put(notations[at % len(notations)](self.plants.number()))
            yield self.written(root)
        yield from self.with_fields()

    def root(self) -> Any:
        raise NotImplementedError

    def leaves(self, root: Any) -> list[Callable[[str], None]]:
        """List what puts a text into each place where one may stand; references are no such places."""
        raise NotImplementedError

    def written(self, root: Any) -> bytes:
        raise NotImplementedError

    def with_fields(self) -> Iterator[bytes]:
        """Yield the message with fields named for cards."""
        raise NotImplementedError


class _Xml(_Maker):
    def root(self) -> Any:
        return etree.fromstring(self.content, etree.XMLParser(resolve_entities=False, no_network=True))

    def written(self, root: Any) -> bytes:
        return bytes(etree.tostring(root, encoding="UTF-8"))

    def leaves(self, root: Any) -> list[Callable[[str], None]]:
        found: list[Callable[[str], None]] = []
        for element in root.iter(etree.Element):
            names = [name for name in element.attrib if not is_excused_name(etree.QName(name).localname.encode())]
            found += [partial(element.set, name) for name in names]
            if (element.text or "").strip() and not is_excused_name(etree.QName(element).localname.encode()):
                found.append(partial(setattr, element, "text"))
        return found

    def with_fields(self) -> Iterator[bytes]:
        for fragment in self._fragments():
            for at in (-1, len(list(self.root().iter())) // 2):
                root = self.root()
                list(root.iter(etree.Element))[at].append(etree.fromstring(fragment))
                yield self.written(root)
        yield self._with_a_card_everywhere()

    def _with_a_card_everywhere(self) -> bytes:
        root = self.root()
        for element in list(root.iter(etree.Element)):
            element.append(etree.fromstring(next(iter(self._fragments()))))
        return self.written(root)

    def _fragments(self) -> Iterator[str]:
        number, code = self.plants.number, self.plants.code
        yield f'<PaymentCard CardType="1" CardCode="{code()}" CardNumber="{number()}" SeriesCode="{code()}" ExpireDate="1230"/>'
        yield f'<PaymentCard cardCode="VI" cardNumber="{number()}" seriesCode="{code()}" expireDate="1230"/>'
        yield f"<PaymentCard><CardNumber><PlainText>{number()}</PlainText></CardNumber><SeriesCode><PlainText>{code()}</PlainText></SeriesCode></PaymentCard>"
        yield f'<PaymentCard><CardNumber Mask="x">{_fours(number(), " ")}</CardNumber><SeriesCode Encoding="plain">\n   {code()}\n</SeriesCode></PaymentCard>'
        yield f"<GuaranteeDescription><Text>Visa {_fours(number(), '-')} cvv {code()} exp 12/30</Text></GuaranteeDescription>"
        yield f"<Comment><Text><![CDATA[{b64encode(f'card {number()} cvc: {code()}'.encode()).decode()}]]></Text></Comment>"
        yield f"<SpecialRequest><Text><![CDATA[{number()[:8]}]]><![CDATA[{self.plants.numbers[-1][8:]}]]></Text></SpecialRequest>"
        yield f'<TPA_Extensions><Field name="cvv">{code()}</Field><Name>CVC</Name><Value>{code()}</Value><x v="{number()}"/></TPA_Extensions>'
        yield f"<vc><vc_number>{number()}</vc_number><vc_cvc>{code()}</vc_cvc></vc>"
        yield f"<a>{''.join(f'&#{ord(digit)};' for digit in number())}</a>"


class _Json(_Maker):
    def root(self) -> Any:
        return msgspec.json.decode(self.content)

    def written(self, root: Any) -> bytes:
        return msgspec.json.encode(root)

    def leaves(self, root: Any) -> list[Callable[[str], None]]:
        return [
            partial(setitem, holder, key) for holder, key, name in _texts(root) if not is_excused_name(name.encode())
        ]

    def with_fields(self) -> Iterator[bytes]:
        for fields in self._fields():
            for place in range(3):
                root = self.root()
                inside = _dicts(root)
                (inside[0], max(inside, key=len), inside[-1])[place].update(fields)
                yield self.written(root)
        root = self.root()
        for each in _dicts(root):
            each.update(next(iter(self._fields())))
        yield self.written(root)

    def _fields(self) -> Iterator[dict[str, Any]]:
        number, code = self.plants.number, self.plants.code
        yield {"guarantee": {"card_number": number(), "cvv": code(), "card_type": "VI", "is_virtual": True}}
        yield {"vc_number": number(), "vc_cvc": code(), "cvc": int(code()), "cc_cvc": code()}
        yield {"cardNumber": int(number()), "cardCode": code(), "securityCode": code()}
        yield {
            "CardNumber": _fours(number(), " "),
            "CardCVV": code(),
            "CardCCV": code(),
            "CustomerNote": f"card {number()}",
        }
        yield {"payments": [{"card": {"number": number(), "cvc": {"value": code()}}}]}
        yield {"custom": [{"name": "cvv", "value": code()}, {"name": "note", "value": _fours(number(), "\u00a0")}]}
        yield {"blob": b64encode(msgspec.json.encode({"number": number(), "cvv": code()})).decode()}
        yield {"inner": msgspec.json.encode({"card_number": number(), "cvv": code()}).decode()}
        yield {"notes": f"visa {_fours(number(), ' ')} cvv {code()}", "comments": [f"CVC: {code()}"]}


def _texts(told: Any, name: str = "") -> Iterator[tuple[Any, Any, str]]:
    pairs = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    for key, value in list(pairs):
        inner = key if isinstance(told, dict) else name
        if isinstance(value, str):
            yield told, key, inner
        else:
            yield from _texts(value, inner)


def _dicts(told: Any) -> list[dict[str, Any]]:
    inner = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    return [*([told] if isinstance(told, dict) else []), *(each for value in inner for each in _dicts(value))]


class _Lines(_Maker):
    def root(self) -> Any:
        return list(csv.reader(io.StringIO(self.content.decode(), newline="")))

    def written(self, root: Any) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(root)
        return text.getvalue().encode()

    def leaves(self, root: Any) -> list[Callable[[str], None]]:
        row = root[1]
        return [partial(setitem, row, n) for n, name in enumerate(root[0]) if not is_excused_name(name.encode())]

    def with_fields(self) -> Iterator[bytes]:
        root = self.root()
        root[0] += ["card_number", "cvv", "note"]
        for row in root[1:]:
            row += [self.plants.number(), self.plants.code(), f"visa {self.plants.number()} cvc {self.plants.code()}"]
        yield self.written(root)
