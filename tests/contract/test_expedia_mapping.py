"""Bookings of Expedia in our language: money, people, cards, cancellations, and what is refused."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from connectors.errors import VendorChangedShape
from connectors.expedia.connector import CONNECTOR as THIS
from hotel.codebook import Codebook
from hotel.guests import Guest
from hotel.incoming import CANCEL, Incoming, Reason, Refused, UnmappedCode
from hotel.reservations import NightTax, Reservation, Room, VirtualCard
from tests.contract.expedia_messages import booking, cancelled, retrieved, stay
from tests.contract.suites import BOOK, CITY, PLACE

CARD = (
    '<PaymentCard cardCode="MC" cardNumber="[card …1234]" expireDate="0430" seriesCode="[cvv]" {more}>'
    '<CardHolder name="Expedia VirtualCard"/></PaymentCard>'
)
PAID_IN_DOLLARS = (
    '<PaymentMethod>VirtualCard</PaymentMethod><Payment amount="232.00" currencyCode="USD" model="{model}"/>'
)


@dataclass(frozen=True)
class Told:
    rows: list[Incoming | Refused]

    @property
    def first(self) -> Incoming:
        assert isinstance(self.rows[0], Incoming)
        return self.rows[0]

    @property
    def reservation(self) -> Reservation:
        assert isinstance(self.first.row, Reservation)
        return self.first.row

    @property
    def room(self) -> Room:
        (room,) = self.reservation.rooms
        return room

    @property
    def refusal(self) -> Refused:
        (refused,) = self.rows
        assert isinstance(refused, Refused)
        return refused


def read(*bookings: str, book: Codebook = BOOK) -> Told:
    assert THIS.messages is not None
    return Told(list(THIS.messages(retrieved(*bookings), book, PLACE)))


def test_a_booking_is_one_room_with_its_nights_and_adds_up() -> None:
    told = read(booking(7))

    assert told.reservation[:8] == (
        "sandbox_pms",
        "city-hotel",
        "7",
        "confirmed",
        date(2026, 3, 1),
        date(2026, 3, 3),
        "EUR",
        24200,
    )
    assert [(night.price_minor, night.tax_minor, night.is_tax_included) for night in told.room.nights] == [
        (10000, 1000, False),
        (12000, 1200, False),
    ]
    assert sum(night.price_minor + (night.tax_minor or 0) for night in told.room.nights) == told.room.total_minor
    assert (told.room.room_ref, told.room.raw_room_code, told.room.raw_rate_code) == ("1", "STD", "BAR")
    assert (told.reservation.channel_code, told.reservation.channel_ref) == ("Expedia", "7")


def test_the_version_is_the_moment_of_the_transaction() -> None:
    made_at = datetime(2026, 2, 28, 10, tzinfo=UTC)

    told = read(booking(7)).first

    assert told.source_updated_at == made_at
    assert told.source_version == int(made_at.timestamp()) * 1_000_000


def test_only_a_new_booking_says_when_it_was_booked() -> None:
    assert read(booking(7)).reservation.booked_on == date(2026, 2, 28)
    assert read(booking(7, kind="Modify")).reservation.booked_at is None


def test_a_cancel_changes_status_and_time_whatever_zeros_and_years_it_bears() -> None:
    told = read(cancelled(7))

    assert told.rows == [told.first], "no guest beside it"
    assert told.first.action == CANCEL
    assert told.reservation == Reservation(
        source="sandbox_pms",
        property_id="city-hotel",
        source_ref="7",
        status="cancelled",
        arrival_on=None,
        departure_on=None,
        currency=None,
        total_minor=None,
        rooms=(),
        is_inventory_held=False,
        cancelled_at=datetime(2026, 2, 28, 11, tzinfo=UTC),
        cancelled_on=date(2026, 2, 28),
        channel_code="Expedia",
        channel_ref="7",
    )


def test_a_local_cancellation_date_is_the_hotels() -> None:
    assert read(cancelled(7, made_at="2026-07-01T23:30:00Z")).reservation.cancelled_on == date(2026, 7, 2)


def test_fees_for_further_people_are_in_the_price_and_the_service_charge_beside_it() -> None:
    room = stay(
        ("155.00", "155.00"),
        total="440.00",
        taxes="60.00",
        night_more='extraPersonFees="25.00" hotelServiceFees="10.00"',
    )

    told = read(booking(room=room))

    assert [night.price_minor for night in told.room.nights] == [18000, 18000]
    assert told.room.nights[0].taxes == (
        NightTax("total_tax", False, 3000, "EUR"),  # noqa: FBT003
        NightTax("service_charge", False, 1000, "EUR"),  # noqa: FBT003
    )
    assert sum(night.price_minor + (night.tax_minor or 0) for night in told.room.nights) == told.room.total_minor
    assert told.room.tax_minor == 8000


@pytest.mark.parametrize(("taxes", "total"), [("0.00", "220.00"), (None, "220.00")])
@pytest.mark.parametrize("house", [True, False, None])
def test_a_rate_beside_no_tax_is_what_the_house_says(taxes: str | None, total: str, house: bool | None) -> None:
    book = BOOK._replace(properties={"city-hotel": CITY._replace(is_price_tax_included=house)})

    told = read(booking(room=stay(total=total, taxes=taxes)), book=book)

    assert {night.is_tax_included for night in told.room.nights} == {house}


def test_a_tax_that_does_not_divide_adds_up_all_the_same() -> None:
    told = read(booking(room=stay(("10.00",) * 3, total="31.00", taxes="1.00")))

    assert [night.tax_minor for night in told.room.nights] == [34, 33, 33]


def test_a_total_alone_is_spread_and_says_so() -> None:
    told = read(booking(room=stay((), total="100.01", taxes=None, departure="2026-03-04")))

    assert [(night.price_minor, night.is_price_derived) for night in told.room.nights] == [
        (3334, True),
        (3334, True),
        (3333, True),
    ]


def test_money_is_exact_in_its_currency() -> None:
    told = read(booking(room=stay(("12000",), total="13200.00", taxes="1200.00", currency='currency="JPY"')))

    assert (told.room.nights[0].price_minor, told.room.total_minor) == (12000, 13200)


def test_who_collects_stands_behind_the_rate_plan_or_before_the_brand() -> None:
    hotel, brand, channel = (
        read(each).reservation
        for each in (booking(room=stay(plan="9A")), booking(source="A-Hotels.com"), booking(source="Hotels.com"))
    )

    assert (hotel.collect, hotel.commission_model) == ("property", "hotel_collect")
    assert (brand.collect, brand.channel_code) == ("property", "Hotels.com")
    assert (channel.collect, channel.commission_model) == ("channel", "net_bank")


def test_a_plan_mapped_without_its_mark_counts_for_both() -> None:
    codes = {("*", "rate_plan", "9"): "flexible"}
    book = BOOK._replace(as_is=frozenset(), codes=codes)

    told = read(booking(room=stay(plan="9A")), book=book)
    own = read(
        booking(room=stay(plan="9A")), book=book._replace(codes=codes | {("*", "rate_plan", "9A"): "hotel_flex"})
    )

    assert (told.room.rate_plan_code, told.room.raw_rate_code) == ("flexible", "9A")
    assert own.room.rate_plan_code == "hotel_flex"
    assert {code.field for code in told.first.unmapped} == {"room_type", "channel"}


def test_a_virtual_card_in_another_currency_than_the_rates_says_what_may_be_charged_when() -> None:
    card = PAID_IN_DOLLARS.format(model="Gross") + CARD.format(more='cardActivation="2026-02-28T23:30:00-05:00"')

    told = read(booking(7, room=stay(after=card)))

    assert told.reservation.virtual_cards == (
        VirtualCard(
            card_ref="7:1",
            currency="USD",
            limit_minor=23200,
            activates_on=date(2026, 3, 1),
            expires_on=date(2026, 4, 2),
            last_four="1234",
            channel_ref="7",
            is_net=False,
        ),
    )
    assert told.reservation.currency == "EUR"
    assert told.reservation.commission_model == "gross_invoice"


def test_without_a_stated_activation_the_card_works_from_the_arrival_on() -> None:
    (card,) = read(booking(room=stay(after=CARD.format(more="")))).reservation.virtual_cards

    assert (card.activates_on, card.expires_on, card.limit_minor, card.is_net) == (
        date(2026, 3, 1),
        date(2026, 4, 2),
        None,
        None,
    )


def test_a_card_that_expires_earlier_than_thirty_days_after_the_stay_keeps_its_own_end() -> None:
    (card,) = read(booking(room=stay(after=CARD.format(more="").replace("0430", "0326")))).reservation.virtual_cards

    assert card.expires_on == date(2026, 3, 31)


def test_a_guests_own_card_is_no_virtual_card() -> None:
    told = read(booking(source="A-Expedia", room=stay(plan="9A", after=CARD.format(more=""))))

    assert told.reservation.virtual_cards == ()
    assert "1234" not in repr(told.rows)


def test_people_are_counted_and_children_keep_their_ages() -> None:
    people = '<GuestCount adult="2" child="2"><Child age="1"/><Child age="17"/></GuestCount>'

    room = read(booking(room=stay(people=people))).room

    assert (room.adult_count, room.child_count, room.child_ages) == (2, 2, (1, 17))
    assert read(booking()).room.child_ages is None


def test_promotions_are_kept_by_night() -> None:
    told = read(booking(room=stay(night_more='promoName="Early bird"')))

    assert {night.promotion_code for night in told.room.nights} == {"Early bird"}
    assert told.reservation.promotion_code == "Early bird"


def test_all_requests_reach_the_front_desk_and_only_wishes_are_counted() -> None:
    after = (
        '<RewardProgram code="AJ" number="49876"/>'
        '<SpecialRequest code="1.14">1 king bed</SpecialRequest><SpecialRequest code="2.1">Non-Smoking</SpecialRequest>'
        '<SpecialRequest code="3">1 of 2 rooms</SpecialRequest><SpecialRequest code="4">需要接机 谢谢</SpecialRequest>'
        '<SpecialRequest code="5">Collect from guest</SpecialRequest><SpecialRequest code="6">Spa</SpecialRequest>'
    )

    found = read(booking(after=after)).reservation

    lines = ["1 king bed", "Non-Smoking", "1 of 2 rooms", "需要接机 谢谢", "Collect from guest", "Spa", "AJ 49876"]
    assert (found.comment or "").split("\n") == lines
    assert found.special_request_count == 3


def test_the_guest_comes_beside_the_booking_and_is_tied_to_it() -> None:
    guest = (
        '<PrimaryGuest><Name givenName="明海" middleName="" surname="李"/>'
        '<Phone countryCode="351" cityAreaCode="21" number="3331234" extension="3"/>'
        "<Email>1a2b@m.expediapartnercentral.com</Email></PrimaryGuest>"
    )

    told = read(booking(7, guest=guest))
    profile = told.rows[1]

    assert isinstance(profile, Incoming)
    assert isinstance(profile.row, Guest)
    assert profile.row == Guest(
        source="sandbox_pms",
        property_id="city-hotel",
        source_ref="7:booker",
        kind="person",
        first_name="明海",
        last_name="李",
        full_name="明海 李",
        folded_name="明海 李",
        email="1a2b@m.expediapartnercentral.com",
        is_email_relay=True,
        phone="+351213331234",
        phone_raw="+351 21 3331234",
    )
    assert profile.source_version == told.first.source_version
    assert [row.raw_ref for row in told.rows] == ["p:7:1:0", "p:7:1:1"]
    assert {told.reservation.booker_guest_ref, told.reservation.primary_guest_ref, told.room.occupant_guest_ref} == {
        "7:booker"
    }


def test_a_middle_name_stands_with_the_first() -> None:
    profile = read(booking()).rows[1]

    assert isinstance(profile, Incoming)
    assert isinstance(profile.row, Guest)
    assert (profile.row.first_name, profile.row.full_name) == ("Jane Q.", "Jane Q. Roe")


def test_nobody_named_is_nobody_tied() -> None:
    told = read(booking(guest='<PrimaryGuest><Name givenName="" surname=""/></PrimaryGuest>'))

    assert len(told.rows) == 1
    assert told.reservation.primary_guest_ref is None


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (booking(kind="Hold"), Reason("status_unknown", "Booking.type", "Aaaa")),
        (booking(hotel="MARS"), Reason("property_unknown", "Hotel.id", "AAAA")),
        (booking(made_at="yesterday"), Reason("unreadable", "Booking.createDateTime", "aaaaaaaaa")),
        (booking(made_at="2026-02-28T10:00:00"), Reason("time_zone_missing", "Booking.createDateTime", "9999-99-99 99:99:99")),
        (booking(room=""), Reason("field_missing", "RoomStay", "")),
        (booking(room=stay(departure="2026-13-01")), Reason("unreadable", "StayDate.departure", "9999-99-99")),
        (booking(room=stay((), departure="2999-03-01")), Reason("stay_too_long", "departure", "9999-99-99")),
        (booking(room=stay(currency='currency="XQX"')), Reason("currency_unknown", "currency", "AAA")),
        (booking(room=stay(currency="")), Reason("currency_unknown", "currency", "")),
        (booking(room=stay(total="99.999")), Reason("decimals_exceed_currency", "Total.amountAfterTaxes", "99.999")),
        (booking(room=stay(total="232.00 OR 185.60")), Reason("unreadable", "Total.amountAfterTaxes", "999.99 AA 999.99")),
        (booking(room=stay(people='<GuestCount adult="two"/>')), Reason("unreadable", "GuestCount.adult", "aaa")),
        (booking(room=stay(("1e400",))), Reason("unreadable", "PerDayRate.baseRate", "9A+999")),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused_with_its_reason(told: str, reason: Reason) -> None:
    refused = read(told).refusal

    assert refused.reasons == (reason,)
    assert (refused.dataset, refused.source_ref, refused.raw_ref) == ("reservations", "1", "p:7:1:0")
    assert "Roe" not in repr(refused)


def test_a_refused_booking_says_what_it_keeps_out_of_the_reports() -> None:
    refused = read(booking(room=stay(("100.00", "120.505")))).refusal

    assert (refused.room_night_count, refused.amount_minor, refused.currency) == (2, 22050, "EUR")
    assert refused.source_version == int(datetime(2026, 2, 28, 10, tzinfo=UTC).timestamp()) * 1_000_000
    assert read(booking(hotel="MARS", kind="Cancel")).refusal.room_night_count == 0


def test_a_booking_that_cannot_be_understood_takes_no_other_along() -> None:
    told = read(booking(1), booking(2, kind="Hold"), booking(3))

    assert [row.raw_ref for row in told.rows] == [f"p:7:1:{number}" for number in range(5)]
    assert [type(row) for row in told.rows] == [Incoming, Incoming, Refused, Incoming, Incoming]


def test_a_page_of_bookings_has_a_row_for_each_and_no_guests() -> None:
    rows = list(THIS.mappers["reservations"](retrieved(booking(1), cancelled(2)), BOOK, PLACE))

    assert [(type(row), row.raw_ref) for row in rows] == [(Incoming, "p:7:1:0"), (Incoming, "p:7:1:1")]
    assert list(THIS.mappers["reservations"](retrieved(), BOOK, PLACE)) == []


def test_codes_nobody_mapped_are_noted_once() -> None:
    told = read(booking(), book=BOOK._replace(as_is=frozenset()))

    assert told.room.room_type_code == "unmapped"
    assert sorted(told.first.unmapped) == [
        UnmappedCode("channel", "Expedia"),
        UnmappedCode("rate_plan", "BAR"),
        UnmappedCode("room_type", "STD"),
    ]


def test_rates_and_total_of_two_currencies_are_not_mixed() -> None:
    room = stay().replace('22.00" currency="EUR"', '22.00" currency="USD"')

    told = read(booking(room=room))

    assert ({night.currency for night in told.room.nights}, told.room.currency) == ({"EUR"}, "USD")
    assert {night.tax_minor for night in told.room.nights} == {None}


@pytest.mark.parametrize(
    "body",
    [
        b'<BookingRetrievalRS xmlns="http://www.expediaconnect.com/EQC/BR/2014/01"><Error code="1001">No.</Error></BookingRetrievalRS>',
        b'<BookingConfirmRQ xmlns="http://www.expediaconnect.com/EQC/BC/2007/09"/>',
        b'<!DOCTYPE x [<!ENTITY a "b">]><BookingRetrievalRS/>',
    ],
)
def test_a_body_that_tells_of_no_booking_is_none(body: bytes) -> None:
    assert THIS.messages is not None
    with pytest.raises(VendorChangedShape):
        list(THIS.messages(body, BOOK, PLACE))
