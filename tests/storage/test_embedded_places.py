import os
import pwd
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from settings import Settings
from storage.embedded.place import OUTSIDE, Identity, find_place
from tests.storage.embedded_house import Clone, ask, clone_into, copied_site, forget_place, python_for

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")


def nobody() -> Identity:
    user = pwd.getpwnam("nobody")
    return Identity(user.pw_uid, user.pw_gid)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter; pytest's own is for its user alone."""
    with open_to_all() as folder:
        yield folder


@pytest.fixture(scope="module")
def open_site() -> Iterator[Path]:
    """A copy of the binaries that every user can reach."""
    with open_to_all() as folder:
        yield copied_site(folder / "site")


@contextmanager
def open_to_all() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="night-audit-places-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def permissions(*paths: Path) -> dict[Path, tuple[int, int, int]]:
    """Give mode, user and group of the paths and of every folder above them."""
    around = {folder for path in paths for folder in (path, *path.parents)}
    return {folder: (found.st_mode, found.st_uid, found.st_gid) for folder in around if (found := folder.stat())}


def test_the_name_of_the_projects_folder_does_not_matter(tmp_path: Path) -> None:
    clone = clone_into(tmp_path / "a hotel with blanks" / ("x" * 200) / "Zimmer-Schlüssel '東京' $HOME")
    with clone.server() as url:
        assert ask(url, "select 42") == 42


def test_no_permission_around_the_project_changes(tmp_path: Path) -> None:
    clone = clone_into(tmp_path / "private" / "clone")
    clone.folder.parent.chmod(0o700)
    before = permissions(clone.folder, OUTSIDE, Path(tempfile.gettempdir()))
    with clone.server() as url:
        assert ask(url, "select 42") == 42
        assert permissions(*before) == before
    assert permissions(*before) == before


@as_root
def test_root_in_a_clone_that_only_root_enters_runs_as_nobody_outside(tmp_path: Path) -> None:
    clone = clone_into(tmp_path / "clone")._replace(site=copied_site(tmp_path / "site"))
    clone.folder.chmod(0o700)
    (tmp_path / "site").chmod(0o700)
    with clone.server() as url:
        outside = Path((clone.data_dir / "postgres.location").read_text())
        found = outside.stat()
        assert outside.parent == OUTSIDE
        assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (nobody().uid, 0o700)
        assert [path.name.partition("-")[0] for path in sorted(outside.iterdir())] == ["cluster", "install"]
        assert ask(url, "select setting from pg_settings where name = 'data_directory'") == str(outside / "cluster")
        first = ask(url, "select system_identifier from pg_control_system()")
    assert not outside.exists()
    assert first is not None


@as_root
def test_root_in_somebodys_project_runs_as_that_somebody(open_folder: Path) -> None:
    clone = clone_into(open_folder / "clone")
    give(clone.folder, nobody())
    with clone.server() as url:
        assert ask(url, "select 42") == 42
        assert (clone.data_dir / "postgres" / "cluster").stat().st_uid == nobody().uid
        assert not (clone.data_dir / "postgres.location").exists()
        assert {path.stat().st_uid for path in clone.data_dir.rglob("*")} == {nobody().uid}


@as_root
def test_what_root_began_in_somebodys_project_that_somebody_goes_on_with(open_folder: Path, open_site: Path) -> None:
    clone = clone_into(open_folder / "clone")
    give(clone.folder, nobody())
    with clone.server() as url:
        ask(url, "create table kept as select 42 as n")
    with as_nobody(clone, open_site).server() as url:
        assert ask(url, "select n from kept") == 42


@as_root
def test_root_and_then_another_user_work_on_one_machine(tmp_path: Path, open_folder: Path, open_site: Path) -> None:
    roots = clone_into(tmp_path / "roots")
    theirs = as_nobody(clone_into(open_folder / "theirs"), open_site)
    give(theirs.folder, nobody())
    with roots.server() as first, theirs.server() as second:
        assert (ask(first, "select 1"), ask(second, "select 2")) == (1, 2)
    with theirs.server() as again:
        assert ask(again, "select 3") == 3


@as_root
def test_a_data_folder_of_another_user_is_refused_with_what_to_do(open_folder: Path, open_site: Path) -> None:
    theirs = as_nobody(clone_into(open_folder / "clone"), open_site)
    theirs.data_dir.mkdir(mode=0o755)
    with pytest.raises(AssertionError, match=r"belongs to user 0\. Run as that user, or set NIGHT_AUDIT_DATA_DIR"):
        theirs.run("url")


@as_root
def test_a_place_outside_that_somebody_has_opened_is_refused(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / ".data")
    place = find_place(settings)
    try:
        assert find_place(settings) == place
        place.folder.chmod(0o777)
        with pytest.raises(OSError, match="no longer a private folder of nobody"):
            find_place(settings)
    finally:
        forget_place(settings.data_dir)


def give(folder: Path, owner: Identity) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.uid, owner.gid)


def as_nobody(clone: Clone, site: Path) -> Clone:
    """Run a clone as `nobody`, with a Python and binaries that `nobody` can reach."""
    python = python_for(nobody())
    if python is None:
        pytest.skip("no Python of at least 3.11 here that `nobody` may run")
    return clone._replace(python=python, site=site, user=nobody())
