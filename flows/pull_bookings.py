"""Pull bookings from the channels that keep them until they are acknowledged: one run tells of half a minute."""

from typing import Annotated

from prefect import flow
from pydantic import Field

from hotel.loads import PullShiftSummary
from tasks.names import pull_run_name
from tasks.parameters import PropertyOrAll, Slug
from tasks.publish import publish_pulls
from tasks.pull import work_pulls


@flow(flow_run_name=pull_run_name, timeout_seconds=900)
def pull_bookings(
    source: Slug | None = None,
    property_id: PropertyOrAll = "*",
    seconds: Annotated[float, Field(ge=0, le=60)] = 30,
    all_now: bool = False,  # noqa: FBT001, FBT002 an operator ticks it
) -> PullShiftSummary:
    """Pull every account as it becomes due, then say of each how it stands: what came, what the channel has not heard.

    Args:
        source: Only this channel's accounts; left out: all that are pulled.
        property_id: Only this property's accounts, or `*` for all.
        seconds: How long to go on pulling what becomes due.
        all_now: Pull every account once and end; a named channel at once, of all those that were not asked just now.
    """
    pulls = work_pulls(source, property_id, seconds, all_now)
    publish_pulls(pulls)
    return pulls
