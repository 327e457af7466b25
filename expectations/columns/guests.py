"""What the suite of guests looks at. Personal values are read, never kept: each column here is a count, a day or a yes."""

from typing import Any, Final

import numpy as np
import pyarrow.compute as pc

from expectations.columns.arrays import Columns, Flags
from expectations.columns.cards import carries_card_number
from expectations.columns.stays import key_count
from expectations.facts import HouseFacts
from hotel.countries import COUNTRIES

KEY: Final = ("source", "property_id", "source_ref")
FLAGS: Final = ("is_email_relay", "is_vip", "is_active")
NAMES: Final = ("first_name", "last_name", "full_name")
TYPED_TEXTS: Final = (*NAMES, "email", "phone_raw", "vip_code")

_EMAIL: Final = r'^[^@\s"(),:;<>\[\]\\]{1,64}@(?:[^@\s.,"()<>]+\.)+[^@\s.,"()<>]{2,}$'
_E164: Final = r"^\+[1-9][0-9]{6,14}$"
# Numbers that people type to get past a form: one digit repeated, or counting up or down.
_PLACEHOLDER: Final = r"^\+?[0-9]{0,3}(?:0{6,}|1{6,}|2{6,}|3{6,}|4{6,}|5{6,}|6{6,}|7{6,}|8{6,}|9{6,}|0?123456(?:7(?:8(?:90?)?)?)?|987654321?0?)$"
# Addresses that a channel lends to a guest for one booking: not a person's, never a key for matching.
RELAYS: Final = (
    "guest.booking.com",
    "m.expediapartnercentral.com",
    "guest.airbnb.com",
    "reply.airbnb.com",
    "guest.trip.com",
    "agoda-messaging.com",
    "messages.homeaway.com",
)
_RELAY: Final = r"@(?:[^@]+\.)?(?:" + "|".join(domain.replace(".", r"\.") for domain in RELAYS) + r")$"
_FIRST_BIRTH: Final = "1900-01-01"


def columns(told: Columns, facts: HouseFacts) -> dict[str, Any]:
    """Compute the judged columns, one row per guest profile."""
    phone = told.known("phone")
    born = told.days("birth_on")
    return {
        "kind": told.category("kind"),
        "key_count": key_count(told, *KEY),
        "is_complete": told.is_complete(texts=KEY, values=FLAGS),
        "has_name": ~np.logical_and.reduce([told.is_blank(name) for name in NAMES]),
        "is_email_valid": _matches(told, "email", _EMAIL, unknown=True),
        "is_relay_marked": told.flag("is_email_relay") | ~_matches(told, "email", _RELAY, unknown=False),
        # A number that could not be read is kept as it was typed, without its international form.
        "is_phone_valid": np.where(phone, _matches(told, "phone", _E164, unknown=False), told.is_blank("phone_raw")),
        "is_phone_real": ~_matches(told, "phone", _PLACEHOLDER, unknown=False),
        "has_two_letter_country": _matches(told, "country_code", r"^[A-Z]{2}$", unknown=True),
        "is_country_known": told.is_in("country_code", COUNTRIES) | ~told.known("country_code"),
        "is_birth_possible": ~((born > _day(facts.today)) | (born < _day(_FIRST_BIRTH))),
        "carries_card_number": carries_card_number(told, TYPED_TEXTS),
    }


def _matches(told: Columns, name: str, pattern: str, *, unknown: bool) -> Flags:
    found = pc.match_substring_regex(told.array(name), pattern, ignore_case=False).fill_null(unknown)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)


def _day(day: Any) -> float:
    return float(np.datetime64(day, "D").astype(np.int64))
