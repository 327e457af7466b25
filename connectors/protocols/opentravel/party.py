"""Who stays: guests counted by age, and the persons a booking names."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from connectors.contacts import e164, is_relay
from connectors.protocols.opentravel.dialect import Dialect
from connectors.protocols.opentravel.places import elements
from connectors.protocols.opentravel.values import count, day, flag, unreadable
from connectors.protocols.opentravel.words import ADULT, CHILD, INFANT
from connectors.protocols.safe_xml import child, children, text, told
from connectors.reading import Reading
from hotel.countries import alpha_2
from hotel.guests import Guest, fold_name
from hotel.properties import Property

Element = Any  # lxml has no types of its own

_AGENT_PROFILES = frozenset({"4", "19"})
_COMPANY_PROFILES = frozenset({"3", "5", "6"})
_PHONES_FIRST = ("5", "1", None)  # mobile, voice, not told
_FAX = "3"
_COUNT = "GuestCount@Count"
_MOST_GUESTS = 999


class Counts(NamedTuple):
    """Guests by kind; `ages` of the children and infants, None where one of them is not told."""

    adults: int = 0
    children: int = 0
    infants: int = 0
    ages: tuple[int, ...] | None = ()
    is_age_code_unknown: bool = False


class Person(NamedTuple):
    """A guest of a booking: the RPH by which rooms name it, whether it is the first, and its profile, if it has one."""

    ref: str
    rph: str | None
    is_primary: bool
    customer: Element | None
    element: Element


def counts_of(holder: Element | None, dialect: Dialect) -> Counts | None:
    """Count the guests of a GuestCounts element; None where there is none or it is empty."""
    found = list(children(holder, "GuestCount")) if holder is not None else []
    return _counted([(told(each, "AgeQualifyingCode"), each) for each in found], dialect) if found else None


def counts_of_persons(persons: Sequence[Person], dialect: Dialect) -> Counts | None:
    """Count guests by name, where a room has no other count; a guest who counts for several says so."""
    told_of = [
        (told(person.element, "AgeQualifyingCode") or told(each, "AgeQualifyingCode"), each)
        for person in persons
        for each in [*elements("GuestCounts/GuestCount", person.element)] or [person.element]
    ]
    return _counted(told_of, dialect) if told_of else None


def persons_of(item: Element, source_ref: str) -> list[Person]:
    """List the guests that a booking names; one without an RPH of its own is known by its position."""
    found = list(elements("ResGuests/ResGuest", item))
    numbers = [told(each, "ResGuestRPH") for each in found]
    is_numbered = len(set(numbers)) == len(numbers) and all(number and number.isdecimal() for number in numbers)
    return [
        Person(
            f"{source_ref}:{number if is_numbered else position}",
            number,
            bool(flag(told(each, "PrimaryIndicator"))),
            next(filter(_is_somebody, _customers(each)), None),
            each,
        )
        for position, (each, number) in enumerate(zip(found, numbers, strict=True), 1)
    ]


def booker_of(item: Element) -> Element | None:
    """Give the Customer who booked, where the booking names one apart from its guests."""
    return next(filter(_is_somebody, _customers(child(item, "ResGlobalInfo"))), None)


def firms_of(item: Element) -> Iterator[tuple[str, str]]:
    """Yield the firms of a booking as (`agent` or `company`, code or name)."""
    for info in elements("ResGlobalInfo/Profiles/ProfileInfo", item):
        profile = child(info, "Profile")
        name = child(profile, "CompanyInfo", "CompanyName")
        ref = told(name, "Code") or (told(child(info, "UniqueID"), "ID") if name is not None else None) or text(name)
        if ref:
            yield "agent" if told(profile, "ProfileType") in _AGENT_PROFILES else "company", ref


def rphs_of(element: Element) -> list[str]:
    """List which guests an element names: as a list of numbers, as elements, or in its counts of guests."""
    holder = child(element, "ResGuestRPHs")
    if holder is not None:
        inside = [rph for each in children(holder, "ResGuestRPH") if (rph := told(each, "RPH") or text(each))]
        return inside or (text(holder) or "").split()
    return [rph for each in elements("GuestCounts/GuestCount", element) if (rph := told(each, "ResGuestRPH"))]


def guest(reading: Reading, house: Property, customer: Element, source_ref: str, *, is_vip: bool = False) -> Guest:
    """Make the profile of a customer."""
    first, last = _names(customer)
    email, phone = _email(customer), _phone(customer)
    full = " ".join(filter(None, (first, last))) or None
    country = _country(customer)
    return Guest(
        source=reading.codebook.source,
        property_id=house.property_id,
        source_ref=source_ref,
        kind="person",
        first_name=first or None,
        last_name=last or None,
        full_name=full,
        folded_name=full and fold_name(full),
        email=email,
        is_email_relay=is_relay(email),
        phone=e164(phone, country or house.country_code),
        phone_raw=phone,
        country_code=country,
        language_code=_language(customer),
        birth_on=day(told(customer, "BirthDate"), "Customer@BirthDate"),
        is_vip=is_vip or bool(flag(told(customer, "VIP_Indicator"))),
    )


def _counted(told_of: Sequence[tuple[str | None, Element]], dialect: Dialect) -> Counts:
    totals = {ADULT: 0, CHILD: 0, INFANT: 0}
    ages: list[int] | None = []
    is_unknown = False
    for code, each in told_of:
        number = count(told(each, "Count"), _COUNT)
        age = count(told(each, "Age"), "GuestCount@Age")
        kind = dialect.age_codes.get(code) if code else None
        if kind is None:
            is_unknown = is_unknown or code is not None
            kind = ADULT if age is None or age >= dialect.adult_age else CHILD
        people = 1 if number is None else number
        if people > _MOST_GUESTS:
            raise unreadable(_COUNT, people)
        totals[kind] += people
        if kind != ADULT and ages is not None:
            ages = [*ages, *[age] * people] if age is not None else None
    return Counts(totals[ADULT], totals[CHILD], totals[INFANT], None if ages is None else tuple(ages), is_unknown)


def _is_somebody(customer: Element) -> bool:
    """Tell whether a profile has a name or a way to reach its guest."""
    return bool(any(_names(customer)) or _email(customer) or _phone(customer))


def _names(customer: Element) -> tuple[str, str]:
    name = child(customer, "PersonName")
    if name is None:
        return "", ""
    first = " ".join(filter(None, (text(each) for each in children(name, "GivenName", "MiddleName"))))
    last = " ".join(filter(None, (text(child(name, "SurnamePrefix")), text(child(name, "Surname")))))
    return first, last


def _customers(holder: Element | None) -> Iterator[Element]:
    for profile in elements("Profiles/ProfileInfo/Profile", holder):
        customer = child(profile, "Customer")
        is_firm = told(profile, "ProfileType") in _AGENT_PROFILES | _COMPANY_PROFILES
        if customer is not None and not is_firm:
            yield customer


def _email(customer: Element) -> str | None:
    return next((said for each in children(customer, "Email") if (said := text(each))), None)


def _phone(customer: Element) -> str | None:
    found = {told(each, "PhoneTechType"): _number(each) for each in reversed(list(children(customer, "Telephone")))}
    wanted = [found.get(kind) for kind in _PHONES_FIRST]
    others = [number for kind, number in found.items() if kind != _FAX]
    return next((number for number in (*wanted, *others) if number), None)


def _number(phone: Element) -> str | None:
    number = told(phone, "PhoneNumber")
    if number is None:
        return None
    country, area = told(phone, "CountryAccessCode"), told(phone, "AreaCityCode")
    return f"+{country.lstrip('+0')}{area or ''}{number}" if country and not number.startswith("+") else number


def _country(customer: Element) -> str | None:
    """Give the country of citizenship, else of residence, in ISO 3166 alpha-2; a country's name is not guessed at."""
    citizen = child(customer, "CitizenCountryName")
    home = child(customer, "Address", "CountryName")
    told_codes = (told(citizen, "Code"), text(citizen), told(home, "Code"), text(home))
    return next((code for each in told_codes if each and (code := alpha_2(each.upper()))), None)


def _language(customer: Element) -> str | None:
    said = told(customer, "Language") or told(child(customer, "PersonName"), "Language")
    return said.lower() if said else None
