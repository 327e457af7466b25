"""A file and an address that are watched: by inotify, which also sees what C libraries open, and by a server of their own."""

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.hostile.xml_attacks import Bait

SECRET = "the-secret-of-the-house"
_OPENED, _NON_BLOCKING = 0x20, 0o4000
_EVENT = struct.calcsize("iIII")


class Watched:
    """What was taken of the bait so far."""

    def __init__(self, bait: Bait, descriptor: int, asked: list[str]) -> None:
        self.bait, self.asked = bait, asked
        self._descriptor = descriptor

    def opened_count(self) -> int:
        """Count how often the file was opened since this was last asked."""
        try:
            return len(os.read(self._descriptor, 64 * 1024)) // _EVENT
        except BlockingIOError:
            return 0


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    """Lay bait and watch it while the block runs."""
    file = folder / "secret.txt"
    file.write_text(SECRET)
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(_NON_BLOCKING)
    assert descriptor >= 0
    assert libc.inotify_add_watch(descriptor, str(file).encode(), _OPENED) >= 0
    try:
        yield Watched(Bait(str(file), f"http://127.0.0.1:{server.server_address[1]}"), descriptor, asked)
    finally:
        os.close(descriptor)
        server.shutdown()
        server.server_close()
