"""What the gate must be told of the house, and of how a batch came in."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from expectations.facts import HouseFacts, PropertyFacts
from hotel.properties import Property, business_date


def house_facts(properties: Mapping[str, Property], instant: datetime | None = None) -> HouseFacts:
    """Describe the house at an instant (aware, default now): each property's currency and business date."""
    at = instant or datetime.now(UTC)
    # Somewhere it is tomorrow already: a booking from there is not from the future.
    today = (at + timedelta(hours=14)).date()
    return HouseFacts(
        today,
        {
            property_id: PropertyFacts((place.currency,), business_date(place, at))
            for property_id, place in properties.items()
        },
    )
