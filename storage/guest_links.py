"""Who is who: until profiles are matched, every profile is a person of its own."""

from typing import Final

from sqlalchemy import Connection, text

# The id is made of the key, so that a restored or re-read house gives everybody the same one.
_LINK: Final = """
INSERT INTO core.guest_links (source, property_id, source_ref, guest_id, method)
SELECT source, property_id, source_ref, md5(concat_ws(chr(31), source, property_id, source_ref))::uuid, 'exact'
FROM core.guests WHERE load_id = :load_id
ORDER BY source COLLATE "C", property_id COLLATE "C", source_ref COLLATE "C"
ON CONFLICT DO NOTHING
"""


def link_guests(connection: Connection, *, load_id: int) -> int:
    """Link the profiles that a load wrote to persons; give how many links are new."""
    return connection.execute(text(_LINK), {"load_id": load_id}).rowcount
