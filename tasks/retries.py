"""When a task is worth running again."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.tasks import exponential_backoff

from operations.errors import is_worth_retrying

Given = ParamSpec("Given")
Result = TypeVar("Result")


def retried_task(task_run_name: str) -> Callable[[Callable[Given, Result]], Task[Given, Result]]:
    """Make a task that is tried three times more, 2, 4 and 8 s later give or take, after what may pass by itself."""
    return task(
        task_run_name=task_run_name,
        retries=3,
        retry_delay_seconds=exponential_backoff(backoff_factor=2),
        retry_jitter_factor=0.5,
        retry_condition_fn=worth_retrying,
        cache_policy=NO_CACHE,
    )


def worth_retrying(task: Any, task_run: Any, state: State[Any]) -> bool:  # noqa: ARG001 Prefect passes all three
    """Retry what may pass by itself (an outage, a lost connection), never what a person must mend."""
    try:
        state.result(raise_on_failure=True)
    except Exception as error:  # noqa: BLE001 the state holds whatever the task raised
        return is_worth_retrying(error)
    return False
