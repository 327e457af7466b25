"""Headless Chromium over its debugging protocol: open a page, wait for a condition of it, ask it, take its picture."""

import base64
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import connect
from websockets.sync.connection import Connection

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-port=0",
)  # fmt: skip
# Fonts are there, nothing moves any more.
CALM = "document.fonts.status === 'loaded' && document.getAnimations().every(each => each.playState !== 'running')"


def program() -> str | None:
    """Find a Chromium; None where there is none."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


class Page:
    """One tab."""

    def __init__(self, socket: Connection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.errors: list[str] = []
        self._call("Runtime.enable")
        self._call("Log.enable")

    def open(self, address: str, *, width: int, height: int) -> None:
        """Go to an address in a window of that size, and wait until the page is complete."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", **size)
        self._call("Page.navigate", url=address)
        self.wait_for(f"location.href !== 'about:blank' && document.readyState === 'complete' && {CALM}")

    def before_each_page(self, script: str) -> None:
        """Run a script before any of the page's own."""
        self._call("Page.enable")
        self._call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def ask(self, expression: str) -> Any:
        """Evaluate an expression in the page."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def wait_for(self, expression: str, seconds: float = 60) -> None:
        """Wait until an expression is true in the page."""
        deadline = time.monotonic() + seconds
        while not self.ask(expression):
            assert time.monotonic() < deadline, f"in {seconds} s it did not come true: {expression}"
            time.sleep(0.1)

    def picture(self, path: Path) -> None:
        """Save what is seen as PNG."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"]))

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            told = json.loads(self._socket.recv(timeout=60))
            if told.get("id") == number:
                assert "error" not in told, told
                result: dict[str, Any] = told["result"]
                return result
            self._note(told)

    def _note(self, event: dict[str, Any]) -> None:
        if event.get("method") == "Runtime.exceptionThrown":
            self.errors.append(str(event["params"]["exceptionDetails"].get("text")))
        if event.get("method") == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
            self.errors.append(str(event["params"]["entry"]["text"]))


@contextmanager
def browser() -> Iterator[Page]:
    """Start a Chromium with an empty profile for a block and give its tab."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [program() or PROGRAMS[0], *QUIET, f"--user-data-dir={profile}", "about:blank"],
            env={"HOME": profile, "PATH": os.defpath},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            tabs = httpx.get(f"http://127.0.0.1:{_port(Path(profile), process)}/json/list", trust_env=False).json()
            [address] = [tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"]
            with connect(address, max_size=None, proxy=None) as socket:
                yield Page(socket)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _port(profile: Path, process: subprocess.Popen[bytes]) -> int:
    told = profile / "DevToolsActivePort"
    deadline = time.monotonic() + 60
    while not (told.exists() and told.read_text().strip()):
        assert process.poll() is None, "Chromium ended at once"
        assert time.monotonic() < deadline, "Chromium does not start"
        time.sleep(0.05)
    return int(told.read_text().split()[0])
