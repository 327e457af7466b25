"""Schema core: the house as we know it. Natural keys everywhere, every row behind a verdict (law 2)."""

from storage.tables.core_guests import guest_links, guests
from storage.tables.core_house import properties, rate_plans, room_status, room_types
from storage.tables.core_inventory import inventory, on_the_books, on_the_books_snapshots, rates
from storage.tables.core_stay_details import reservation_extras, room_night_taxes, virtual_cards
from storage.tables.core_stays import (
    reservation_changes,
    reservation_links,
    reservation_rooms,
    reservations,
    room_nights,
)

__all__ = [
    "guest_links",
    "guests",
    "inventory",
    "on_the_books",
    "on_the_books_snapshots",
    "properties",
    "rate_plans",
    "rates",
    "reservation_changes",
    "reservation_extras",
    "reservation_links",
    "reservation_rooms",
    "reservations",
    "room_night_taxes",
    "room_nights",
    "room_status",
    "room_types",
    "virtual_cards",
]
