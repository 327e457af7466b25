"""Messages as vendors write them, in any order, with repetitions, in any batches: one house comes of it (law 6)."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from hashlib import sha256
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from hotel.properties import Property
from operations.import_waiting import import_waiting
from sandbox.channels import opentravel_generic
from sandbox.channels.channex_told import revision
from sandbox.channels.desk import Desk
from sandbox.channels.sales import Sale, Shop, sale
from sandbox.channels.siteminder_told import pushed
from storage.inbox import Delivery, receive
from storage.integrations import Integration, save_integration, save_property

HOUSE = "fair-hotel"
SHOP = Shop("4711", "EUR", ("STD", "DLX"), ("BAR", "NRF"), date(2027, 3, 1), 20, datetime(2026, 9, 15, 12, tzinfo=UTC))
AS_IS = ["room_type", "rate_plan", "channel", "market_segment", "origin", "customer_type", "meal_plan", "guarantee"]
TABLES = {
    "reservations": "status, is_tombstone, is_inventory_held, arrival_on, departure_on, total_minor, room_count, comment,"
    " cancelled_on, cancellation_fee_minor, channel_ref, collect, commission_minor, source_version",
    "reservation_rooms": "room_ref, status, arrival_on, departure_on, room_type_code, total_minor, adult_count, child_count",
    "room_nights": "room_ref, stay_on, price_minor, tax_minor, room_type_code",
    "room_night_taxes": "room_ref, stay_on, tax_code, amount_minor",
    "virtual_cards": "card_ref, limit_minor, currency",
    "guests": "source_ref, full_name, email, phone",
}
Body = Callable[[Sale], bytes]
# The message of a version, as the inbox holds it.
KINDS: dict[str, tuple[Body, dict[str, Any]]] = {
    "channex": (lambda told: b'{"data":' + msgspec.json.encode(revision(told)) + b"}", {}),
    "siteminder": (
        lambda told: pushed(f"{told.ref}-{told.revision}", told, ("a", "b"), told.modified_at), {"pms_code": "SANDBOX"}
    ),
    "opentravel_generic": (lambda told: opentravel_generic.webhook(Desk(), told)[1], {"base_url": "http://x"}),
}  # fmt: skip


def history(drawn: Random, actions: list[str]) -> list[Sale]:
    """Give the versions of one booking: new, then each action in turn."""
    told = [sale(drawn, 1, SHOP)._replace(card_number=None, card_code=None, is_virtual=False)]
    for action in actions:
        last = told[-1]
        other = sale(drawn, 1, SHOP)
        changes: dict[str, dict[str, Any]] = {
            "cancel": {"kind": "cancelled"},
            "comment": {"comment": f"v{last.revision}"},
            "stay": {"rooms": other.rooms},
        }
        told.append(last.modified(**changes[action]))
    return told


def state(house: Engine, source: str) -> dict[str, Any]:
    """Read all that is held of a source; a room that a newer message left out leaves no trace that counts."""
    lost = "AND NOT EXISTS (SELECT FROM core.reservation_rooms r WHERE r.status = 'cancelled' AND r.source = t.source"
    conditions = {
        "reservation_rooms": "AND status <> 'cancelled'",
        "room_nights": f"{lost} AND r.room_ref = t.room_ref)",
        "room_night_taxes": f"{lost} AND r.room_ref = t.room_ref)",
    }
    with house.connect() as connection:
        return {
            table: [
                tuple(row)
                for row in connection.execute(
                    text(
                        f"SELECT {columns} FROM core.{table} t WHERE source = :s {conditions.get(table, '')} ORDER BY 1, 2"
                    ),
                    {"s": source},
                )
            ]
            for table, columns in TABLES.items()
        }


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest, house: Engine) -> str:
    """Two accounts of one kind: what one is told in order, the other is told in disorder."""
    found: str = request.param
    with house.begin() as connection:
        save_property(connection, Property(HOUSE, "Fair", "Europe/Lisbon", "EUR"))
        for source in ("ordered", "shuffled"):
            given_settings = {"as_is": AS_IS, **KINDS[found][1]}
            save_integration(connection, Integration(source, HOUSE, found, hotel_ref="4711", settings=given_settings))
    return found


def told(house: Engine, source: str, batches: list[list[tuple[str, bytes]]]) -> None:
    for batch in batches:
        deliveries = [
            Delivery(source, "", name, "booking", body, sha256(body).digest(), {}, "test", property_id=HOUSE)
            for name, body in batch
        ]
        with house.begin() as connection:
            receive(connection, deliveries)
        while import_waiting(house):
            pass


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 10_000),
    actions=st.lists(st.sampled_from(["comment", "stay", "cancel"]), min_size=1, max_size=4),
    data=st.data(),
)
def test_any_order_and_repetition_ends_as_the_ordered_sequence(
    house: Engine, kind: str, seed: int, actions: list[str], data: st.DataObject
) -> None:
    compose = KINDS[kind][0]
    bodies = [(f"{seed}-{n}", compose(version)) for n, version in enumerate(history(Random(seed), actions))]
    again = [
        (f"{name}-again", body) for name, body in data.draw(st.lists(st.sampled_from(bodies), max_size=3, unique=True))
    ]
    shuffled = data.draw(st.permutations([*bodies, *again]))
    cut = data.draw(st.integers(1, len(shuffled)))

    told(house, "ordered", [[each] for each in bodies])
    told(house, "shuffled", [batch for batch in (shuffled[:cut], shuffled[cut:]) if batch])

    in_order, in_disorder = state(house, "ordered"), state(house, "shuffled")
    with house.begin() as connection:
        connection.execute(
            text("TRUNCATE core.reservations, core.guests, core.virtual_cards, raw.inbox, ops.quarantine CASCADE")
        )
    assert in_order["reservations"]
    assert in_disorder == in_order
