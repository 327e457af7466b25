"""A deliverer that is killed at a step: `python -m tests.operations.dying_deliverer SOURCE STEP`."""

import os
import signal
import subprocess
import sys
from typing import Any, NoReturn

from operations import deliver_outbox
from operations.house import open_house
from settings.children import inherited
from tests.guarded import ROOT

# The step -> what it dies before.
STEPS = {"claimed": "tellings", "read": "pushing", "sent": "record"}


def die(*_given: Any, **_named: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def deliver_and_die(source: str, step: str) -> None:
    """Let a process of this environment deliver until it dies at a step."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.operations.dying_deliverer", source, step],
        cwd=ROOT,
        env=inherited(),
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr


def main() -> None:
    source, step = sys.argv[1:]
    setattr(deliver_outbox, STEPS[step], die)
    deliver_outbox.deliver(open_house(), source)


if __name__ == "__main__":
    main()
