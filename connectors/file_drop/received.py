"""A file as it lies there: its bytes read once, whole, and not while somebody still writes them."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from connectors.errors import FixMapping, RequestRefused, TryLater

MAX_BYTES: Final = 512 * 1024 * 1024  # of the file and of what it unpacks to: it is held in memory
SUFFIXES: Final = (".csv", ".csv.gz", ".xlsx", ".jsonl", ".jsonl.gz")
_GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 1024 * 1024


class Received(NamedTuple):
    """One file. `sha256` is over the bytes as they lie there, `content` is unpacked, `suffix` is without `.gz`."""

    name: str
    suffix: str
    sha256: bytes
    content: bytes


def drop_files(place: Path) -> list[Path]:
    """List the exports at a place: the file itself, or a folder's by name; hidden and other files are not ours.

    Raises FixMapping where there is no such place, TryLater where the folder has no export yet.
    """
    if place.is_file():
        return [place]
    if not place.is_dir():
        msg = f"{place.name}: there is no such file or folder: state where the exports are dropped"
        raise FixMapping(msg)
    found = sorted(
        path
        for path in place.iterdir()
        if path.is_file() and path.name.casefold().endswith(SUFFIXES) and path.name[0] not in ".~"
    )
    if not found:
        msg = f"{place.name}: no export lies in the folder yet ({', '.join(SUFFIXES)})"
        raise TryLater(msg)
    return found


def receive(path: Path, read: Callable[[BinaryIO], bytes] | None = None) -> Received:
    """Read a file whole.

    Raises TryLater where it changes meanwhile or is cut off (a copy may still be under way), RequestRefused where it
    is too large, FixMapping where it is empty or of a kind we do not read. `read` stands in for the file's own read.
    """
    before = _stamp(path)
    with path.open("rb") as file:
        raw = (read or (lambda opened: opened.read(MAX_BYTES + 1)))(file)
    if _stamp(path) != before or len(raw) != before[0] <= MAX_BYTES:
        msg = (
            f"{path.name} changed while it was read: drop files under another name and rename them when they are whole"
        )
        raise TryLater(msg)
    if not raw:
        msg = (
            f"{path.name} is empty, it has not even a header: nothing is loaded and nothing is deleted; export it again"
        )
        raise FixMapping(msg)
    content = _unpacked(path.name, raw) if raw.startswith(_GZIP) else raw
    _check_size(path.name, max(len(raw), len(content)))
    return Received(path.name, _suffix(path), hashlib.sha256(raw).digest(), content)


def _stamp(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def _suffix(path: Path) -> str:
    name = path.name.casefold().removesuffix(".gz")
    return name[name.rfind(".") :] if "." in name else ""


def _check_size(name: str, size: int) -> None:
    if size > MAX_BYTES:
        msg = f"{name}: more than {MAX_BYTES >> 20} MiB unpacked: split the export by arrival date"
        raise RequestRefused(msg)


def _unpacked(name: str, raw: bytes) -> bytes:
    unpacked = io.BytesIO()
    try:
        with gzip.open(io.BytesIO(raw)) as file:
            while chunk := file.read(_CHUNK):
                unpacked.write(chunk)
                _check_size(name, unpacked.tell())
    except EOFError:
        msg = f"{name} is cut off, its last part is missing: copy it again, whole"
        raise TryLater(msg) from None
    except (OSError, zlib.error):
        msg = f"{name} is damaged, it does not unpack (gzip): copy it again"
        raise TryLater(msg) from None
    return unpacked.getvalue()
