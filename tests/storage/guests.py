"""Guest profiles for the loader's tests."""

from typing import Any

from hotel.guests import Guest
from tests.storage.stays import HOUSE, PMS


def a_guest(ref: str, **given: Any) -> Guest:
    """A person's profile."""
    return Guest(PMS, HOUSE, ref, "person", "Ana", "Silva", "Ana Silva", "ana silva")._replace(**given)
