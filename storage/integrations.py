"""The connected systems: who they are, their sealed credentials, what their codes mean to us."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, RowMapping, Text, Update, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from storage.codebooks import codebook, note_unmapped, save_code_mappings, save_property
from storage.sealing import Keys, Sealed, house_keys, seal, unseal
from storage.tables import ops

__all__ = [
    "Integration", "codebook", "credentials", "integration", "integrations", "note_success", "note_unmapped",
    "rotate_secrets", "save_code_mappings", "save_integration", "save_property", "told_integrations", "webhook_secrets",
]  # fmt: skip

_TABLE: Final = "ops.integrations"
_i = ops.integrations.c


class Integration(NamedTuple):
    """One account of an outside system for one property. Its secrets are apart: `credentials`, `webhook_secrets`.

    `property_id` None: found by an account that serves several properties. `status` paused: it is read and told nothing;
    maintenance: neither. `cadence_seconds`: how often it is pulled, None: as often as its kind asks for. `pushes`: what it
    is told of (availability, restrictions, rates, confirmations), for dates from `went_live_on` on; None: of none yet.
    """

    source: str
    property_id: str | None
    kind: str
    account: str = ""
    status: str = "active"
    settings: Mapping[str, Any] = {}
    hotel_ref: str | None = None
    cadence_seconds: int | None = None
    pushes: tuple[str, ...] = ()
    went_live_on: date | None = None


class _Secrets(NamedTuple):
    credentials: dict[str, str]
    webhook_secrets: list[str]


def save_integration(
    connection: Connection,
    integration: Integration,
    *,
    credentials: Mapping[str, str] | None = None,
    webhook_secrets: Sequence[str] | None = None,
    keys: Keys | None = None,
) -> None:
    """Write an integration, keyed by (source, property_id); secrets that are None stay as they are."""
    property_id = _named(integration)
    values = integration._asdict() | {"property_id": property_id, "settings": dict(integration.settings)}
    values["pushes"] = list(integration.pushes)
    written = insert(ops.integrations).values(values)
    connection.execute(written.on_conflict_do_update(index_elements=["source", "property_id"], set_=values))
    if credentials is None and webhook_secrets is None:
        return
    keys = keys or house_keys()
    known = _secrets(connection, integration.source, property_id, keys)
    _save_secrets(
        connection,
        (integration.source, property_id),
        _Secrets(
            known.credentials if credentials is None else dict(credentials),
            known.webhook_secrets if webhook_secrets is None else list(webhook_secrets),
        ),
        keys,
    )


def integration(
    connection: Connection, source: str, account: str | None = None, *, property_id: str | None = None
) -> Integration | None:
    """Find an integration by its account or its property; None where there is none."""
    query = select(*(_i[name] for name in Integration._fields)).where(_i.source == source).order_by(_i.property_id)
    if account is not None:
        query = query.where(_i.account == account)
    if property_id is not None:
        query = query.where(_i.property_id == property_id)
    found = [_integration(row) for row in connection.execute(query).mappings()]
    if len(found) > 1:
        return found[0]._replace(property_id=None)
    return found[0] if found else None


def integrations(connection: Connection) -> list[Integration]:
    """List all integrations that are read, by source and property: all that are not in maintenance."""
    query = select(*(_i[name] for name in Integration._fields)).where(_i.status != "maintenance")
    return [_integration(row) for row in connection.execute(query.order_by(_i.source, _i.property_id)).mappings()]


def told_integrations(connection: Connection, kinds: Sequence[str]) -> list[Integration]:
    """List the integrations that are told any of these kinds and are live, whatever their status, by source and property."""
    query = select(*(_i[name] for name in Integration._fields)).where(
        _i.pushes.overlap(cast(list(kinds), ARRAY(Text))), _i.went_live_on.is_not(None)
    )
    return [_integration(row) for row in connection.execute(query.order_by(_i.source, _i.property_id)).mappings()]


def credentials(connection: Connection, source: str, property_id: str, *, keys: Keys | None = None) -> dict[str, str]:
    """Open the credentials of an integration; empty where none are stored. Raises SealError."""
    return _secrets(connection, source, property_id, keys or house_keys()).credentials


def webhook_secrets(connection: Connection, source: str, account: str, *, keys: Keys | None = None) -> list[str]:
    """Open all secrets the webhooks of an account may be signed with: several while one is being replaced."""
    query = select(_i.property_id).where(_i.source == source, _i.account == account, _i.credentials.is_not(None))
    found = [
        secret
        for property_id in connection.scalars(query.order_by(_i.property_id)).all()
        for secret in _secrets(connection, source, property_id, keys or house_keys()).webhook_secrets
    ]
    return list(dict.fromkeys(found))


def rotate_secrets(connection: Connection, keys: Keys) -> int:
    """Seal every secret anew that a former key sealed; give how many. Then the former key may be forgotten.

    Cached tokens need none of this: one that does not open is fetched anew. Raises SealError, nothing changed then.
    """
    query = select(_i.source, _i.property_id).where(_i.key_id != keys.current_id).with_for_update()
    places = [(row.source, row.property_id) for row in connection.execute(query)]
    for source, property_id in places:
        _save_secrets(connection, (source, property_id), _secrets(connection, source, property_id, keys), keys)
    return len(places)


def note_success(connection: Connection, source: str, property_id: str) -> None:
    """Say that an integration worked just now."""
    values = {"last_success_at": func.now()}
    connection.execute(_row((source, property_id), update(ops.integrations)).values(values))


def _integration(row: RowMapping) -> Integration:
    return Integration(**dict(row) | {"pushes": tuple(row["pushes"])})


def _named(integration: Integration) -> str:
    if integration.property_id is None:
        msg = f"integration {integration.source} needs a property_id (or `*`) to be saved"
        raise ValueError(msg)
    return integration.property_id


def _row(place: tuple[str, str], statement: Update) -> Update:
    return statement.where(_i.source == place[0], _i.property_id == place[1])


def _secrets(connection: Connection, source: str, property_id: str, keys: Keys) -> _Secrets:
    query = select(_i.key_id, _i.credentials).where(_i.source == source, _i.property_id == property_id)
    row = connection.execute(query).one_or_none()
    if row is None or row.credentials is None:
        return _Secrets({}, [])
    plain = unseal(keys, Sealed(row.key_id, row.credentials), _TABLE, source, property_id)
    return _Secrets(**json.loads(plain))


def _save_secrets(connection: Connection, place: tuple[str, str], secrets: _Secrets, keys: Keys) -> None:
    sealed = seal(keys, json.dumps(secrets._asdict()).encode(), _TABLE, *place)
    connection.execute(_row(place, update(ops.integrations)).values(key_id=sealed.key_id, credentials=sealed.box))
