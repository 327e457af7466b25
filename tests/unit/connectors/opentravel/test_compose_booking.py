"""Any booking we know becomes a message that the published schema takes."""

from datetime import UTC, datetime

from hypothesis import given, settings

from connectors.protocols.opentravel.compose_booking import Booked
from connectors.protocols.opentravel.compose_messages import (
    changed_bookings,
    new_bookings,
    retrieved_bookings,
)
from connectors.protocols.opentravel.compose_xml import Head, Hotel
from tests.unit.connectors.opentravel.canonical_bookings import bookings
from tests.unit.connectors.opentravel.composed_schemas import assert_opentravel

HEAD = Head("t-1", datetime(2026, 3, 1, 12, tzinfo=UTC))
HOTEL = Hotel("CITY")


@given(bookings())
@settings(max_examples=60, deadline=None)
def test_any_booking_is_a_valid_message(booked: Booked) -> None:
    assert_opentravel(new_bookings(HEAD, [booked], HOTEL))
    assert_opentravel(changed_bookings(HEAD, [booked], HOTEL))
    assert_opentravel(retrieved_bookings(HEAD, [booked], HOTEL))
