"""Attacks on whoever reads XML. What they try to fetch is bait: a file and an address that are watched."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_DECLARED = {"UTF-16": "utf-16", "UTF-7": "utf-7", "UTF-32": "utf-32", "IBM037": "cp037", "x-odd": "utf-8"}
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>\s*")


class Bait(NamedTuple):
    """A file and an address nobody has a reason to open."""

    file: str
    url: str


Made = Iterator[tuple[str, bytes]]


def forbidden(body: bytes, bait: Bait) -> Made:
    """Yield what has a document type, in any encoding: nobody may make a row of it."""
    plain = _DECLARATION.sub(b"", body)
    yield from _entities(plain, bait)
    yield from _encoded_entities(plain, bait)


def attacks(body: bytes, bait: Bait) -> Made:
    """Yield the other attacks on a reader of this message."""
    plain = _DECLARATION.sub(b"", body)
    yield from _includes(plain, bait)
    yield from _encodings(plain)
    yield from _sizes(plain)
    yield from _scraps(plain)


def _with_doctype(body: bytes, inside: str, reference: str = "&e;", declared: str = "") -> bytes:
    """Put a document type in front and a reference into the message: into its first text, else into its root."""
    root = _ROOT.search(body)
    name = root[1].decode() if root else "x"
    doctype = f"{declared}<!DOCTYPE {name} {inside}>".encode()
    end = body.find(b">", root.end() if root else 0)
    end = end - 1 if body[end - 1 : end] == b"/" else end
    return doctype + body[: end + 1] + reference.encode() + body[end + 1 :]


def _laughs(levels: int) -> str:
    lines = ['<!ENTITY e0 "ha">']
    lines += [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, levels)]
    return f'[{"".join(lines)}<!ENTITY e "&e{levels - 1};">]'


def _entities(body: bytes, bait: Bait) -> Made:
    yield "billion laughs", _with_doctype(body, _laughs(10))
    yield "quadratic blow-up", _with_doctype(body, f'[<!ENTITY e "{"x" * 30_000}">]', "&e;" * 5_000)
    yield "an entity that names itself", _with_doctype(body, '[<!ENTITY e "&f;"><!ENTITY f "&e;">]')
    yield "an entity of a file", _with_doctype(body, f'[<!ENTITY e SYSTEM "file://{bait.file}">]')
    yield "an entity of a plain path", _with_doctype(body, f'[<!ENTITY e SYSTEM "{bait.file}">]')
    yield "an entity of an address", _with_doctype(body, f'[<!ENTITY e SYSTEM "{bait.url}/entity">]')
    yield "an entity of a public name", _with_doctype(body, f'[<!ENTITY e PUBLIC "-//W3C//x" "{bait.url}/public">]')
    yield "an entity in an attribute", _with_doctype(body, '[<!ENTITY e "v">]', '<x y="&e;"/>')
    yield "a parameter entity of a file", _with_doctype(body, f'[<!ENTITY % p SYSTEM "file://{bait.file}"> %p;]', "")
    yield (
        "a parameter entity of an address",
        _with_doctype(body, f'[<!ENTITY % p SYSTEM "{bait.url}/parameter"> %p;]', ""),
    )
    yield "nested parameter entities", _with_doctype(body, '[<!ENTITY % a "&#37;b;"><!ENTITY % b "x"> %a;]', "")
    yield "an external document type", _with_doctype(body, f'SYSTEM "{bait.url}/type.dtd"')
    yield "a document type in a file", _with_doctype(body, f'SYSTEM "file://{bait.file}"')
    yield "a public document type", _with_doctype(body, f'PUBLIC "-//W3C//DTD XHTML 1.0//EN" "{bait.url}/public.dtd"')
    yield "an empty document type", _with_doctype(body, "[]", "")
    yield "a document type after a comment", b"<!-- " + b"x" * 5_000 + b" -->" + _with_doctype(body, _laughs(10))
    yield "attributes by default", _with_doctype(body, '[<!ATTLIST x y CDATA "v">]', "<x/>")
    yield "a standalone document", _with_doctype(body, _laughs(10), declared='<?xml version="1.0" standalone="yes"?>')


def _includes(body: bytes, bait: Bait) -> Made:
    xinclude = 'xmlns:xi="http://www.w3.org/2001/XInclude"'
    for what, target in (("a file", f"file://{bait.file}"), ("an address", f"{bait.url}/include")):
        included = f'<xi:include {xinclude} href="{target}" parse="text"/>'
        yield f"XInclude of {what}", _inside(body, included.encode())
        yield f"a style sheet of {what}", f'<?xml-stylesheet type="text/xsl" href="{target}"?>'.encode() + body
        schema = f'<x xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:noNamespaceSchemaLocation="{target}"/>'
        yield f"a schema of {what}", _inside(body, schema.encode())


def _encoded_entities(body: bytes, bait: Bait) -> Made:
    file = _with_doctype(body, f'[<!ENTITY e SYSTEM "file://{bait.file}">]').decode("utf-8", "replace")
    laughs = _with_doctype(body, _laughs(10)).decode("utf-8", "replace")
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp037"):
        yield f"an entity of a file in {encoding}", file.encode(encoding, "replace")
        yield f"billion laughs in {encoding}", laughs.encode(encoding, "replace")
    for name, encoding in _DECLARED.items():
        yield (
            f"an entity declared as {name}",
            f'<?xml version="1.0" encoding="{name}"?>{file}'.encode(encoding, "replace"),
        )


def _encodings(body: bytes) -> Made:
    for name, encoding in _DECLARED.items():
        declared = f'<?xml version="1.0" encoding="{name}"?>'
        yield f"declared as {name}", (declared + body.decode("utf-8", "replace")).encode(encoding, "replace")
        yield f"declared as {name} and not so", declared.encode() + body


def _inside(body: bytes, what: bytes) -> bytes:
    """Put something before the end of the root element."""
    end = body.rstrip().rfind(b"</")
    return body[:end] + what + body[end:] if end > 0 else what


def large(body: bytes) -> Made:
    """Yield what is larger than any honest message."""
    plain = _DECLARATION.sub(b"", body)
    yield "200,000 deep", _inside(plain, b"<a>" * 200_000 + b"</a>" * 200_000)
    yield "200,000 deep and never closed", _inside(plain, b"<a>" * 200_000)
    yield "300,000 attributes", _inside(plain, b"<a " + b" ".join(b'a%d=""' % n for n in range(300_000)) + b"/>")
    yield "300,000 elements", _inside(plain, b"<a/>" * 300_000)
    yield "12 MB of text", _inside(plain, b"<a>" + b"x" * 12_000_000 + b"</a>")
    yield "12 MB in an attribute", _inside(plain, b'<a b="' + b"x" * 12_000_000 + b'"/>')
    yield "17 MB", _inside(plain, b"<a>" + b"x" * 17_000_000 + b"</a>")
    yield "CDATA 500,000 times", _inside(plain, b"<a>" + b"<![CDATA[x]]>" * 500_000 + b"</a>")
    yield "the message itself a hundred times", _repeated(plain, 100)


def _sizes(body: bytes) -> Made:
    yield "300 deep", _inside(body, b"<a>" * 300 + b"</a>" * 300)
    yield "7,000 deep", _inside(body, b"<a>" * 7_000 + b"</a>" * 7_000)
    yield "200 attributes", _inside(body, b"<a " + b" ".join(b'a%d=""' % n for n in range(200)) + b"/>")
    yield "4,000 attributes", _inside(body, b"<a " + b" ".join(b'a%d=""' % n for n in range(4_000)) + b"/>")
    yield "4,000 attributes of the root", _ROOT.sub(rb"<\1 " + b" ".join(b'a%d=""' % n for n in range(4_000)), body, 1)
    yield "10,000 elements", _inside(body, b"<a/>" * 10_000)
    many = b" ".join(b'xmlns:n%d="u%d"' % (n, n) for n in range(2_000))
    yield "namespaces on one element", _inside(body, b"<a " + many + b"/>")
    yield "namespaces of the root", _ROOT.sub(rb"<\1 " + many, body, 1)
    nested = b"".join(b'<n%d:a xmlns:n%d="u%d">' % (n, n, n) for n in range(200))
    yield "namespaces in each other", _inside(body, nested + b"".join(b"</n%d:a>" % n for n in reversed(range(200))))
    yield "a prefix of 20,000 letters", _inside(body, b"<" + b"p" * 20_000 + b":a xmlns:" + b"p" * 20_000 + b'="u"/>')
    yield "CDATA 4,000 times", _inside(body, b"<a>" + b"<![CDATA[x]]>" * 4_000 + b"</a>")
    yield "comments", _inside(body, b"<!--x-->" * 7_000)
    yield "instructions", _inside(body, b"<?x y?>" * 8_000)
    yield "character references", _inside(body, b"<a>" + b"&#65;" * 12_000 + b"</a>")
    yield "the message itself ten times", _repeated(body, 10)


def _repeated(body: bytes, times: int) -> bytes:
    """Tell what lies in the root again and again."""
    start, end = body.find(b">") + 1, body.rstrip().rfind(b"</")
    return body[:start] + body[start:end] * times + body[end:] if 0 < start < end else body


def _scraps(body: bytes) -> Made:
    put: Callable[[bytes], bytes] = lambda what: _inside(body, what)  # noqa: E731 one short name for many lines
    yield "half a character by reference", put(b"<a>&#xD800;</a>")
    yield "a NUL by reference", put(b"<a>&#0;</a>")
    yield "a control character by reference", put(b"<a>&#1;</a>")
    yield "a character beyond all", put(b"<a>&#x110000;&#99999999999999999999;</a>")
    yield "a control character", put(b"<a>\x01\x0b\x1f</a>")
    yield "an unknown entity", put(b"<a>&nbsp;&euro;&e;</a>")
    yield "an attribute twice", put(b'<a b="1" b="2"/>')
    yield "an attribute twice by namespace", put(b'<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>')
    yield "a prefix nobody declared", put(b"<p:a/>")
    yield "elements that cross", put(b"<a><b></a></b>")
    yield "an end without a beginning", put(b"</a>")
    yield "CDATA never closed", put(b"<![CDATA[x")
    yield "a comment with hyphens", put(b"<!-- a -- b -->")
    yield "two roots", body + body
    yield "text behind the root", body + b"text"
    yield "a reserved instruction", put(b"<?xml version='1.0'?>")
    yield "XML 1.1", b'<?xml version="1.1"?>' + body
    yield "namespaces undone", body.replace(b"xmlns=", b"xmlns:gone=", 1)
