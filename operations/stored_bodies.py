"""What of a message's body may be stored: without cards, or sealed where they cannot be removed (laws 5 and 11)."""

import logging
from typing import Final, NamedTuple

from connectors.cards import remove_cards
from operations.errors import error_place
from storage.sealing import Keys, seal

# An index holds them: longer ones, and what is no printable text, cannot be stored.
MOST_NAME_CHARACTERS: Final = 255
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


def is_storable_name(name: str) -> bool:
    """Tell whether an event's id or type can be stored as it is."""
    return 0 < len(name) <= MOST_NAME_CHARACTERS and name.isprintable()
