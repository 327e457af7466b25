"""The houses of the demo: the sandbox's three, or those of a dropped export. Set up as an operator would."""

from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from connectors.file_drop.export import load_export
from connectors.file_drop.rules import Export
from hotel.properties import Property
from sandbox.server.access import Keys
from sandbox.webhooks.signing import SECRET
from sandbox.world import World, build
from storage.codebooks import save_property
from storage.integrations import Integration, save_integration

PMS: Final = "sandbox_pms"
CHANNEL: Final = "sandbox_channel"
SEED: Final = 1
BOOKINGS_PER_HOUSE: Final = 1_500
# The sandbox and the replayed channel speak our codes.
AS_IS: Final = (
    "room_type", "rate_plan", "channel", "market_segment", "origin", "customer_type", "meal_plan", "guarantee",
)  # fmt: skip


def sandbox_world() -> World:
    """Give the world that `make up` serves and the demo reads."""
    return build(SEED, size=BOOKINGS_PER_HOUSE)


def set_up_sandbox(house: Engine, world: World, address: str) -> list[str]:
    """Write the sandbox's houses and both its sides (PMS and channel); give the property ids."""
    view = world.view()
    for each in world.houses:
        property_id = each.place.property_id
        place = each.place._replace(
            business_on_kind="pms",
            business_on=date.fromisoformat(view.business_on(property_id)),
            of_record_source=PMS,
            room_count=len(each.rooms),
        )
        _save(house, place)
        with house.begin() as connection:
            save_integration(
                connection,
                Integration(
                    PMS,
                    property_id,
                    "hotel_rest",
                    settings={"base_url": address, "as_is": list(AS_IS), "allow_private_hosts": True},
                ),
                credentials={"api_key": Keys().api_key},
            )
    _set_up_channel(house)
    return [each.place.property_id for each in world.houses]


def set_up_export(house: Engine, export_name: str, path: Path) -> list[str]:
    """Write the hotels of an export and its file drop; give the property ids.

    The first export of a hotel is its record; another export of the same hotel is a copy.
    """
    export = load_export(export_name)
    source = source_of_export(export)
    for property_id, told in export.properties.items():
        _save(
            house,
            Property(
                property_id, told.name, told.time_zone, told.currency, country_code=told.country_code,
                of_record_source="file_drop",
            ),
        )  # fmt: skip
    with house.begin() as connection:
        dropped = Integration(source, "*", "file_drop", settings={"export": export_name, "path": str(path)})
        save_integration(connection, dropped)
    _set_up_channel(house)
    return sorted(export.properties)


def source_of_export(export: Export) -> str:
    """Name the source of an export: `file_drop`, and for a second form of the same data with its suffix."""
    return "file_drop" if export.name == "hotel_bookings" else f"file_drop_{export.name.rsplit('_', 1)[-1]}"


def _set_up_channel(house: Engine) -> None:
    with house.begin() as connection:
        save_integration(
            connection,
            Integration(CHANNEL, "*", "hotel_rest", settings={"as_is": list(AS_IS)}),
            webhook_secrets=[SECRET],
        )


def _save(house: Engine, place: Property) -> None:
    with house.begin() as connection:
        save_property(connection, place)
