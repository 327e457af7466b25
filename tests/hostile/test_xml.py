"""XML from strangers: what nobody needs is refused before it costs anything, what a guest may write is text."""

import time

import pytest
from lxml import etree

from connectors.protocols.safe_xml import MOST_ATTRIBUTES, UnsafeXML, child, parse, text, told


@pytest.mark.parametrize(
    "inside",
    [
        "<![CDATA[<!DOCTYPE html> I am]]>",
        "&lt;!DOCTYPE html&gt;",
        "<!-- <!DOCTYPE x> -->fine",
        "<?x <!DOCTYPE y>?>fine",
    ],
)
def test_a_guest_may_write_of_document_types(inside: str) -> None:
    assert text(parse(f"<Comment>{inside}</Comment>".encode())) in {"<!DOCTYPE html> I am", "<!DOCTYPE html>", "fine"}


@pytest.mark.parametrize(
    "prolog",
    ["", " \n", '<?xml version="1.0"?>', "<!-- x -->", "<?x y?>\n<!-- <a> -->\n<?z?>", '<?xml version="1.0"?><!---->'],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_document_type_is_refused_whatever_stands_before_it(prolog: str, encoding: str) -> None:
    with pytest.raises(UnsafeXML, match=r"document type|not allowed"):
        parse(f"{prolog}<!DOCTYPE a [<!ENTITY e 'v'>]><a>&e;</a>".encode(encoding))


def test_more_attributes_than_any_element_has_are_refused() -> None:
    many = " ".join(f'a{n}=""' for n in range(MOST_ATTRIBUTES))

    assert told(parse(f"<a><b {many}/></a>".encode())[0], "a7") is None
    with pytest.raises(UnsafeXML, match="attributes"):
        parse(f'<a><b {many} more=""/></a>'.encode())


def test_an_attribute_that_is_missing_is_missed_in_no_time_among_many() -> None:
    element = etree.fromstring(b"<a " + b" ".join(b'a%d=""' % n for n in range(30_000)) + b"/>")
    started = time.thread_time()

    for _ in range(20):
        assert told(element, "Type") is None

    assert time.thread_time() - started < 0.5


def test_an_attribute_counts_by_its_local_name() -> None:
    element = parse(b'<a xmlns:p="u" p:Type=" 14 " Other=""/>')

    assert (told(element, "Type"), told(element, "Other"), told(element, "pe"), told(child(element, "b"), "x")) == (
        "14", None, None, None,
    )  # fmt: skip
