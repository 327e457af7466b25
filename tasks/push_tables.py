"""What the artifacts say of telling channels: one row per channel, those in trouble first, the last column what to do."""

from typing import Final

from hotel.pushes import ChannelPush, PushSummary
from tasks.tables import INSTANT, Rows

# Why a channel as a whole is not told now.
HELD: Final = {
    "try_later": "nothing: it is asked again by itself; if it lasts, ask the channel",
    "breaker_open": "nothing: it is asked again by itself; if it lasts, ask the channel",
    "fix_credentials": "enter the account's credentials anew in ops.integrations; it then goes on within five minutes",
    "fix_mapping": "state in ops.integrations what the last row of ops.health_checks names",
    "nothing_taken": "ask the channel why it takes nothing; the last row of ops.health_checks says what it answers",
    "vendor_changed_shape": "read the last row of ops.health_checks; the channel answers otherwise than agreed",
}
# Why single rows were not told.
REFUSED: Final = {
    "inventory_unknown": "state room_count in core.room_types",
    "unmapped_room_type": "map the type in ops.room_mappings, or name it in the account's setting not_sold",
    "unmapped_rate_plan": "map the plan in ops.rate_plan_mappings",
    "price_unknown": "load the property's rates",
    "restrictions_unknown": "load restrictions with the rates, or take restrictions out of ops.integrations.pushes",
    "crashed": "read the courier's log: these rows ended whoever sent them",
    "connector_failed": "read the courier's log: the connector cannot write these rows",
}


def push_sentence(push: PushSummary) -> str:
    """Say in one sentence what was told and who is in trouble."""
    accepted = sum(each.accepted_count for each in push.channels)
    pending = sum(each.pending_count for each in push.channels)
    waiting = f"{pending} wait" if pending else "nothing waits"
    held = [each.source for each in push.channels if each.held_by or each.account_status != "active"]
    trouble = f"; {', '.join(held)} cannot be told now" if held else ""
    return f"{accepted} counts, restrictions and prices were taken since the last report; {waiting}{trouble}."


def push_rows(push: PushSummary) -> Rows:
    """One row per channel: those held back first, then by closures that wait."""
    return [_row(channel) for channel in sorted(push.channels, key=_urgency)]


def _urgency(channel: ChannelPush) -> tuple[bool, bool, int, str]:
    return channel.held_by is None, not channel.refused, -channel.closures_waiting_count, channel.source


def _row(channel: ChannelPush) -> dict[str, str | int | None]:
    oldest = channel.oldest_pending_at
    return {
        "channel": channel.source,
        "pending": channel.pending_count,
        "oldest pending": f"{oldest:{INSTANT}}" if oldest else "none",
        "sent": channel.sent_count,
        "coalesced": channel.coalesced_count,
        "accepted": channel.accepted_count,
        "partial": channel.partial_count,
        "refused (code)": ", ".join(f"{code} {count}" for code, count in channel.refused.items()) or "none",
        "closures waiting": channel.closures_waiting_count,
        "lag p95 ms": channel.lag_p95_ms,
        "next step": _next_step(channel),
    }


def _next_step(channel: ChannelPush) -> str:
    if channel.held_by:
        return HELD.get(channel.held_by, "read the courier's log and the last row of ops.health_checks")
    steps = dict.fromkeys(
        REFUSED.get(code, f"ask the channel about {code}") for code in channel.refused if code not in HELD
    )
    if steps:
        return "; ".join(steps)
    if channel.account_status != "active":
        return f"the account is {channel.account_status}: set it to active in ops.integrations"
    if channel.pending_count:
        return "see that the courier runs (make up), or run push-availability/on-demand"
    return "nothing"
