"""Some thousand inputs for every parser, the same ones each time; `make fuzz` draws others for as long as one likes."""

from random import Random

import pytest

from connectors.errors import FixMapping
from connectors.registry import KINDS
from tests.fuzz.harness import Find, Target, fuzz
from tests.fuzz.mutations import LARGEST, Mutations
from tests.fuzz.targets import PROTOCOLS, groups, targets

SEED = 1
INPUTS = 600


@pytest.mark.parametrize("group", groups())
def test_no_input_fells_a_parser(group: str) -> None:
    reports = [fuzz(target, SEED, inputs=INPUTS) for target in targets(group)]

    assert [find.what for report in reports for find in report.finds] == []
    assert all(report.input_count == INPUTS for report in reports)


def test_every_kind_takes_part_with_all_it_reads() -> None:
    found = {group: {target.name.partition(".")[2] for target in targets(group)} for group in groups()}

    assert set(found) == {*KINDS, PROTOCOLS}
    assert all(found.values())
    assert all(target.seeds for group in groups() for target in targets(group))
    assert found["channex"] == {"queue", "messages", "answers", "webhook"}


def test_the_same_seed_makes_the_same_inputs_and_another_makes_others() -> None:
    pool = [b'{"a": {"b": ["x", 1]}}', b"<a b='c'><d>x</d></a>", b"a=1&b=%7B%22c%22%3A1%7D"]

    def made(seed: int) -> list[bytes]:
        mutations = Mutations(Random(seed), pool)
        return [mutations.next() for _ in range(300)]

    assert made(1) == made(1)
    assert made(1) != made(2)
    assert len(set(made(1))) > 200
    assert max(map(len, made(1))) <= LARGEST


def careless(body: bytes) -> list[int]:
    """Read a body as nobody should."""
    if body.count(b'"a"') > 1:
        raise KeyError(body)
    if b"1e999999" in body:
        msg = "says what to do"
        raise FixMapping(msg)
    return [1]


def test_a_parser_that_falls_over_is_found_with_the_input_that_did_it() -> None:
    report = fuzz(Target("careless", (b'{"a": {"b": ["x", 1]}}',), careless), SEED, inputs=3_000)

    (find,) = report.finds
    assert isinstance(find, Find)
    assert find.what.startswith("careless raises KeyError at test_fuzz.py")
    with pytest.raises(KeyError):
        careless(find.body)
