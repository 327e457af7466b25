"""Read stuck booking messages again: after a mapping, a mapping's fault or a set-up was mended."""

from prefect import flow

from hotel.loads import MessageReplaySummary
from tasks.names import message_replay_run_name
from tasks.parameters import MessageChoice
from tasks.publish import publish_message_replay
from tasks.replay_messages import replay_chosen_messages


@flow(flow_run_name=message_replay_run_name, timeout_seconds=1800)
def replay_messages(choice: MessageChoice = MessageChoice()) -> MessageReplaySummary:  # noqa: B008 frozen model
    """Let messages in that could not be read, or wait, as today's mapping understands them; what fails again waits on.

    Args:
        choice: Which messages; left empty: all that are stuck in the inbox or of which rows are held.
    """
    replay = replay_chosen_messages(choice)
    publish_message_replay(replay)
    return replay
