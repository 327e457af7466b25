"""A sale in the words of the Channex API: one revision, its rooms, its card as it is shown to those without a vault."""

from datetime import UTC
from typing import Final

from hotel.money import exponent
from sandbox.channels.desk import Json
from sandbox.channels.json_answers import major, naive
from sandbox.channels.sales import Sale, SoldRoom

# A code of the channel that nobody mapped to a room type or rate plan at the vendor.
UNMAPPED: Final = "unmapped-"


def revision_id(sale: Sale) -> str:
    """Name a version of a sale, as the desk names its message."""
    return f"{sale.ref}-{sale.revision}"


def event(sale: Sale) -> Json:
    """Tell that a sale changed: ids, and nothing of the booking."""
    return {
        "event": {"new": "booking_new", "modified": "booking_modification"}.get(sale.kind, "booking_cancellation"),
        "payload": {"booking_id": _booking_id(sale), "property_id": sale.hotel_ref, "revision_id": revision_id(sale)},
        "property_id": sale.hotel_ref,
        "user_id": None,
        "timestamp": sale.modified_at.astimezone(UTC).isoformat(),
    }


def revision(sale: Sale) -> Json:
    """Tell one version of a sale in the vendor's words."""
    attributes = {
        "id": revision_id(sale),
        "booking_id": _booking_id(sale),
        "property_id": sale.hotel_ref,
        "unique_id": f"SBX-{sale.ref}",
        "system_id": revision_id(sale),
        "ota_name": sale.channel,
        "ota_reservation_code": sale.channel_ref,
        "status": sale.kind,
        "inserted_at": naive(sale.modified_at),
        "arrival_date": min(room.arrival_on for room in sale.rooms).isoformat(),
        "departure_date": max(room.departure_on for room in sale.rooms).isoformat(),
        "arrival_hour": None,
        "amount": major(sale.total_minor, sale.currency),
        "ota_commission": major(sale.commission_minor, sale.currency),
        "currency": sale.currency,
        "payment_collect": {"property": "property", "channel": "ota"}[sale.collect],
        "payment_type": "credit_card" if sale.card_number else None,
        "notes": sale.comment or None,
        "customer": _customer(sale),
        "guarantee": _guarantee(sale),
        "deposits": [],
        "services": [],
        "occupancy": _occupancy(list(sale.rooms)),
        "rooms": [_room(sale, n, room) for n, room in enumerate(sale.rooms)],
    }
    return {"type": "booking_revision", "id": revision_id(sale), "attributes": attributes}


def _room(sale: Sale, number: int, room: SoldRoom) -> Json:
    tax = sum(night.tax_minor for night in room.nights)
    return {
        "booking_room_id": f"{revision_id(sale)}-{number}",
        "ota_unique_id": room.ref,
        "room_type_id": None if room.room_type.startswith(UNMAPPED) else room.room_type,
        "rate_plan_id": None if room.rate_plan.startswith(UNMAPPED) else room.rate_plan,
        "checkin_date": room.arrival_on.isoformat(),
        "checkout_date": room.departure_on.isoformat(),
        "amount": major(room.total_minor, sale.currency),
        "days": {night.stay_on.isoformat(): major(night.price_minor, sale.currency) for night in room.nights},
        "occupancy": _occupancy([room]),
        "guests": [{"name": sale.first_name, "surname": sale.last_name}],
        "services": [],
        "taxes": [
            {"is_inclusive": True, "name": "VAT", "type": "tax", "total_price": major(tax, sale.currency), "nights": len(room.nights)}
        ] if tax else [],
        "meta": {
            "room_type_code": room.room_type.removeprefix(UNMAPPED),
            "rate_plan_code": room.rate_plan.removeprefix(UNMAPPED),
            "cancel_penalties": [],
        },
    }  # fmt: skip


def _occupancy(rooms: list[SoldRoom]) -> Json:
    ages = [age for room in rooms for age in room.child_ages]
    told = {"adults": sum(room.adults for room in rooms), "children": len(ages), "infants": 0}
    return told | ({"ages": ages} if ages else {})


def _customer(sale: Sale) -> Json:
    return {
        "name": sale.first_name, "surname": sale.last_name, "mail": sale.email, "phone": sale.phone,
        "country": sale.country, "language": "en", "zip": None, "city": None, "address": None, "company": None,
    }  # fmt: skip


def _guarantee(sale: Sale) -> Json | None:
    """Mask the card, as everywhere but at the vendor's secure address."""
    if not sale.card_number:
        return None
    told = {
        "card_number": f"{sale.card_number[:6]}******{sale.card_number[-4:]}",
        "card_type": "VI",
        "cardholder_name": f"{sale.first_name} {sale.last_name}",
        "cvv": "***",
        "expiration_date": f"{sale.card_expires[:2]}/20{sale.card_expires[2:]}",
        "is_virtual": sale.is_virtual,
    }
    if not sale.is_virtual:
        return told
    meta = {
        "virtual_card_currency_code": sale.currency,
        "virtual_card_current_balance": str(sale.total_minor),
        "virtual_card_decimal_places": str(exponent(sale.currency)),
        "virtual_card_effective_date": min(room.arrival_on for room in sale.rooms).isoformat(),
    }
    return told | {"meta": meta, "token": f"tok-{sale.ref}"}


def _booking_id(sale: Sale) -> str:
    return f"booking-{sale.ref}"
