"""Whatever stands in any attribute or text of a message: a row or a refusal comes of it, never a fault."""

import copy
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors.errors import ConnectorError
from connectors.ports import MappingPlace
from connectors.protocols.opentravel.ari import ari
from connectors.protocols.opentravel.dialect import STANDARD
from connectors.protocols.opentravel.outcomes import outcome
from connectors.protocols.opentravel.reading import map_reservations
from connectors.protocols.opentravel.splitting import split
from connectors.protocols.safe_xml import Element, serialised
from hotel.incoming import Incoming, Refused
from tests.unit.connectors.opentravel.told_bookings import BOOK, NUMBER, booking, message, stay

RICH = message(
    booking(
        stay(
            '<RatePlans><RatePlan RatePlanCode="BAR"><Commission Percent="15"><FlatCommission Amount="5.00"/></Commission>'
            '<MealsIncluded MealPlanCodes="3"/></RatePlan></RatePlans><RoomRates><RoomRate RoomTypeCode="STD" NumberOfUnits="1"'
            ' RatePlanCode="BAR" EffectiveDate="2026-05-01" ExpireDate="2026-05-03"><Rates><Rate EffectiveDate="2026-05-01"'
            ' ExpireDate="2026-05-03" UnitMultiplier="2" RateTimeUnit="Day"><Base AmountBeforeTax="90.00" AmountAfterTax="100.00"'
            ' CurrencyCode="EUR" DecimalPlaces="2"><Taxes Amount="10.00"><Tax Code="36" Type="Inclusive" Percent="10"'
            ' Amount="10.00" CurrencyCode="EUR"/></Taxes></Base><Fees><Fee Amount="1.00" Code="12"/></Fees></Rate></Rates>'
            '</RoomRate></RoomRates><GuestCounts IsPerRoom="true"><GuestCount AgeQualifyingCode="8" Age="7" Count="2"/>'
            '</GuestCounts><Total AmountAfterTax="200.00" CurrencyCode="EUR"/><ResGuestRPHs>1</ResGuestRPHs>'
            '<ServiceRPHs><ServiceRPH RPH="1"/></ServiceRPHs>',
            attributes='IndexNumber="1" RoomStayStatus="Reserved"',
        ),
        number=NUMBER,
        attributes='CreateDateTime="2026-03-01T10:00:00Z" LastModifyDateTime="2026-03-02T10:00:00Z" ResStatus="Book"',
        more=(
            '<Services><Service ServiceRPH="1" ServicePricingType="Per night" Quantity="2"><Price><Base AmountAfterTax="5.00"'
            ' CurrencyCode="EUR"/></Price><ServiceDetails><TimeSpan Start="2026-05-01" Duration="P2D"/></ServiceDetails></Service>'
            '</Services><ResGuests><ResGuest ResGuestRPH="1" PrimaryIndicator="true" ArrivalTime="18:00:00"><Profiles>'
            '<ProfileInfo><Profile><Customer BirthDate="1980-01-01" Language="de"><PersonName><GivenName>Ada</GivenName>'
            '<Surname>Roe</Surname></PersonName><Telephone PhoneNumber="212345678" CountryAccessCode="351"/>'
            '<Email>ada@example.com</Email><Address><CountryName Code="PT"/></Address></Customer></Profile></ProfileInfo>'
            "</Profiles></ResGuest></ResGuests>"
        ),
        info=(
            '<Fees><Fee Amount="22.50" Code="12" ChargeFrequency="1"/></Fees><Total AmountAfterTax="200.00" CurrencyCode="EUR"/>'
            '<Guarantee GuaranteeType="Deposit"><GuaranteesAccepted><GuaranteeAccepted GuaranteeTypeCode="43"><PaymentCard'
            ' EffectiveDate="0526" ExpireDate="0228" CardNumber="[card …1111]"/></GuaranteeAccepted></GuaranteesAccepted>'
            '</Guarantee><CancelPenalties><CancelPenalty><Deadline AbsoluteDeadline="2026-04-30T18:00:00Z"/></CancelPenalty>'
            '</CancelPenalties><HotelReservationIDs><HotelReservationID ResID_Type="13" ResID_Value="OTA-9"'
            ' ResID_Source="Trips"/></HotelReservationIDs>'
        ),
    ),
    before='<POS><Source ISOCurrency="EUR"/></POS>',
)
NAUGHTY = (
    "", " ", "0", "-1", "1.5", "9" * 40, "1e400", "NaN", "Infinity", "0x1F", "1_000", "٣", "null", "true", "9999-12-31",
    "0000-00-00", "0001-01-01", "2026-02-30", "2026-05-01T25:61:00", "9999-12-31T23:59:59+14:00", "24:00", "P9999999D", "P1Y",
    "P", "1399", "';--", "{0.__class__}", "\u202e", "\ud7ff" * 300, "XXX", "eur", "../..", "[Type=14]", "%s",
)  # fmt: skip
PLACE = MappingPlace("i:7", 0, "city-hotel")


