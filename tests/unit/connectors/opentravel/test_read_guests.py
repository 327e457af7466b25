"""Who comes: profiles of any script, tied to booking and rooms, and guests counted by age."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotel.incoming import Incoming
from tests.unit.connectors.opentravel.told_bookings import (
    booking,
    guests,
    incoming,
    mapped,
    message,
    read,
    reason,
    room,
    stay,
)


def customer(first: str = "Zoë", last: str = "Müller-Lüdenscheidt", inside: str = "", attributes: str = "") -> str:
    name = f"<PersonName><GivenName>{first}</GivenName><Surname>{last}</Surname></PersonName>"
    return f"<Profiles><ProfileInfo><Profile><Customer {attributes}>{name}{inside}</Customer></Profile></ProfileInfo></Profiles>"


def guest(rph: str = "", profile: str | None = None, more: str = "", attributes: str = "") -> str:
    number = f'ResGuestRPH="{rph}"' if rph else ""
    return f"<ResGuest {number} {attributes}>{customer() if profile is None else profile}{more}</ResGuest>"


def party(*told: str) -> str:
    return f"<ResGuests>{''.join(told)}</ResGuests>"


@pytest.mark.parametrize(
    ("first", "last"),
    [("Zoë", "Müller"), ("สมชาย", "ใจดี"), ("太郎", "山田"), ("Ana Lucía", "O'Neil"), ("فاطمة", "الزهراء")],
)
def test_names_of_any_script_stay_and_are_folded_for_comparison(first: str, last: str) -> None:
    (found,) = guests(booking(more=party(guest(profile=customer(first, last)))))

    assert (found.first_name, found.last_name, found.full_name) == (first, last, f"{first} {last}")
    assert found.folded_name


def test_a_profile_tells_all_it_knows() -> None:
    inside = (
        '<Telephone PhoneTechType="3" PhoneNumber="+4934567892"/><Telephone PhoneTechType="5" PhoneNumber="+4915112345678"/>'
        "<Email>zoe@guest.booking.com</Email><Address><CountryName Code='FRA'/></Address><CitizenCountryName Code='DE'/>"
    )

    (found,) = guests(
        booking(more=party(guest(profile=customer(inside=inside, attributes='BirthDate="1980-02-03" Language="DE"'))))
    )

    assert (found.source_ref, found.kind, found.email, found.is_email_relay) == (
        "R1:1",
        "person",
        "zoe@guest.booking.com",
        True,
    )
    assert (found.phone, found.country_code, found.language_code) == ("+4915112345678", "DE", "de")
    assert str(found.birth_on) == "1980-02-03"


@pytest.mark.parametrize(
    ("phone", "raw", "number"),
    [
        ('PhoneNumber="212345678"', "212345678", "+351212345678"),
        ('CountryAccessCode="49" AreaCityCode="30" PhoneNumber="123456"', "+4930123456", "+4930123456"),
        ('PhoneNumber="ask at the desk"', "ask at the desk", None),
    ],
)
def test_phones_are_read_by_the_country_of_the_house(phone: str, raw: str, number: str | None) -> None:
    (found,) = guests(booking(more=party(guest(profile=customer(inside=f"<Telephone {phone}/>")))))

    assert (found.phone_raw, found.phone) == (raw, number)


def test_the_country_of_an_address_counts_where_no_citizenship_is_told_and_a_name_is_no_code() -> None:
    home = "<Address><CountryName Code='at'>Austria</CountryName></Address>"
    named = "<Address><CountryName>Atlantis</CountryName></Address>"

    assert [each.country_code for each in guests(booking(more=party(guest(profile=customer(inside=home)))))] == ["AT"]
    assert [each.country_code for each in guests(booking(more=party(guest(profile=customer(inside=named)))))] == [None]


def test_a_profile_without_name_and_address_is_nobody() -> None:
    assert guests(booking(more=party(guest(profile=""), guest(profile=customer("", ""))))) == []


def test_nobody_is_tied_to_a_booking_who_has_no_profile() -> None:
    nameless = guest("1", profile=customer("", ""), attributes='PrimaryIndicator="true"')

    found = read(booking(more=party(nameless, guest("2")), info=customer("", "")))

    assert (found.booker_guest_ref, found.primary_guest_ref, found.rooms[0].occupant_guest_ref) == (
        None,
        "R1:2",
        "R1:2",
    )
    assert found.adult_count == 2


@pytest.mark.parametrize("rph", ["booker", "1a"])
def test_a_guest_whose_number_is_none_is_known_by_its_place(rph: str) -> None:
    assert [each.source_ref for each in guests(booking(more=party(guest(rph), guest("2"))))] == ["R1:1", "R1:2"]


def test_an_hour_of_arrival_that_is_none_is_not_known() -> None:
    assert room(booking(more=party(guest("1", attributes='ArrivalTime="late"')))).arrival_time is None


def test_rows_come_booking_first_each_with_its_place() -> None:
    told = booking(more=party(guest("1"), guest("2")), info=customer("Ada", "Booker"))

    rows = mapped(message(told, told.replace('"R1"', '"R2"')))

    assert [row.raw_ref for row in rows] == [f"i:7:{n}" for n in range(8)]
    assert [getattr(row.row, "source_ref", "") for row in rows if isinstance(row, Incoming)] == [
        "R1", "R1:booker", "R1:1", "R1:2", "R2", "R2:booker", "R2:1", "R2:2",
    ]  # fmt: skip


def test_guests_share_the_version_of_their_booking() -> None:
    told = booking(attributes='LastModifyDateTime="2026-04-01T10:00:00Z"', more=party(guest()))

    versions = {row.source_version for row in mapped(message(told)) if isinstance(row, Incoming)}

    assert len(versions) == 1
    assert None not in versions


def test_who_booked_is_told_apart_from_who_stays() -> None:
    both = read(
        booking(
            more=party(guest("1"), guest("2", attributes='PrimaryIndicator="true"')), info=customer("Ada", "Booker")
        )
    )
    alone = read(booking(info=customer("Ada", "Booker")))
    staying = read(booking(more=party(guest())))

    assert (both.booker_guest_ref, both.primary_guest_ref) == ("R1:booker", "R1:2")
    assert (alone.booker_guest_ref, alone.primary_guest_ref) == ("R1:booker", "R1:booker")
    assert (staying.booker_guest_ref, staying.primary_guest_ref) == (None, "R1:1")


def test_agents_and_companies_are_no_guests() -> None:
    def firm(kind: str, name: str) -> str:
        return f'<ProfileInfo><UniqueID Type="5" ID="IATA-7"/><Profile ProfileType="{kind}"><CompanyInfo>{name}</CompanyInfo></Profile></ProfileInfo>'

    info = f"<Profiles>{firm('4', '<CompanyName>Blue Travel</CompanyName>')}{firm('3', '<CompanyName Code=&quot;ACME&quot;/>').replace('&quot;', chr(34))}</Profiles>"

    found = read(booking(info=info))

    assert (found.agent_ref, found.company_ref, found.booker_guest_ref) == ("IATA-7", "ACME", None)
    assert guests(booking(info=info)) == []


def rooms_with(*rphs: str) -> list[str | None]:
    stays = [stay(f"<Total AmountAfterTax='1' CurrencyCode='EUR'/>{each}") for each in rphs]
    return [
        each.occupant_guest_ref for each in read(booking(*stays, more=party(guest("1"), guest("2"), guest("3")))).rooms
    ]


def test_guests_are_put_into_the_rooms_that_name_them() -> None:
    listed = rooms_with("<ResGuestRPHs>2 1</ResGuestRPHs>", "<ResGuestRPHs><ResGuestRPH RPH='3'/></ResGuestRPHs>")
    counted = rooms_with('<GuestCounts><GuestCount Count="1" ResGuestRPH="3"/></GuestCounts>', "")

    assert listed == ["R1:1", "R1:3"]
    assert counted == ["R1:3", None]


def test_the_first_guest_of_several_units_sleeps_in_the_first() -> None:
    told = stay().replace("<RoomType ", '<RoomType NumberOfUnits="2" ')

    found = read(
        booking(told, more=party(guest("1"), guest("2", attributes='PrimaryIndicator="1" ArrivalTime="18:30:00"')))
    )

    assert [each.occupant_guest_ref for each in found.rooms] == ["R1:2", "R1:1"]
    assert [each.arrival_time for each in found.rooms] == [time(18, 30), None]


def counts(content: str, attributes: str = "") -> str:
    return f"<Total AmountAfterTax='1' CurrencyCode='EUR'/><GuestCounts {attributes}>{content}</GuestCounts>"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('<GuestCount AgeQualifyingCode="10" Count="2"/>', (2, 0, 0, None)),
        (
            '<GuestCount AgeQualifyingCode="10" Count="2"/><GuestCount AgeQualifyingCode="8" Count="2" Age="7"/>',
            (2, 2, 0, (7, 7)),
        ),
        ('<GuestCount AgeQualifyingCode="10"/><GuestCount AgeQualifyingCode="7" Count="1" Age="1"/>', (1, 0, 1, (1,))),
        ('<GuestCount Count="2"/><GuestCount Count="1" Age="9"/><GuestCount Count="1" Age="3"/>', (2, 2, 0, (9, 3))),
        ('<GuestCount Count="1" Age="18"/><GuestCount AgeQualifyingCode="8" Count="1"/>', (1, 1, 0, None)),
        (
            '<GuestCount AgeQualifyingCode="11" Count="1"/><GuestCount AgeQualifyingCode="19" Count="1" Age="15"/>',
            (1, 1, 0, (15,)),
        ),
    ],
)
def test_guests_are_counted_by_code_else_by_age(
    content: str, told: tuple[int, int, int, tuple[int, ...] | None]
) -> None:
    found = room(booking(stay(counts(content))))

    assert (found.adult_count, found.child_count, found.infant_count, found.child_ages) == told
    assert {(night.adult_count, night.child_count) for night in found.nights} == {told[:2]}


def test_an_age_code_nobody_knows_is_noted_and_may_be_explained() -> None:
    told = booking(stay(counts('<GuestCount AgeQualifyingCode="99" Count="1"/>')))

    assert "age_code_unknown" in incoming(told).warnings
    assert room(told).adult_count == 1
    assert room(told, {"age_codes": {"99": "infant"}}).infant_count == 1
    assert room(booking(stay(counts('<GuestCount Count="1" Age="16"/>'))), {"adult_age": 16}).adult_count == 1


@pytest.mark.parametrize("number", ["1000", "-1", "two", "999999999999"])
def test_a_count_of_guests_that_cannot_be_meant_is_refused(number: str) -> None:
    assert (
        reason(booking(stay(counts(f'<GuestCount AgeQualifyingCode="8" Count="{number}" Age="3"/>')))) == "unreadable"
    )


def units_with(attributes: str, **settings: object) -> list[int | None]:
    told = stay(counts('<GuestCount AgeQualifyingCode="10" Count="5"/>', attributes))
    found = read(booking(told.replace("<RoomType ", '<RoomType NumberOfUnits="2" ')), settings)
    return [each.adult_count for each in found.rooms]


def test_counts_beside_several_units_are_for_each_or_for_all_as_told() -> None:
    assert units_with('IsPerRoom="true"') == [5, 5]
    assert units_with('IsPerRoom="false"') == units_with("") == [3, 2]
    assert units_with('IsPerRoom="false"', guests_per_room=True) == [5, 5]


def test_guests_by_name_are_counted_where_nobody_counts_them() -> None:
    child = guest("3", attributes='AgeQualifyingCode="8" Age="6"')
    pair = guest("2", more='<GuestCounts><GuestCount Count="2"/></GuestCounts>', attributes='AgeQualifyingCode="10"')

    found = read(booking(more=party(guest("1"), pair, child)))

    assert (found.adult_count, found.child_count, found.rooms[0].child_ages) == (3, 1, (6,))


def test_counts_of_the_booking_are_those_of_its_rooms_else_its_own() -> None:
    two = [stay(counts(f'<GuestCount AgeQualifyingCode="10" Count="{n}"/>')) for n in (1, 2)]
    own = '<GuestCounts><GuestCount AgeQualifyingCode="10" Count="4"/></GuestCounts>'

    assert read(booking(*two, info=own)).adult_count == 3
    assert read(booking(stay(), stay(), info=own)).adult_count == 4
    assert read(booking(stay(), stay())).adult_count is None


@given(st.lists(st.tuples(st.sampled_from(("10", "8", "7")), st.integers(1, 9)), min_size=1, max_size=9))
def test_nobody_is_lost_in_counting(told: list[tuple[str, int]]) -> None:
    content = "".join(f'<GuestCount AgeQualifyingCode="{code}" Count="{number}"/>' for code, number in told)

    found = room(booking(stay(counts(content))))

    assert sum(filter(None, (found.adult_count, found.child_count, found.infant_count))) == sum(n for _, n in told)
