"""XML changed as XML: elements and attributes dropped, repeated, swapped, nested, renamed, given other values."""

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from lxml import etree

from tests.fuzz.words import DATES, NUMBERS, TEXTS, Words

Element = Any
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
_NESTINGS = (1, 2, 20, 200, 400)
_ODD_NAMES = ("x", "Error", "Success", "Warning", "Fault", "Envelope", "Body", "UniqueID", "Total", "Security")


def mutated_xml(body: bytes, dice: Random, words: Words) -> bytes | None:
    """Give the document with one change; None where it is no XML."""
    try:
        root = etree.fromstring(body, _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return None
    elements = [each for each in root.iter(etree.Element) if isinstance(each.tag, str)]
    try:
        dice.choice(_CHANGES)(dice.choice(elements), elements, dice, words)
    except (ValueError, TypeError):
        return None  # what XML cannot say: a NUL, a name that is none, an element below itself
    return bytes(etree.tostring(root))


def _value(dice: Random, words: Words) -> str:
    return dice.choice(dice.choice((NUMBERS, DATES, TEXTS, words.values or TEXTS)))


def _drop(element: Element, _all: list[Element], _dice: Random, _words: Words) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _empty(element: Element, _all: list[Element], _dice: Random, _words: Words) -> None:
    element.clear()


def _repeat(element: Element, _all: list[Element], dice: Random, _words: Words) -> None:
    parent = element.getparent()
    if parent is not None:
        for _ in range(dice.choice((1, 1, 2, 20))):
            parent.insert(parent.index(element), deepcopy(element))


def _move(element: Element, everything: list[Element], dice: Random, _words: Words) -> None:
    dice.choice(everything).append(element)


def _nest(element: Element, _all: list[Element], dice: Random, _words: Words) -> None:
    inner = element
    for _ in range(dice.choice(_NESTINGS)):
        inner = etree.SubElement(inner, element.tag)
    inner.extend(list(element)[:-1])


def _rename(element: Element, _all: list[Element], dice: Random, words: Words) -> None:
    namespace = element.tag.rpartition("}")[0]
    name = dice.choice((*words.names, *_ODD_NAMES))
    element.tag = f"{namespace}}}{name}" if namespace and dice.random() < 0.8 else name


def _text(element: Element, _all: list[Element], dice: Random, words: Words) -> None:
    element.text = _value(dice, words)


def _attribute(element: Element, everything: list[Element], dice: Random, words: Words) -> None:
    """Change a value, of an element that has one if it can be found soon."""
    for _ in range(4):
        if element.attrib:
            break
        element = dice.choice(everything)
    names = list(element.attrib) or list(words.names)
    if names:
        element.set(dice.choice(names), _value(dice, words))


def _lose_attribute(element: Element, _all: list[Element], dice: Random, _words: Words) -> None:
    if element.attrib:
        del element.attrib[dice.choice(list(element.attrib))]


def _more_attributes(element: Element, _all: list[Element], dice: Random, words: Words) -> None:
    element.set(dice.choice(words.names or _ODD_NAMES), _value(dice, words))


def _swap_attributes(element: Element, everything: list[Element], dice: Random, _words: Words) -> None:
    other = dice.choice(everything)
    mine, theirs = dict(element.attrib), dict(other.attrib)
    element.attrib.clear()
    other.attrib.clear()
    element.attrib.update(theirs)
    other.attrib.update(mine)


def _add(element: Element, everything: list[Element], dice: Random, words: Words) -> None:
    """Tell something more, under a name of the vendor's."""
    namespace = element.tag.rpartition("}")[0]
    name = dice.choice((*words.names, *_ODD_NAMES))
    added = etree.SubElement(element, f"{namespace}}}{name}" if namespace else name)
    added.text = _value(dice, words)
    added.attrib.update(dice.choice(everything).attrib)


_CHANGES: tuple[Callable[[Element, list[Element], Random, Words], None], ...] = (
    _drop, _empty, _repeat, _move, _nest, _rename, _text, _text, _attribute, _attribute, _attribute, _lose_attribute, _more_attributes,
    _swap_attributes, _add,
)  # fmt: skip
