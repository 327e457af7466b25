"""Who is who: until profiles are matched, every profile is a person of its own."""

from hashlib import md5
from typing import Any, Final

import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from storage.copying import copy_in, is_known, stage
from storage.tables import core

_KEY: Final = ("source", "property_id", "source_ref")
# Who was matched before the profile came back stays matched.
_LINK: Final = """
INSERT INTO core.guest_links (source, property_id, source_ref, guest_id, method)
SELECT source, property_id, source_ref, guest_id::uuid, method FROM pg_temp.guest_links_rows
ORDER BY source COLLATE "C", property_id COLLATE "C", source_ref COLLATE "C"
ON CONFLICT DO NOTHING
"""


def link_guests(cursor: psycopg.Cursor[Any], profiles: pa.Table) -> None:
    """Link profiles that were just inserted (a frame of guests) to persons; links that are there already stay."""
    if profiles.num_rows == 0:
        return
    links = profiles.select(_KEY)
    links = links.append_column("guest_id", _persons(links))
    links = links.append_column("method", pa.repeat("exact", links.num_rows))
    if is_known(cursor, core.guest_links, profiles):
        stage(cursor, "guest_links_rows", links)
        cursor.execute(_LINK)
    else:
        copy_in(cursor, ("core", core.guest_links.name), links)


def _persons(keys: pa.Table) -> pa.Array:
    """Make ids of keys, so that a restored or re-read house gives everybody the same one."""
    told = pc.binary_join_element_wise(*keys.columns, "\x1f").to_pylist()
    return pa.array([md5(key.encode(), usedforsecurity=False).hexdigest() for key in told])
