"""The codebooks of a micro-batch, read once each and only for the sources that are in it."""

from functools import cached_property

from sqlalchemy import Connection

from hotel.codebook import Codebook
from hotel.properties import Property
from operations.errors import NotConfiguredError
from storage.codebooks import codebook, properties
from storage.integrations import integration


class BooksAndKinds:
    """Codebooks and connector kinds by source, as of this transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._books: dict[str, Codebook] = {}
        self._kinds: dict[str, str] = {}

    @cached_property
    def properties(self) -> dict[str, Property]:
        """All properties by id."""
        return properties(self._connection)

    def codebook(self, source: str) -> Codebook:
        """Give a source's codebook."""
        if source not in self._books:
            self._books[source] = codebook(self._connection, source)
        return self._books[source]

    def kind(self, source: str) -> str:
        """Give the kind of connector that reads a source; NotConfiguredError where it is not set up any more."""
        if source not in self._kinds:
            found = integration(self._connection, source)
            if found is None:
                msg = f"there is no integration {source!r} any more: add it to ops.integrations, then replay"
                raise NotConfiguredError(msg)
            self._kinds[source] = found.kind
        return self._kinds[source]
