"""What the artifacts say of pulling: one row per account, the most urgent first, the last column what to do."""

from typing import Final

from hotel.loads import AccountPulls, PullShiftSummary
from tasks.tables import INSTANT, Rows

NEAR_MINUTES: Final = 10
STEPS: Final = {
    "try_later": "wait: it is asked again by itself; if it lasts, ask the channel",
    "breaker_open": "wait: it is asked again by itself; if it lasts, ask the channel",
    "fix_credentials": "enter the account's credentials anew in ops.integrations",
    "fix_mapping": "state in ops.integrations what the last row of ops.health_checks names",
    "not_configured": "set the account up in ops.integrations",
    "vendor_changed_shape": "read the last row of ops.health_checks; the channel answers otherwise than agreed",
    "request_refused": "read the last row of ops.health_checks, then ask the channel why it refuses",
    "blocked": "look at the reasons in ops.quarantine, mend the source or the mapping",
}


def pull_sentence(pulls: PullShiftSummary) -> str:
    """Say in one sentence what came and who is in trouble."""
    failing = sorted({account.source for account in pulls.accounts if account.error_code})
    open_count = sum(account.unacknowledged_count for account in pulls.accounts)
    rest = f"{open_count} are not acknowledged" if open_count else "all are acknowledged"
    trouble = f"; {', '.join(failing)} cannot be pulled" if failing else ""
    return f"{pulls.message_count} messages came since the last report, {rest}{trouble}."


def pull_rows(pulls: PullShiftSummary) -> Rows:
    """One row per account: those that fail first, then by what is left until a channel gives up."""
    return [_row(account) for account in sorted(pulls.accounts, key=_urgency)]


def is_urgent(account: AccountPulls) -> bool:
    """Tell whether somebody should look: the account cannot be pulled, or its channel gives up within minutes."""
    return account.error_code is not None or _is_near(account)


def _is_near(account: AccountPulls) -> bool:
    return account.minutes_to_deadline is not None and account.minutes_to_deadline < NEAR_MINUTES


def _urgency(account: AccountPulls) -> tuple[bool, bool, int, str, str]:
    minutes = account.minutes_to_deadline
    return account.error_code is None, minutes is None, minutes or 0, account.source, account.property_id


def _row(account: AccountPulls) -> dict[str, str | int | None]:
    return {
        "channel": account.source,
        "property": account.property_id,
        "last pull": f"{account.pulled_at:{INSTANT}}" if account.pulled_at else "never",
        "messages": account.message_count,
        "acknowledged": account.acknowledged_count,
        "unacknowledged": account.unacknowledged_count,
        "minutes to deadline": account.minutes_to_deadline,
        "empty pulls in a row": account.empty_count,
        "breaker": ", ".join(f"{code} {state}" for code, state in sorted(account.breakers.items())) or "closed",
        "failing": f"{account.error_code} since {account.failing_since_at:{INSTANT}}"
        if account.failing_since_at
        else "no",
        "next step": _next_step(account),
    }


def _next_step(account: AccountPulls) -> str:
    if account.error_code:
        return STEPS.get(account.error_code, "read the puller's log and the last row of ops.health_checks")
    if _is_near(account):
        return "see that the puller runs (make up), or run pull-bookings/on-demand now"
    return "nothing"
