"""A rule: one Great Expectations expectation with the code, the severity and the words that go with it."""

from typing import Any, Final, NamedTuple

BLOCK: Final = "block"  # nothing of the batch loads
QUARANTINE: Final = "quarantine"  # the row waits
WARN: Final = "warn"  # the row loads, the code stays with it
INFO: Final = "info"  # counted, never a finding

SEVERITIES: Final = (BLOCK, QUARANTINE, WARN, INFO)


class Rule(NamedTuple):
    """One expectation. `number` is its place among the forty of the data model, 0 where it guards a table's constraint.

    `shows` is the column whose value's shape goes into the reason, empty where the rule looks at several.
    """

    number: int
    code: str
    severity: str
    what: str
    expectation: Any
    shows: str


def rule(number: int, code: str, severity: str, what: str, expectation: Any, *, shows: str = "") -> Rule:
    """Make a rule; the order of the arguments is the order in which a line of a suite reads."""
    return Rule(number, code, severity, what, expectation, shows)
