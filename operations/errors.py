"""What can go wrong in an operation, named by who mends it.

OperationError
├── BatchBlockedError     the data: nothing of a property's batch was loaded
├── NotConfiguredError    the set-up: a source, a property or a mapping is missing
└── NothingThereError     the request: no such batch, row or date
"""

import traceback
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.exc import OperationalError

from connectors.errors import TryLater


class OperationError(Exception):
    """An operation could not do what was asked; the message says what to do. `code` is stable."""

    code = "operation_failed"


class BatchBlockedError(OperationError):
    """The gate blocked a batch; the watermark did not move."""

    code = "blocked"

    def __init__(self, sentence: str, steps: Mapping[str, str]) -> None:
        super().__init__(" ".join((sentence, *(f"{property_id}: {step}." for property_id, step in steps.items()))))


class NotConfiguredError(OperationError):
    """Something must be set up first."""

    code = "not_configured"


class NothingThereError(OperationError):
    """What was asked for does not exist."""

    code = "nothing_there"


def is_worth_retrying(error: BaseException) -> bool:
    """Tell whether an error may pass by itself: an outage of a source or of the database."""
    return isinstance(error, (TryLater, OperationalError, ConnectionError, TimeoutError))


def error_place(error: BaseException) -> str:
    """Name an error by its kind and place. Its message may show what a guest wrote and is not logged."""
    frames = traceback.extract_tb(error.__traceback__)
    return (
        f"{type(error).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}"
        if frames
        else type(error).__name__
    )
