"""Which of two versions of one thing is newer, and what a new one does to what is stored (law 6)."""

from typing import Final, NamedTuple

NEW: Final = "new"
CHANGED: Final = "changed"
VERSION_ONLY: Final = "version_only"
UNCHANGED: Final = "unchanged"
STALE: Final = "stale"
FATES: Final = (NEW, CHANGED, VERSION_ONLY, UNCHANGED, STALE)


class Version(NamedTuple):
    """A place in the order of one source: its own version first, then our receive sequence. Compares as a tuple."""

    source_version: int
    received_seq: int


class Stored(NamedTuple):
    """What storage knows of a key: its version and the hash of its content."""

    version: Version
    row_hash: bytes


def fate(stored: Stored | None, version: Version, row_hash: bytes, *, source_has_versions: bool) -> str:
    """Say what an incoming version does: the reference that the loader's one SQL statement must agree with.

    A newer version of the source's own with the same content still moves the stored version, else a late older one
    would win. The same version told again, or no versions at all: an equal hash writes nothing.
    """
    if stored is None:
        return NEW
    if version <= stored.version:
        return UNCHANGED if row_hash == stored.row_hash else STALE
    if row_hash != stored.row_hash:
        return CHANGED
    is_newer_at_source = version.source_version > stored.version.source_version
    return VERSION_ONLY if source_has_versions and is_newer_at_source else UNCHANGED
