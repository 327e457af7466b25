import os
import stat
from pathlib import Path

import pytest

from settings import Settings
from settings.folders import data_folder, write_private

NOBODY = 65534


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "house" / ".data")


def test_folders_are_made_for_their_owner_alone_whatever_the_umask(own: Settings) -> None:
    before = os.umask(0)
    try:
        made = data_folder(own, "reports", "2016")
    finally:
        os.umask(before)
    assert made == own.data_dir / "reports" / "2016"
    for folder in (own.data_dir, own.data_dir / "reports", made):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_is_there_keeps_its_mode(own: Settings) -> None:
    (own.data_dir / "reports").mkdir(parents=True)
    (own.data_dir / "reports").chmod(0o750)
    assert stat.S_IMODE(data_folder(own, "reports").stat().st_mode) == 0o750


def test_a_private_file_is_replaced_at_once_and_leaves_no_draft(own: Settings) -> None:
    path = data_folder(own, "run") / "told"
    write_private(path, "first")
    with path.open() as reader:
        write_private(path, "second")
        assert reader.read() == "first"
    assert path.read_text() == "second"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for others")
def test_what_root_makes_in_somebodys_project_belongs_to_that_somebody(own: Settings) -> None:
    own.data_dir.parent.mkdir()
    os.chown(own.data_dir.parent, NOBODY, NOBODY)
    path = data_folder(own, "run") / "told"
    write_private(path, "first")
    owners = {(found.st_uid, found.st_gid) for found in (own.data_dir.stat(), path.parent.stat(), path.stat())}
    assert owners == {(NOBODY, NOBODY)}
