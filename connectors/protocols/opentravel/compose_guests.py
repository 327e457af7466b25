"""Guests of a booking as ResGuests, and whoever booked, sold or pays as profiles."""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Final

from connectors.protocols.opentravel.compose_xml import Element, add, printable
from hotel.guests import Guest

# Of the code list PRT.
CUSTOMER: Final = "1"
TRAVEL_AGENT: Final = "4"
COMPANY: Final = "3"
_MOST_REFS: Final = 8
_LONGEST_CODE: Final = 16


def numbered(guests: Sequence[Guest], apart: str | None = None) -> Mapping[str, str]:
    """Give each guest but the one apart the number other elements point to: that of its reference, else its place."""
    told: dict[str, str] = {}
    for position, guest in enumerate((guest for guest in guests if guest.source_ref != apart), 1):
        number = guest.source_ref.rpartition(":")[2]
        is_number = number.isdecimal() and number.isascii() and len(number) <= _MOST_REFS
        told[guest.source_ref] = number if is_number and number not in told.values() else str(position)
    return told


def add_guests(
    parent: Element,
    guests: Sequence[Guest],
    numbers: Mapping[str, str],
    primary_ref: str | None,
    arrivals: Mapping[str, time],
) -> None:
    """Append ResGuests: those who stay, the first of them marked, with the hour at which their rooms expect them."""
    staying = [guest for guest in guests if guest.source_ref in numbers]
    held = add(parent, "ResGuests") if staying else None
    for guest in staying:
        told = add(
            held,
            "ResGuest",
            ResGuestRPH=numbers[guest.source_ref],
            ArrivalTime=arrivals.get(guest.source_ref),
            PrimaryIndicator=True if guest.source_ref == primary_ref else None,
        )
        add_profile(add(told, "Profiles"), guest)


def add_profile(parent: Element, guest: Guest) -> None:
    """Append one guest as a customer profile."""
    profile = add(add(parent, "ProfileInfo"), "Profile", ProfileType=CUSTOMER)
    customer = add(
        profile,
        "Customer",
        BirthDate=guest.birth_on,
        VIP_Indicator=True if guest.is_vip else None,
        Language=guest.language_code,
    )
    _add_name(customer, guest)
    phone = guest.phone_raw or guest.phone
    if phone:
        add(customer, "Telephone", PhoneNumber=printable(phone))
    if guest.email:
        add(customer, "Email", guest.email)
    if guest.country_code:
        add(add(customer, "Address"), "CountryName", Code=guest.country_code)


def add_firm(parent: Element, kind: str, ref: str) -> None:
    """Append a company or an agency by its code, which is its name where it is too long for one."""
    profile = add(add(parent, "ProfileInfo"), "Profile", ProfileType=kind)
    is_code = len(ref) <= _LONGEST_CODE
    add(add(profile, "CompanyInfo"), "CompanyName", None if is_code else ref, Code=ref if is_code else None)


def _add_name(customer: Element, guest: Guest) -> None:
    if not (guest.first_name or guest.last_name or guest.full_name):
        return
    name = add(customer, "PersonName")
    if guest.first_name:
        add(name, "GivenName", guest.first_name)
    # The standard knows no person without a surname.
    add(name, "Surname", guest.last_name or ("" if guest.first_name else guest.full_name))
