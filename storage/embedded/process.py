"""A process named so that it cannot be mistaken for a later one with the same number."""

import os
import select
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

_STATE, _START_TIME = 0, 19  # of /proc/<pid>/stat, counted from the field after the name
_GONE_STATES = ("Z", "X")


class Process(NamedTuple):
    """A process by number and start time (clock ticks since boot)."""

    pid: int
    started: int

    @property
    def is_alive(self) -> bool:
        """Tell whether this very process runs; a zombie does not."""
        return process(self.pid) == self

    def send(self, number: signal.Signals) -> None:
        """Send a signal to this process and to no other; one that is gone is left in peace."""
        with self.handle() as handle:
            if handle is not None:
                try:
                    signal.pidfd_send_signal(handle, number)
                except ProcessLookupError:
                    return

    def has_ended(self, within_seconds: float) -> bool:
        """Wait for the end of this process, not longer than given."""
        wait_for_any_end(self, within_seconds=within_seconds)
        return not self.is_alive

    def end(self, *signals: signal.Signals, seconds_each: float = 10) -> bool:
        """Send one signal after the other, waiting after each, until the process has ended. Tell whether it has."""
        for number in signals:
            self.send(number)
            if self.has_ended(seconds_each):
                return True
        return False

    @contextmanager
    def handle(self) -> Iterator[int | None]:
        """Hold this process by a file descriptor, which cannot come to mean another one; None once it is gone."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            yield None
            return
        try:
            yield handle if self.is_alive else None
        finally:
            os.close(handle)


def wait_for_any_end(*processes: Process, within_seconds: float | None = None) -> None:
    """Wait until one of the processes has ended, not longer than given."""
    with ExitStack() as stack:
        handles = [handle for one in processes if (handle := stack.enter_context(one.handle())) is not None]
        if len(handles) == len(processes):
            select.select(handles, [], [], within_seconds)


def process(pid: int) -> Process | None:
    """Name the process that has this number now; None if there is none or only its remains."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name stands in parentheses and may hold blanks and parentheses itself.
    fields = stat.rpartition(")")[2].split()
    return None if fields[_STATE] in _GONE_STATES else Process(pid, int(fields[_START_TIME]))


def this_process() -> Process:
    """Name the process that asks."""
    own = process(os.getpid())
    if own is None:
        msg = "/proc does not show this process: the embedded server needs Linux with /proc mounted"
        raise OSError(msg)
    return own
