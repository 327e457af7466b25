"""What the artifacts say of messages and windows that were read again: the last column what to do."""

from typing import Final

from hotel.loads import MessageReplaySummary, ReplayedMessage, ResyncSummary
from tasks.tables import INSTANT, WORST, Rows

STEPS: Final = {
    "unmapped": "map the codes in ops.unmapped_codes: the booking comes in by itself",
    "quarantined": "read the reasons in ops.quarantine; mend the source or the mapping, or release with a reason",
    "vendor_changed_shape": "nobody can read the message: look at it, then at the connector's mapping",
    "mapping_failed": "the mapping has a fault: the trigger's log names the place",
    "not_configured": "add the source to ops.integrations",
    "sealed": "its cards could not be removed: it is stored sealed and cannot be read",
    "crashed": "its workers were killed: have somebody look before it is tried again",
    "received": "it still waits: see that the trigger runs (make up)",
}


def message_sentence(replay: MessageReplaySummary) -> str:
    """Say in one sentence how a replay of messages went."""
    if not replay.messages:
        return "No message of this choice is stuck."
    in_count = len(replay.messages) - replay.still_open_count
    rest = f"; {replay.still_open_count} are still open" if replay.still_open_count else "; nothing is open"
    return f"{in_count} of {len(replay.messages)} messages are in{rest}."


def message_rows(replay: MessageReplaySummary) -> Rows:
    """The messages that are still open first, by who arrives next, at most ten."""
    ordered = sorted(replay.messages, key=_urgency)
    return [
        {
            "id": message.inbox_id,
            "channel": message.source,
            "reason before": message.reason_before,
            "result": message.result,
            "booking ref": message.booking_ref,
            "arrival": message.arrival_on.isoformat() if message.arrival_on else None,
            "still open": "yes" if message.is_open else "no",
            "next step": _next_step(message),
        }
        for message in ordered[:WORST]
    ]


def resync_sentence(resync: ResyncSummary) -> str:
    """Say in one sentence whether anything was missed."""
    missed = resync.new_count + resync.changed_count
    said = f"{missed} of {resync.found_count} bookings were missing or behind" if missed else "Nothing was missed"
    held = f"; {resync.held_count} are held" if resync.held_count else ""
    gone = f"; {len(resync.vanished)} are no longer told" if resync.vanished else ""
    return f"{said}{held}{gone}."


def resync_rows(resync: ResyncSummary) -> Rows:
    """The window's one row."""
    vanished = resync.vanished
    return [
        {
            "channel": resync.source,
            "property": resync.property_id,
            "window": f"{resync.window.since:{INSTANT}} → {resync.window.until:{INSTANT}}",
            "found at source": resync.found_count,
            "known": resync.known_count,
            "new": resync.new_count,
            "changed": resync.changed_count,
            "already right": resync.right_count,
            "held": resync.held_count,
            "vanished at source": len(vanished) if vanished is not None else "not known",
            "vanished refs": ", ".join((vanished or ())[:WORST]),
            "next step": _resync_step(resync),
        }
    ]


def _urgency(message: ReplayedMessage) -> tuple[bool, bool, str, int]:
    arrival = message.arrival_on.isoformat() if message.arrival_on else ""
    return not message.is_open, not arrival, arrival, message.inbox_id


def _next_step(message: ReplayedMessage) -> str:
    if not message.is_open:
        return "nothing"
    return STEPS.get(message.result, "read its row in ops.quarantine")


def _resync_step(resync: ResyncSummary) -> str:
    if resync.blocked_by:
        return f"blocked by {', '.join(resync.blocked_by)}: look at the reasons in ops.quarantine"
    if resync.held_count:
        return "read the reasons in ops.quarantine and the codes in ops.unmapped_codes"
    if resync.vanished:
        return "ask the channel what became of the bookings it no longer tells; cancel them by hand if they are gone"
    return "nothing"
