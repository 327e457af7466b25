"""Work that goes on without Prefect, and the flow run beside it by which operators see it: one per half minute."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import httpx
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    temporary_settings,
)

API_PATIENCE_SECONDS: Final = 2.0
# Where Prefect's API is away, so often it is asked again while there is work.
API_PAUSE_SECONDS: Final = 10.0
LEAVING_SECONDS: Final = 5.0
logger = logging.getLogger("shifts")


def start_logging(name: str) -> None:
    """Let a service of this name, and what stands here, tell of themselves on stderr."""
    # Prefect may have given the root logger its handler and its level already; ours are told whatever that is.
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    for each in (logging.getLogger(name), logger):
        each.setLevel(logging.INFO)


class Shifts:
    """At most one shift of a flow at a time, beside the work and never in its way.

    `run` works one and says whether it was recorded; `leave` asks the one that runs to report what it has.
    """

    def __init__(
        self, run: Callable[[], bool], *, leave: Callable[[], None], pause_seconds: float = API_PAUSE_SECONDS
    ) -> None:
        self._run = run
        self._leave = leave
        self._pause_seconds = pause_seconds
        self._not_before = 0.0
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Start a shift unless one runs, or none could be recorded a moment ago."""
        is_running = self._thread is not None and self._thread.is_alive()
        if not is_running and time.monotonic() >= self._not_before:
            self._thread = threading.Thread(target=self._work, name="shift", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Let the shift that runs report what it has, and wait for it as long as a service may take to stop."""
        self._leave()
        if self._thread:
            self._thread.join(LEAVING_SECONDS)

    def _work(self) -> None:
        try:
            is_recorded = self._run()
        except Exception:
            logger.exception("the shift was not recorded; what it did is committed")
            is_recorded = False
        if not is_recorded:
            self._not_before = time.monotonic() + self._pause_seconds


def recorded(run: Callable[[], Any]) -> bool:
    """Run a flow, False where Prefect's API does not answer; no heartbeat, whose join costs a second."""
    user, _, password = (PREFECT_API_AUTH_STRING.value() or "").partition(":")
    try:
        httpx.get(
            f"{PREFECT_API_URL.value()}/health",
            timeout=API_PATIENCE_SECONDS,
            auth=httpx.BasicAuth(user, password),
            trust_env=False,
        ).raise_for_status()
    except httpx.HTTPError:
        logger.info("Prefect's API does not answer: going on without a run")
        return False
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        run()
    return True
