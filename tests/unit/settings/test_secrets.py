import multiprocessing
import stat
from pathlib import Path

import pytest

from settings import Settings, SettingsError
from settings.secrets import secret_key


def test_a_key_that_is_set_is_the_key(tmp_path: Path) -> None:
    assert secret_key(Settings(data_dir=tmp_path / ".data", secret_key=b"k" * 32)) == b"k" * 32
    assert not (tmp_path / ".data").exists()


def test_with_the_embedded_server_a_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / ".data")
    key = secret_key(settings)
    assert len(key) == 32
    assert secret_key(settings) == key
    assert stat.S_IMODE((tmp_path / ".data" / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / ".data").iterdir()] == ["secret.key"]


def test_two_houses_have_different_keys(tmp_path: Path) -> None:
    assert secret_key(Settings(data_dir=tmp_path / "a")) != secret_key(Settings(data_dir=tmp_path / "b"))


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / ".data")
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = pool.map(secret_key, [settings] * 16, chunksize=1)
    assert len(set(keys)) == 1


def test_with_a_database_of_ones_own_a_missing_key_is_refused(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / ".data", database_url="postgresql://db/night_audit")
    with pytest.raises(SettingsError, match=r"NIGHT_AUDIT_SECRET_KEY must be set too.*openssl"):
        secret_key(settings)


def test_a_damaged_key_file_is_refused_and_not_replaced(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / ".data")
    secret_key(settings)
    path = tmp_path / ".data" / "secret.key"
    path.write_text("c2hvcnQ=")
    with pytest.raises(SettingsError, match="restore it from a backup"):
        secret_key(settings)
    assert path.read_text() == "c2hvcnQ="
