"""Bring waiting booking messages in: one run is a shift of half a minute, not a booking."""

from typing import Annotated

from prefect import flow
from pydantic import Field

from hotel.loads import ShiftSummary
from tasks.names import shift_run_name
from tasks.publish import publish_shift
from tasks.shift import work_shift


@flow(flow_run_name=shift_run_name, timeout_seconds=120)
def import_bookings(
    seconds: Annotated[float, Field(gt=0, le=60)] = 30, idle_seconds: Annotated[float, Field(ge=0, le=30)] = 5
) -> ShiftSummary:
    """Import what waits in the inbox until the shift is over, then report it.

    Args:
        seconds: How long the shift lasts at most.
        idle_seconds: End it earlier when nothing has waited for so long.
    """
    shift = work_shift(seconds, idle_seconds)
    publish_shift(shift)
    return shift
