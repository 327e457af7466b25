"""What quarantine keeps out of a report: rows, room nights, money per currency (K-16)."""

import pandas as pd

from hotel.figures import WithheldLine
from reconciliation.cells import total


def withheld_lines(quarantine: pd.DataFrame) -> tuple[WithheldLine, ...]:
    """Add up the open rows: what would have counted on the business date, all, and all that tell no dates."""
    of_day = quarantine[quarantine["day_room_night_count"] > 0]
    undated = quarantine[~quarantine["is_day_known"].fillna(value=False).astype(bool)]
    lines = (
        _line("business date", of_day, "day_room_night_count", "day_amount_minor"),
        _line("all", quarantine, "room_night_count", "amount_minor"),
    )
    return (
        lines
        if undated.empty
        else (*lines, _line("of all, dates not known", undated, "room_night_count", "amount_minor"))
    )


def _line(scope: str, rows: pd.DataFrame, nights: str, amount: str) -> WithheldLine:
    earning = rows[rows["is_earning"].fillna(value=False).astype(bool)]
    amounts = earning.dropna(subset=["currency"]).groupby("currency", sort=True)[amount].sum()
    return WithheldLine(
        scope,
        len(rows),
        len(earning),
        total(rows[nights]),
        tuple((str(currency), int(minor)) for currency, minor in amounts.items()),
    )


def withheld_reasons(quarantine: pd.DataFrame) -> tuple[tuple[str, int], ...]:
    """Count the open rows by their first reason, the most frequent first."""
    counts = quarantine.groupby("reason", sort=True).size()
    return tuple(sorted(((str(code), int(n)) for code, n in counts.items()), key=lambda pair: (-pair[1], pair[0])))
