"""Find a property, or say that it is not set up."""

from sqlalchemy import Connection

from hotel.properties import Property
from operations.errors import NotConfiguredError
from storage.codebooks import properties


def the_property(connection: Connection, property_id: str) -> Property:
    """Give one property; raises NotConfiguredError that names the known ones."""
    known = properties(connection)
    if property_id not in known:
        msg = f"there is no property {property_id!r} in core.properties; known: {', '.join(known) or 'none yet'}"
        raise NotConfiguredError(msg)
    return known[property_id]
