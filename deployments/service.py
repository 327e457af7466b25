"""Become a service: write down who it is, then turn into it. `python -m deployments.service NAME ARGUMENTS…`."""

import os
import sys

import settings
from deployments.records import record


def main() -> None:
    """Record this process under the service's name and replace it by the service (same pid, same start time)."""
    name, *arguments = sys.argv[1:]
    record(settings.load(), name)
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 our own interpreter


if __name__ == "__main__":
    main()
