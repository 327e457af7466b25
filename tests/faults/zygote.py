"""The process that forks and kills workers, started once for all fault tests of a test process."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.faults.storm import Orders, Report

ROOT = Path(__file__).resolve().parent.parent.parent


class Zygote:
    """Takes orders, one at a time."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def begin(self, orders: Orders) -> None:
        """Give orders; what they do shows in the database."""
        assert self._process.stdin
        self._process.stdin.write(msgspec.json.encode(orders) + b"\n")
        self._process.stdin.flush()

    def end(self) -> Report:
        """Wait until the orders are carried out and the work that was left is done."""
        assert self._process.stdout
        report = msgspec.json.decode(self._process.stdout.readline(), type=Report)
        assert not report.is_overdue, f"{report}: stderr shows where the workers stood still"
        return report

    def storm(self, orders: Orders) -> Report:
        """Give orders and wait; prints them, with their seed, for whoever must repeat them."""
        self.begin(orders)
        report = self.end()
        sys.stdout.write(f"seed {orders.seed}, step {orders.step!r}: {report}\n")
        return report


@contextmanager
def zygote(secret_key: str) -> Iterator[Zygote]:
    """Run one. It ends when its input does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.storm"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PATH": os.defpath, "NIGHT_AUDIT_SECRET_KEY": secret_key, "GX_ANALYTICS_ENABLED": "false"},
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        yield Zygote(process)
    finally:
        process.kill()
        process.wait()
