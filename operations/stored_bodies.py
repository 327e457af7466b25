"""What of a message's body may be stored: without cards, or sealed where they cannot be removed (laws 5 and 11)."""

import logging
import re
from typing import Final, NamedTuple

from connectors.cards import remove_cards
from operations.errors import error_place
from storage.sealing import Keys, seal

# An index holds them: longer ones, and what is no printable text, cannot be stored.
MOST_NAME_CHARACTERS: Final = 255
_WITH_LETTERS: Final = re.compile(r"[0-9A-Za-z]*[A-Za-z][0-9A-Za-z]*")
logger = logging.getLogger(__name__)


class StoredBody(NamedTuple):
    """A body to store; `key_id` is set where it is sealed."""

    body: bytes
    key_id: str | None = None


def stored_body(body: bytes, keys: Keys, *identity: str) -> StoredBody:
    """Remove the cards from a body; where that fails, seal it for the row of this identity. Raises SealError."""
    try:
        return StoredBody(remove_cards(body).body)
    except Exception as error:  # noqa: BLE001 whatever it stumbles over: the booking is not dropped
        logger.error("removing cards failed (%s): the body is stored sealed", error_place(error))  # noqa: TRY400
        sealed = seal(keys, body, *identity)
        return StoredBody(sealed.box, sealed.key_id)


def storable_id(event_id: str, digest: bytes) -> str:
    """Give an event's id, or the body's SHA-256 where a card number stands in it or it cannot be stored.

    Digits alone are a number of the sender's, whatever they look like.
    """
    is_good = is_storable_name(event_id) and (event_id.isdecimal() or not _has_card(event_id))
    return event_id if is_good else digest.hex()


def storable_type(event_type: str) -> str:
    """Give an event's type; `unknown` where a card number stands in it or it cannot be stored."""
    return event_type if is_storable_name(event_type) and not _has_card(event_type) else "unknown"


def _has_card(name: str) -> bool:
    # Names in hexadecimal are long enough to hold any digits by chance.
    digits = _WITH_LETTERS.sub(" ", name)
    try:
        return remove_cards(digits.encode()).found_count > 0
    except Exception:  # noqa: BLE001 its body is sealed then, and says so
        return False


def is_storable_name(name: str) -> bool:
    """Tell whether an event's id or type can be stored as it is."""
    return 0 < len(name) <= MOST_NAME_CHARACTERS and name.isprintable()
