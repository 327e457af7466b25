"""Read stuck messages again."""

from prefect import runtime, task
from prefect.cache_policies import NO_CACHE

from hotel.loads import MessageReplaySummary
from operations import replay_messages as operation
from operations.house import open_house
from tasks.parameters import MessageChoice


@task(task_run_name="replay messages", cache_policy=NO_CACHE)
def replay_chosen_messages(choice: MessageChoice) -> MessageReplaySummary:
    """Send the chosen messages back and import them; see `operations.replay_messages`."""
    chosen = operation.MessageChoice(**choice.model_dump())
    return operation.replay_messages(open_house(), chosen, flow_run_id=runtime.flow_run.id)
