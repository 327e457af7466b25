"""The environment a child process starts from."""

import os


def inherited() -> dict[str, str]:
    """Give a copy of this process's whole environment, for the services it starts."""
    return dict(os.environ)
