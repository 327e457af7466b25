"""When a task is worth running again."""

from typing import Any

from prefect.client.schemas.objects import State
from prefect.tasks import exponential_backoff

from operations.errors import is_worth_retrying

BACKOFF = exponential_backoff(backoff_factor=2)
JITTER = 0.5
ATTEMPTS = 3


def worth_retrying(task: Any, task_run: Any, state: State[Any]) -> bool:  # noqa: ARG001 Prefect passes all three
    """Retry what may pass by itself (an outage, a lost connection), never what a person must mend."""
    try:
        state.result(raise_on_failure=True)
    except Exception as error:  # noqa: BLE001 the state holds whatever the task raised
        return is_worth_retrying(error)
    return False
