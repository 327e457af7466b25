"""Phones and e-mail addresses as sources write them. Syntax only: the gate judges, nobody is looked up."""

import re
from functools import lru_cache
from typing import Final

import phonenumbers

# Addresses an OTA forwards for the length of a stay: good for a message, never to know a guest by.
RELAY_DOMAINS: Final = frozenset(
    {
        "guest.booking.com",
        "property.booking.com",
        "m.expediapartnercentral.com",
        "guest.airbnb.com",
        "agoda-messaging.com",
        "guest.trip.com",
        "guest.hostelworld.com",
        "messages.homeaway.com",
        "messages.vrbo.com",
    }
)
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}").fullmatch


def e164(raw: str | None, region: str | None) -> str | None:
    """Give a phone number in E.164, None where it is none; `region` (ISO 3166 alpha-2) reads national numbers."""
    if raw is None:
        return None
    return raw if _E164(raw) else _parsed(raw, region)


@lru_cache(maxsize=16_384)
def _parsed(raw: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def is_relay(email: str | None) -> bool:
    """Tell whether an address only forwards to a guest whom its channel keeps to itself."""
    return email is not None and email[email.rfind("@") + 1 :].lower() in RELAY_DOMAINS
