"""The wire between gateway and database: it can be cut (refused at once) or fall silent (nothing comes back)."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit


class Wire:
    """Passes bytes between a port of its own and a server, while it is whole."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "", parts.port or 0)
        self._sounds = threading.Event()
        self._sounds.set()
        self._open: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self._port = 0
        self.mend()
        place = f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{self._port}"
        self.url = urlunsplit(parts._replace(netloc=place))

    def mend(self) -> None:
        """Take connections again."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """End all connections and refuse new ones."""
        if self._listener:
            # Only a shutdown wakes the thread that accepts.
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._open.clear()

    def silence(self) -> None:
        """Keep all connections and take new ones, but pass nothing on."""
        self._sounds.clear()

    def sound(self) -> None:
        """Pass everything on again, what was held back too."""
        self._sounds.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(self._server)
            except OSError:
                return
            self._open += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(1 << 16):
                self._sounds.wait()
                other.sendall(data)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def wired(url: str) -> Iterator[Wire]:
    """Lay a wire to a database; cut in the end."""
    wire = Wire(url)
    try:
        yield wire
    finally:
        wire.sound()
        wire.cut()