def rows(body: bytes, *, scaled: bool = False) -> list[Incoming | Refused]:
    dialect = STANDARD._replace(decimal_places="scales" if scaled else "informs", price_absent="zero")
    return list(map_reservations(body, BOOK, PLACE, dialect))


def spots() -> Iterator[tuple[int, str | None]]:
    """Name every attribute and every text of the rich message."""
    for number, element in enumerate(etree.fromstring(RICH).iter()):
        for name in element.attrib:
            yield number, name
        if element.text:
            yield number, None


def changed(root: Element, number: int, name: str | None, value: str | None) -> bytes:
    root = copy.deepcopy(root)
    element = list(root.iter())[number]
    if name is None:
        element.text = value
    elif value is None:
        del element.attrib[name]
    else:
        element.set(name, value)
    return serialised(root)


def test_the_rich_message_is_read_without_a_remark() -> None:
    found = rows(RICH)

    assert [type(row) for row in found] == [Incoming, Incoming]
    assert isinstance(found[0], Incoming)
    assert found[0].warnings == ()


@pytest.mark.parametrize("spot", list(spots()), ids=str)
def test_nothing_that_may_stand_at_one_place_is_a_fault(spot: tuple[int, str | None]) -> None:
    root = etree.fromstring(RICH)

    for value in (*NAUGHTY, None):
        for scaled in (False, True):
            found = rows(changed(root, *spot, value), scaled=scaled)
            assert found
            assert all(row.reasons for row in found if isinstance(row, Refused))


@given(st.lists(st.tuples(st.sampled_from(list(spots())), st.sampled_from(NAUGHTY)), min_size=2, max_size=6))
@settings(max_examples=300, deadline=None)
def test_nothing_that_may_stand_at_several_places_is_a_fault(changes: list[tuple[tuple[int, str | None], str]]) -> None:
    body = RICH
    for (number, name), value in changes:
        body = changed(etree.fromstring(body), number, name, value)

    assert rows(body)
    assert split(body, STANDARD)


@given(st.integers(0, len(RICH)), st.integers(0, len(RICH)), st.binary(max_size=20))
@settings(max_examples=200, deadline=None)
def test_bytes_torn_out_are_told_by_one_name(start: int, end: int, put: bytes) -> None:
    body = RICH[: min(start, end)] + put + RICH[max(start, end) :]

    for reader in (rows, outcome, ari, lambda each: split(each, STANDARD)):
        try:
            reader(body)
        except ConnectorError as error:
            told = str(error)
        else:
            told = ""
        assert "ada@example.com" not in told


def test_every_element_may_be_missing() -> None:
    for number in range(1, len(list(etree.fromstring(RICH).iter()))):
        root = etree.fromstring(RICH)
        element = list(root.iter())[number]
        element.getparent().remove(element)
        body = serialised(root)
        if b"<HotelReservations" in body:
            assert rows(body) or b"<HotelReservation " not in body
