"""The version of a suite changes with its rules and with nothing else."""

import pytest

from expectations import suites
from expectations.expect import at_least
from expectations.rules import WARN, Rule, rule
from expectations.suites import DATASETS, rules_of, suite, version

GUESTS = {frame: rules_of(frame) for frame in ("guests", "batches")}
LAST = rules_of("guests")[-1]


def test_every_dataset_has_a_version_of_its_own() -> None:
    versions = {suite(dataset).version for dataset in DATASETS}
    assert len(versions) == len(DATASETS)
    assert all(len(each) == 12 for each in versions)


@pytest.mark.parametrize(
    "changed",
    [
        LAST._replace(code="other"),
        LAST._replace(severity="quarantine"),
        LAST._replace(expectation=at_least("is_phone_real", 1)),
        rule(1, LAST.code, WARN, LAST.what, at_least("is_phone_real", 0)),
    ],
)
def test_a_changed_rule_changes_the_version(changed: Rule) -> None:
    assert version({**GUESTS, "guests": (*rules_of("guests")[:-1], changed)}) != version(GUESTS)


def test_a_rule_more_or_less_changes_the_version() -> None:
    assert version({**GUESTS, "guests": rules_of("guests")[:-1]}) != version(GUESTS)


def test_other_columns_change_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = version(GUESTS)
    monkeypatch.setattr(suites, "getsource", lambda _: "def columns(told): ...")
    assert version(GUESTS) != before


def test_words_for_people_do_not_change_the_version() -> None:
    assert version({**GUESTS, "guests": (*rules_of("guests")[:-1], LAST._replace(what="said better"))}) == version(
        GUESTS
    )
