"""A small HTTP server that takes webhooks: answers as scripted, remembers what came."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple


class Got(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


class Planned(NamedTuple):
    status: int
    body: bytes = b'{"status":"accepted"}'
    headers: tuple[tuple[str, str], ...] = ()
    after_seconds: float = 0.0
    without_answer: bool = False
    without_length: bool = False


class Receiver:
    """Answers 202 once its plan is used up."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.connections = 0
        self.plan: list[Planned] = []
        self.url = ""

    def answer(self, got: Got) -> Planned:
        self.got.append(got)
        return self.plan.pop(0) if self.plan else Planned(202)

    @property
    def bodies(self) -> list[bytes]:
        return [got.body for got in self.got]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            receiver.connections += 1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            planned = receiver.answer(Got(self.path, headers, body, time.monotonic()))
            time.sleep(planned.after_seconds)
            if planned.without_answer:
                self.close_connection = True
                return
            self.send_response(planned.status)
            for name, value in planned.headers:
                self.send_header(name, value)
            if planned.without_length:
                self.close_connection = True
            else:
                self.send_header("Content-Length", str(len(planned.body)))
            self.end_headers()
            self.wfile.write(planned.body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            """A sender that hangs up is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
