"""The gateway as a process of its own, to be killed, and senders that remember what they were promised."""

import asyncio
import base64
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator

import httpx

from sandbox.webhooks.connection import Connection
from settings import Settings
from settings.ports import free_port
from tests.gateway.receivers import hmac_headers
from tests.gateway.running import PATH
from tests.guarded import ROOT


class GatewayProcess:
    """`python -m gateway` on a port that stays the same from one life to the next."""

    def __init__(self, settings: Settings) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}{PATH}"
        self._log = settings.data_dir / "gateway.log"
        self._environment = {
            "NIGHT_AUDIT_DATABASE_URL": settings.database_url or "",
            "NIGHT_AUDIT_SECRET_KEY": base64.b64encode(settings.secret_key or b"").decode(),
            "NIGHT_AUDIT_DATA_DIR": str(settings.data_dir),
            "NIGHT_AUDIT_GATEWAY_PORT": str(self.port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "gateway"]
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(self._log.read_text()[-3000:])
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill it where it stands."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"http://127.0.0.1:{self.port}/metrics", timeout=5).status_code == 200
        return False


@contextlib.contextmanager
def own_process(settings: Settings) -> Iterator[GatewayProcess]:
    """Give a started gateway; killed in the end."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    gateway = GatewayProcess(settings)
    gateway.start()
    try:
        yield gateway
    finally:
        gateway.kill()


class Promises:
    """What senders heard: event id -> inbox id of every 202, how many of each status, how many heard nothing."""

    def __init__(self) -> None:
        self.inbox_ids: dict[str, int] = {}
        self.statuses: list[int] = []
        self.words: list[str] = []
        self.unanswered = 0
        self._wanted = 0
        self._is_reached = asyncio.Event()

    async def reached(self, count: int) -> None:
        """Wait until so many events were promised."""
        self._wanted = count
        self._is_reached.clear()
        await self._is_reached.wait()

    async def send(self, url: str, event_ids: Iterable[str]) -> None:
        """Send events one after the other over one connection, each once; take what is heard to heart."""
        connection = Connection(url)
        for event_id in event_ids:
            body = json.dumps({"id": event_id, "type": "booking.created", "data": {"propertyId": "city"}}).encode()
            try:
                reply = await connection.post(hmac_headers(body), body)
            except (OSError, EOFError):
                connection.close()
                self.unanswered += 1
                await asyncio.sleep(0.01)
                continue
            self.statuses.append(reply.status)
            if reply.status == 202:
                told = json.loads(reply.body)
                self.words.append(told["status"])
                assert self.inbox_ids.setdefault(event_id, told["inbox_id"]) == told["inbox_id"]
                if len(self.inbox_ids) >= self._wanted:
                    self._is_reached.set()
        connection.close()
