"""Tell channels what may be sold."""

from collections.abc import Sequence
from datetime import date

from prefect import task
from prefect.cache_policies import NO_CACHE

from hotel.pushes import PushSummary
from operations import push_availability as operation
from operations.house import open_house


@task(task_run_name="tell the channels", cache_policy=NO_CACHE)
def tell_channels(
    channel: str,
    property_id: str,
    first_on: date | None,
    last_on: date | None,
    kinds: Sequence[str] | None,
    is_full: bool,  # noqa: FBT001 as the flow
    seconds: float,
    idle_seconds: float,
) -> PushSummary:
    """Enqueue what is asked for and deliver what is due; see `operations.push_availability`."""
    order = operation.Order(channel, property_id, first_on, last_on, is_full=is_full)
    order = order._replace(kinds=kinds) if kinds else order
    return operation.push_availability(open_house(), order, seconds=seconds, idle_seconds=idle_seconds)
