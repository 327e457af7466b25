"""Tell channels what may be sold: whatever waits, or everything of some dates from scratch."""

from datetime import date
from typing import Annotated

from prefect import flow
from pydantic import Field

from hotel.pushes import PushSummary
from tasks.names import push_run_name
from tasks.parameters import ChannelOrAll, PropertyOrAll, PushKind
from tasks.publish import publish_push
from tasks.push import tell_channels


@flow(flow_run_name=push_run_name, timeout_seconds=4500)
def push_availability(
    channel: ChannelOrAll = "*",
    property_id: PropertyOrAll = "*",
    first_on: date | None = None,
    last_on: date | None = None,
    kinds: list[PushKind] | None = None,
    is_full: bool = False,  # noqa: FBT001, FBT002 an operator ticks it
    seconds: Annotated[float, Field(gt=0, le=3600)] = 60,
    idle_seconds: Annotated[float, Field(ge=0, le=30)] = 0,
) -> PushSummary:
    """Deliver what waits for channels, as state and never as a change, then say how each of them stands.

    Args:
        channel: Only this channel, as named in `ops.integrations`, or `*` for all.
        property_id: Of this property only, or `*` for all: whose dates are told from scratch.
        first_on: The first date to tell from scratch; left out: today.
        last_on: The last date to tell from scratch; left out: 500 days ahead.
        kinds: What to tell from scratch; left out: availability, restrictions and rates.
        is_full: Tell everything of the dates from scratch, changed or not: after an outage, or for a new channel.
        seconds: Deliver for so long at most; the courier goes on with the rest.
        idle_seconds: Stay until nothing has been due for so long.
    """
    push = tell_channels(channel, property_id, first_on, last_on, kinds, is_full, seconds, idle_seconds)
    publish_push(push)
    return push
