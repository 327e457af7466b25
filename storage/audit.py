"""The audit log: who did what to which row and why. Append-only; personal columns are masked on the way in."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, insert

from storage.tables import METADATA, ops

MASK: Final = "***"


def note(
    connection: Connection,
    *,
    actor: str,
    action: str,
    entity: str,
    entity_key: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
    role: str | None = None,
) -> int:
    """Note an act in the transaction that does it and give its id.

    `entity` is the table (`ops.quarantine`), `before` and `after` its columns, as far as JSON can hold them.
    Raises KeyError for a table that is not ours: what is personal in it would not be known.
    """
    masked = {"before": _masked(entity, before), "after": _masked(entity, after)}
    values = {"actor": actor, "role": role, "action": action, "entity": entity, "entity_key": entity_key}
    written = insert(ops.audit_log).values(values | masked | {"reason": reason}).returning(ops.audit_log.c.audit_id)
    return int(connection.execute(written).scalar_one())


def _masked(entity: str, row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    personal = {column.name for column in METADATA.tables[entity].columns if column.info.get("personal")}
    if row is None:
        return None
    return {name: MASK if name in personal and value is not None else value for name, value in row.items()}
