"""A real HTTP server on loopback that does exactly what a test tells it, well or badly."""

import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import msgspec


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What to send. `cut_after` ends the connection after so many bytes of the body, whatever was announced.

    `drip_seconds` passes between single bytes of head and body; `resets` sends nothing but a TCP reset.
    """

    body: bytes = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    framing: Literal["length", "chunked", "close"] = "length"
    cut_after: int | None = None
    drip_seconds: float = 0.0
    delay_seconds: float = 0.0
    resets: bool = False
    is_endless: bool = False

    @classmethod
    def json(cls, content: Any, status: int = 200, **rest: Any) -> "Answer":
        return cls(msgspec.json.encode(content), status, {"Content-Type": "application/json"}, **rest)


Script = Answer | Callable[[Asked], Answer]


class ScriptedServer:
    """Answers per path, in turn; the last one stays. What was asked is kept in `asked`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[Asked] = []
        self._scripts: dict[str, list[Script]] = {}
        self._turn = threading.Lock()
        self.stopping = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def on(self, path: str, *scripts: Script) -> None:
        self._scripts[path] = list(scripts)

    def paths_asked(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def answer(self, asked: Asked) -> Answer:
        with self._turn:
            self.asked.append(asked)
            scripts = self._scripts.get(asked.path)
            if not scripts:
                return Answer(b"", 404)
            script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
        return script(asked) if callable(script) else script


def _read(stream: Any) -> Asked | None:
    first = stream.readline().decode("latin-1").split()
    if len(first) < 2:
        return None
    headers = {}
    while (line := stream.readline().decode("latin-1").strip()) != "":
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    target = urlsplit(first[1])
    query = {name: values[0] for name, values in parse_qs(target.query, keep_blank_values=True).items()}
    return Asked(first[0], target.path, query, headers, body)


def _wire(answer: Answer) -> bytes:
    body = answer.body
    lines = [f"HTTP/1.1 {answer.status} Scripted", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    if answer.framing == "length":
        lines.append(f"Content-Length: {10**12 if answer.is_endless else len(body)}")
    if answer.framing == "chunked":
        lines.append("Transfer-Encoding: chunked")
        chunk = b"%x\r\n%s\r\n" % (len(body), body) if body else b""
        body = chunk if answer.is_endless else chunk + b"0\r\n\r\n"
    sent = body if answer.cut_after is None else body[: answer.cut_after]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + sent


def _send(connection: socket.socket, answer: Answer, stopping: threading.Event) -> None:
    stopping.wait(answer.delay_seconds)
    wire = _wire(answer)
    if not answer.drip_seconds:
        connection.sendall(wire)
    for position in range(len(wire) if answer.drip_seconds else 0):
        connection.sendall(wire[position : position + 1])
        if stopping.wait(answer.drip_seconds):
            return
    while answer.is_endless and not stopping.is_set():
        connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n" if answer.framing == "chunked" else b"x" * 65536)


class _Handler(socketserver.StreamRequestHandler):
    script: ScriptedServer

    def handle(self) -> None:
        asked = _read(self.rfile)
        if asked is None:
            return
        answer = self.script.answer(asked)
        try:
            if answer.resets:
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.request.close()
            else:
                _send(self.request, answer, self.script.stopping)
        except OSError:
            pass  # the client has left, as some tests want it to

    def finish(self) -> None:
        if self.request.fileno() >= 0:
            super().finish()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    """Run a server on a free port until the block ends."""
    handler = type("Handler", (_Handler,), {})
    with _Server(("127.0.0.1", 0), handler) as server:
        script = ScriptedServer(server.server_address[1])
        handler.script = script  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield script
        finally:
            script.stopping.set()
            server.shutdown()
            thread.join()


def wait_until(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait for a condition, not for time."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.01)
