"""The page of rules is the suites'."""

from expectations.document import PATH, document
from expectations.suites import BATCH, DATASETS, rules_of


def test_the_page_is_current() -> None:
    assert PATH.read_text(encoding="utf-8") == document(), "run: python -m expectations.document"


def test_the_page_names_every_rule() -> None:
    page = document()
    frames = {frame for frames in DATASETS.values() for frame in frames} | {BATCH}
    for rule in (rule for frame in frames for rule in rules_of(frame)):
        assert f"`{rule.code}` | {rule.severity} | {rule.what} |" in page
