"""Workers that are killed at random moments: `python -m tests.faults.storm` takes `Orders` as lines of JSON.

It imports everything once (Great Expectations takes seconds), keeps no connection open, and forks a worker whenever one
is wanted: a restart costs milliseconds. It kills nothing but its own children, and they die with it.
"""

import ctypes
import faulthandler
import gc
import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from random import Random
from typing import Any, Final

import msgspec
import psycopg
from sqlalchemy.exc import SQLAlchemyError

from expectations.gate import warm_up
from operations.house import beside
from operations.import_waiting import import_waiting
from storage.engine import engine
from storage.inbox import DEAD_AFTER
from tests.faults.work import STEPS, work_forever, work_off

_PR_SET_PDEATHSIG: Final = 1
# Lives lengthen on a machine so busy that no worker gets anything done in its own.
_SLOWER: Final = 1.05
_FASTER: Final = 0.98
_SLOWEST: Final = 5
_ASK_AGAIN_SECONDS: Final = 0.02
# Then something stands still: whoever is alive shows where, and the orders have failed.
_LONGEST_SECONDS: Final = 240


class Orders(msgspec.Struct):
    """What to run on which database, how often to kill it, and the random lengths of its lives.

    `warm_up_count`: messages the parent imports itself before, so that its children need not learn everything anew.
    `is_merciless`: kill also who may be at the last attempt of a message. `ends`: lives that end by themselves count
    as well as kills. `is_worked_off`: afterwards let what is left be done in peace.
    """

    url: str
    step: str
    seed: int
    kills: int
    workers: int = 3
    shortest_ms: float = 2
    longest_ms: float = 400
    argument: int = 0
    warm_up_count: int = 0
    is_merciless: bool = False
    ends: bool = False
    is_worked_off: bool = True


class Report(msgspec.Struct):
    """What happened. `ended_count`: lives that ended by themselves; `spared_count`: kills put off by mercy."""

    killed_count: int = 0
    ended_count: int = 0
    spared_count: int = 0
    seconds: float = 0.0
    is_overdue: bool = False


def main() -> None:
    """Carry out orders, one line each, until there are no more: `storm` them, then work off what is left in peace."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not get between the answers
    warm_up()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        orders = msgspec.json.decode(line, type=Orders)
        _warm(orders)
        until = time.monotonic() + _LONGEST_SECONDS
        report = Storm(orders).rage(until)
        if orders.is_worked_off and not report.is_overdue:
            report.is_overdue = not _work_off(orders, until)
        print(msgspec.json.encode(report).decode(), file=answers, flush=True)


class Storm:
    """Keeps as many workers alive as ordered and kills one after the other."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._dice = Random(orders.seed)
        self._due: dict[int, float] = {}
        self._report = Report()
        self._longest_ms = orders.longest_ms
        self._watch: psycopg.Connection[Any] | None = None

    def rage(self, until: float) -> Report:
        """Kill until the ordered number is reached, or the time is; no worker is left."""
        started = time.monotonic()
        while self._count() < self._orders.kills and not self._report.is_overdue:
            while len(self._due) < self._orders.workers:
                self._due[_fork(self._orders)] = time.monotonic() + self._life()
            self._await_the_next()
            self._report.is_overdue = time.monotonic() > until
        self._end_all(until)
        if self._watch:
            self._watch.close()
        self._report.seconds = round(time.monotonic() - started, 1)
        return self._report

    def _count(self) -> int:
        return self._report.killed_count + (self._report.ended_count if self._orders.ends else 0)

    def _life(self) -> float:
        return self._dice.uniform(self._orders.shortest_ms, self._longest_ms) / 1000

    def _await_the_next(self) -> None:
        victim = min(self._due, key=self._due.__getitem__)
        left = self._due[victim] - time.monotonic()
        if left > 0 and signal.sigtimedwait({signal.SIGCHLD}, left):
            self._bury_those_who_ended()
            return
        if self._kills(victim):
            self._longest_ms = max(self._longest_ms * _FASTER, self._orders.longest_ms)
            self._report.killed_count += 1
        else:
            self._report.spared_count += 1
            self._longest_ms = min(self._longest_ms * _SLOWER, self._orders.longest_ms * _SLOWEST)
            self._due[victim] = time.monotonic() + _ASK_AGAIN_SECONDS

    def _kills(self, victim: int) -> bool:
        """Kill a worker unless it deserves mercy."""
        os.kill(victim, signal.SIGSTOP)  # or it would begin the next attempt between the question and the kill
        if self._deserves_mercy():
            os.kill(victim, signal.SIGCONT)
            return False
        _kill(victim)
        del self._due[victim]
        return True

    def _end_all(self, until: float) -> None:
        for pid in list(self._due):
            while time.monotonic() < until and not self._kills(pid):
                time.sleep(_ASK_AGAIN_SECONDS)
        self._report.is_overdue = bool(self._due)
        for pid in self._due:
            _kill(pid, signal.SIGABRT)

    def _bury_those_who_ended(self) -> None:
        for pid in [pid for pid in self._due if os.waitpid(pid, os.WNOHANG)[0]]:
            del self._due[pid]
            self._report.ended_count += 1

    def _deserves_mercy(self) -> bool:
        """Tell whether a message is at its last attempt: who dies then is judged for the message's sake, not the kill's.

        The rule (law 3) cannot tell a message that kills from one whose workers are killed five times; this storm
        kills far more often than any outage, so it spares those.
        """
        if self._orders.is_merciless:
            return False
        query = "SELECT coalesce(max(attempts_count), 0) FROM raw.inbox_attempts"
        try:
            # The children inherit this connection, never use it, and never close it in peace.
            self._watch = self._watch or psycopg.connect(self._orders.url, autocommit=True)
            (most,) = self._watch.execute(query).fetchone() or (0,)
        except psycopg.OperationalError:
            self._watch = None
            return True  # the database is away: nobody knows
        return bool(most >= DEAD_AFTER)


def _warm(orders: Orders) -> None:
    if orders.warm_up_count:
        house = engine(orders.url)
        with suppress(SQLAlchemyError, psycopg.Error):  # the database may be under fire already
            import_waiting(house, limit=orders.warm_up_count)
        house.dispose()
        beside(house).dispose()
    gc.collect()
    gc.freeze()


def _work_off(orders: Orders, until: float) -> bool:
    """Let one worker that nobody kills finish; where its own work ends it, another one follows. False: not in time."""
    while time.monotonic() < until:
        if _exit_code(_fork(orders, is_forever=False), until) == 0:
            return True
    return False


def _exit_code(pid: int, until: float) -> int | None:
    while not (ended := os.waitpid(pid, os.WNOHANG))[0]:
        left = until - time.monotonic()
        if left <= 0:
            _kill(pid, signal.SIGABRT)
            return None
        signal.sigtimedwait({signal.SIGCHLD}, left)
    return os.waitstatus_to_exitcode(ended[1])


def _kill(pid: int, number: int = signal.SIGKILL) -> None:
    os.kill(pid, number)
    os.waitpid(pid, 0)


def _fork(orders: Orders, *, is_forever: bool = True) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        faulthandler.enable()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        work = work_forever if is_forever else work_off
        work(STEPS[orders.step], engine(orders.url), orders.argument)
        os._exit(0)
    except BaseException:  # noqa: BLE001 a forked child must never return into its parent's stack
        traceback.print_exc()
        os._exit(1)


if __name__ == "__main__":
    main()
