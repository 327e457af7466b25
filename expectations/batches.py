"""What must hold of a batch as a whole; the frame has one row. What breaks a rule here blocks everything."""

from expectations.expect import at_least, at_most, holds
from expectations.rules import BLOCK, WARN, rule

# fmt: off
RULES = (
    rule(1, "rows_missing", BLOCK, "all rows that the source says it has were read", at_most("missing_row_count", 0)),
    rule(1, "pull_incomplete", BLOCK, "the pull came to its last page", holds("is_complete")),
    rule(1, "nothing_judged", BLOCK, "every row that was due reached the gate", at_most("unjudged_row_count", 0)),
    rule(2, "row_count_dropped", BLOCK, "at least half the rows of the last seven comparable loads", at_least("percent_of_usual", 50)),
    rule(3, "quarantined_share", BLOCK, "at most 5 % of the rows wait, or 20 rows", holds("is_quarantined_share_bearable")),
    rule(5, "columns_missing", BLOCK, "the file has every column of its mapping", at_most("missing_column_count", 0)),
    rule(5, "columns_extra", WARN, "the file has no column its mapping does not know", at_most("extra_column_count", 0)),
    rule(6, "control_total_differs", BLOCK, "counted totals equal the stated ones", at_most("differing_total_count", 0)),
)
