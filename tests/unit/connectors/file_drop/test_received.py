import gzip
import hashlib
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from connectors.errors import FixMapping, RequestRefused, TryLater
from connectors.file_drop import received
from connectors.file_drop.received import drop_files, receive

TEXT = b"Conf;Total\r\nA7;10\r\n" * 500


def dropped(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_file_is_received_as_it_lies_there(tmp_path: Path) -> None:
    found = receive(dropped(tmp_path, "Stays.CSV", TEXT))
    assert found == ("Stays.CSV", ".csv", hashlib.sha256(TEXT).digest(), TEXT)


def test_a_packed_file_is_unpacked_and_its_hash_is_of_the_packed_bytes(tmp_path: Path) -> None:
    packed = gzip.compress(TEXT) + gzip.compress(b"B8;20\r\n")
    found = receive(dropped(tmp_path, "stays.jsonl.gz", packed))
    assert (found.suffix, found.content) == (".jsonl", TEXT + b"B8;20\r\n")
    assert found.sha256 == hashlib.sha256(packed).digest()


def test_packing_is_known_by_the_bytes_not_by_the_name(tmp_path: Path) -> None:
    assert receive(dropped(tmp_path, "stays.csv", gzip.compress(TEXT))).content == TEXT
    assert receive(dropped(tmp_path, "plain.csv.gz", TEXT)).content == TEXT


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.999])
def test_a_cut_off_packed_file_is_refused(tmp_path: Path, kept: float) -> None:
    packed = gzip.compress(os.urandom(20_000))
    with pytest.raises(TryLater, match="cut off"):
        receive(dropped(tmp_path, "stays.csv.gz", packed[: int(len(packed) * kept)]))


@pytest.mark.parametrize("at", [0.3, 0.9999])
def test_a_damaged_packed_file_is_refused(tmp_path: Path, at: float) -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[int((len(packed) - 1) * at)] ^= 0xFF
    with pytest.raises(TryLater, match=r"damaged|cut off"):
        receive(dropped(tmp_path, "stays.csv.gz", bytes(packed)))


def test_bytes_after_a_packed_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TryLater, match="damaged"):
        receive(dropped(tmp_path, "stays.csv.gz", gzip.compress(TEXT) + b"B8;20\r\n"))


@pytest.mark.parametrize("written", [b"B8;20\r\n", b""])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, written: bytes) -> None:
    path = dropped(tmp_path, "stays.csv", TEXT)

    def read_while_written(file: BinaryIO) -> bytes:
        content = file.read()
        path.write_bytes(written and content + written)
        return content

    with pytest.raises(TryLater, match=r"stays\.csv changed while it was read"):
        receive(path, read_while_written)


def test_a_file_put_in_the_place_of_another_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = dropped(tmp_path, "stays.csv", TEXT)

    def read_while_replaced(file: BinaryIO) -> bytes:
        dropped(tmp_path, "other", TEXT).replace(path)
        return file.read()

    with pytest.raises(TryLater, match="changed while it was read"):
        receive(path, read_while_replaced)


def test_an_empty_file_says_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(FixMapping, match="nothing is loaded and nothing is deleted"):
        receive(dropped(tmp_path, "stays.csv", b""))


def test_a_file_beyond_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(received, "MAX_BYTES", len(TEXT))
    assert receive(dropped(tmp_path, "fits.csv.gz", gzip.compress(TEXT))).content == TEXT
    for name, content in (("packed.csv.gz", gzip.compress(TEXT + b"x")), ("plain.csv", TEXT + b"x")):
        with pytest.raises(RequestRefused, match="split the export"):
            receive(dropped(tmp_path, name, content))


def test_a_folder_s_exports_are_listed_by_name_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b.csv", "a.XLSX", "c.jsonl.gz", ".hidden.csv", "~$a.xlsx", "b.csv.part", "readme.txt"):
        dropped(tmp_path, name, b"x")
    (tmp_path / "old.csv").mkdir()
    assert [path.name for path in drop_files(tmp_path)] == ["a.XLSX", "b.csv", "c.jsonl.gz"]


def test_an_empty_folder_is_waited_for_and_a_missing_one_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(TryLater, match="no export lies in the folder yet"):
        drop_files(tmp_path)
    with pytest.raises(FixMapping, match="there is no such file or folder"):
        drop_files(tmp_path / "elsewhere")
