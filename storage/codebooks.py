"""What a source's codes mean in our house: properties, mappings, and the codes nobody has mapped yet."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, func, select
from sqlalchemy.dialects.postgresql import insert

from hotel.codebook import ANY_PROPERTY, Codebook
from hotel.properties import Property
from storage.tables import core, ops

# Fields with a mapping table of their own: field -> table, the column of their code, the column of ours.
_OWN_TABLES: Final = {
    "room_type": (ops.room_mappings, "room_type_ref", "room_type_code"),
    "rate_plan": (ops.rate_plan_mappings, "rate_plan_ref", "rate_plan_code"),
}


class Unmapped(NamedTuple):
    """One code of a row without a mapping, and the arrival that makes it urgent."""

    property_id: str
    field: str
    ref: str
    raw_ref: str
    arrival_on: date | None = None


def save_property(connection: Connection, house: Property) -> None:
    """Write a property; without a business date of its own it keeps the one the PMS last told."""
    written = insert(core.properties).values(house._asdict())
    told = func.coalesce(written.excluded.business_on, core.properties.c.business_on)
    changed = {name: written.excluded[name] for name in Property._fields} | {"business_on": told}
    connection.execute(written.on_conflict_do_update(index_elements=["property_id"], set_=changed))


def properties(connection: Connection) -> dict[str, Property]:
    """Give all properties by their id."""
    query = select(*(core.properties.c[name] for name in Property._fields)).order_by(core.properties.c.property_id)
    return {row["property_id"]: Property(**row) for row in connection.execute(query).mappings()}


def codebook(connection: Connection, source: str) -> Codebook:
    """Read all that a mapping of this source needs to know of the house.

    An integration without a `hotel_ref` speaks of the property by our own id. `settings` are those of the source's
    integrations, a property's own over those of `*`; their `as_is` lists the fields whose codes are ours already.
    """
    houses = properties(connection)
    known = ops.integrations.c
    query = select(known.property_id, known.hotel_ref, known.settings).where(known.source == source)
    rows = connection.execute(query.order_by(known.property_id != ANY_PROPERTY, known.property_id)).all()
    hotel_refs: dict[str, str] = {}
    settings: dict[str, Any] = {}
    for property_id, hotel_ref, own in rows:
        settings |= own
        if property_id == ANY_PROPERTY:
            hotel_refs |= {each: each for each in houses}
        else:
            hotel_refs[hotel_ref or property_id] = property_id
    return Codebook(
        source=source,
        properties=houses,
        hotel_refs=hotel_refs,
        codes=_codes(connection, source),
        as_is=frozenset(settings.get("as_is", ())),
        settings=settings,
    )


def save_code_mappings(
    connection: Connection,
    source: str,
    codes: Mapping[tuple[str, str, str], str],
    *,
    dataset: str = "reservations",
    decided_by: str | None = None,
) -> None:
    """Write what their codes mean: (property_id or `*`, field, their code) -> our code.

    A trigger of the tables takes them from the unmapped ones and lets the bookings that waited for them be read again.
    """
    for (property_id, field, ref), code in sorted(codes.items()):
        own = _OWN_TABLES.get(field)
        place = {"source": source, "property_id": property_id}
        if own is None:
            _upsert(
                connection, ops.code_mappings, place | {"dataset": dataset, "field": field, "ref": ref}, {"code": code}
            )
        else:
            table, ref_column, code_column = own
            decided = {"decided_by": decided_by} if "decided_by" in table.columns else {}
            _upsert(connection, table, place | {ref_column: ref}, {code_column: code} | decided)


def note_unmapped(connection: Connection, source: str, found: Iterable[Unmapped]) -> None:
    """Queue codes without a mapping; give the rows that are written, so that a repeated load does not count twice."""
    queued: dict[tuple[str, str, str], list[Unmapped]] = {}
    for each in found:
        queued.setdefault((each.property_id, each.field, each.ref), []).append(each)
    table = ops.unmapped_codes
    # Sorted: two loads that note the same codes must not wait for each other in a ring.
    for (property_id, field, ref), rows in sorted(queued.items()):
        arrivals = [row.arrival_on for row in rows if row.arrival_on]
        written = insert(table).values(
            source=source, property_id=property_id, field=field, ref=ref, waiting_count=len(rows),
            next_arrival_on=min(arrivals, default=None), sample_raw_ref=rows[0].raw_ref,
        )  # fmt: skip
        changed: dict[str, ColumnElement[Any]] = {
            "waiting_count": table.c.waiting_count + len(rows),
            "last_seen_at": func.now(),
            "next_arrival_on": func.least(table.c.next_arrival_on, written.excluded.next_arrival_on),
        }
        connection.execute(written.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed))


def _codes(connection: Connection, source: str) -> dict[tuple[str, str, str], str]:
    mapped = ops.code_mappings.c
    query = select(mapped.property_id, mapped.field, mapped.ref, mapped.code).where(mapped.source == source)
    codes = {(row.property_id, row.field, row.ref): row.code for row in connection.execute(query)}
    for field, (table, ref_column, code_column) in _OWN_TABLES.items():
        own = select(table.c.property_id, table.c[ref_column], table.c[code_column]).where(
            table.c.source == source, table.c[code_column].is_not(None)
        )
        if "is_active" in table.columns:
            own = own.where(table.c.is_active)
        codes |= {(property_id, field, ref): code for property_id, ref, code in connection.execute(own)}
    return codes


def _upsert(connection: Connection, table: Table, place: dict[str, str], values: dict[str, Any]) -> None:
    written = insert(table).values(place | values)
    connection.execute(written.on_conflict_do_update(index_elements=list(place), set_=values))
