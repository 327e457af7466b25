"""What is sold beside rooms, on which conditions, by which card it is paid, and what was said with it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connectors.cards import remove_cards
from hotel.reservations import Extra, VirtualCard
from tests.unit.connectors.opentravel.told_bookings import TOTAL, booking, incoming, message, read, reason, stay


def service(content: str = "", attributes: str = 'ServiceRPH="1" ServiceInventoryCode="BRK"') -> str:
    return f"<Services><Service {attributes}>{content}</Service></Services>"


def extra(content: str = "", attributes: str = 'ServiceRPH="1" ServiceInventoryCode="BRK"') -> Extra:
    (found,) = read(booking(more=service(content, attributes))).extras
    return found


THREE_DAYS = '<ServiceDetails><TimeSpan Start="2026-05-01" Duration="P3D"/></ServiceDetails>'
TEN = '<Price><Base AmountAfterTax="10.00" CurrencyCode="EUR"/></Price>'


@pytest.mark.parametrize(
    ("content", "attributes", "minor"),
    [
        ('<Price><Total AmountAfterTax="25.50" CurrencyCode="EUR"/></Price>', "", 2_550),
        ('<ServiceDetails><Total AmountAfterTax="25.50" CurrencyCode="EUR"/></ServiceDetails>', "", 2_550),
        ('<Price Amount="10.00" CurrencyCode="EUR"/>', "", 1_000),
        (TEN, 'Quantity="3"', 3_000),
        (TEN + THREE_DAYS, 'Quantity="2" ServicePricingType="Per night"', 6_000),
        (TEN + THREE_DAYS, 'Quantity="2" ServicePricingType="Per person per night"', 6_000),
        (TEN + THREE_DAYS, 'Quantity="2" ServicePricingType="Per person"', 2_000),
        (TEN, 'ServicePricingType="Per night"', None),
        ('<ServiceDetails><Fees><Fee Amount="7.00"/><Fee Amount="3.00"/></Fees></ServiceDetails>', "", 1_000),
        ("", "", None),
    ],
)
def test_a_service_costs_what_it_says_in_all(content: str, attributes: str, minor: int | None) -> None:
    assert extra(content, attributes).total_minor == minor


def test_a_service_is_named_by_its_id_its_number_or_its_place() -> None:
    described = "<ServiceDetails><ServiceDescription><Text>Late sauna</Text></ServiceDescription></ServiceDetails>"

    assert (extra(attributes='ID="77" ServiceRPH="1" ServiceInventoryCode="BRK"')[:2]) == ("77", "BRK")
    assert extra(attributes='ServiceRPH="4" ServiceCategoryCode="SPA"')[:2] == ("4", "SPA")
    assert extra(described, "")[:2] == ("s1", "Late sauna")


def test_a_service_belongs_to_the_one_room_that_has_it() -> None:
    has = TOTAL + "<ServiceRPHs><ServiceRPH RPH='1'/></ServiceRPHs>"

    (one,) = read(
        booking(stay(has, attributes='IndexNumber="8"'), stay(attributes='IndexNumber="9"'), more=service())
    ).extras
    (both,) = read(booking(stay(has), stay(has), more=service())).extras

    assert (one.room_ref, both.room_ref) == ("8", None)


def test_a_service_of_one_day_says_on_which() -> None:
    day = '<ServiceDetails><TimeSpan Start="2026-05-02" End="2026-05-02"/></ServiceDetails>'

    assert (extra(day).serves_on, extra(THREE_DAYS).serves_on) == (date(2026, 5, 2), None)


@pytest.mark.parametrize(
    ("attributes", "total", "is_in_price"),
    [
        ('Inclusive="true"', "200.00", True),
        ("", "210.00", True),
        ("", "200.00", False),
        ("", "205.00", None),
        ('Inclusive="false"', "210.00", True),
        ('Inclusive="false"', "205.00", False),
    ],
)
def test_whether_the_total_holds_a_service_is_told_or_shows(
    attributes: str, total: str, is_in_price: bool | None
) -> None:
    told = booking(more=service(TEN, attributes), info=f'<Total AmountAfterTax="{total}" CurrencyCode="EUR"/>')

    assert [each.is_in_price for each in read(told).extras] == [is_in_price]


@pytest.mark.parametrize(
    ("fee", "told"),
    [
        ('Code="12" Amount="22.50" ChargeFrequency="1"', ("resort_fee", 4_500)),
        ('Code="12" Amount="22.50" ChargeFrequency="12"', ("resort_fee", 2_250)),
        ('Code="12" Amount="22.50"', ("resort_fee", 2_250)),
        ('Code="12" Amount="22.50" ChargeFrequency="1" ChargeUnit="7"', ("resort_fee", None)),
        ('Code="999" Percent="5"', ("999", None)),
    ],
)
def test_fees_of_the_booking_are_extras_as_often_as_they_are_charged(fee: str, told: tuple[str, int | None]) -> None:
    (found,) = read(booking(info=f'<Fees><Fee {fee} Type="Exclusive" TaxInclusiveInd="true"/></Fees>')).extras

    assert (found.extra_code, found.total_minor) == told
    assert (found.extra_ref, found.is_in_price, found.is_tax_included) == ("f1", False, True)


def test_a_daily_fee_of_rooms_of_different_stays_is_not_worked_out() -> None:
    longer = stay(span='<TimeSpan Start="2026-05-01" End="2026-05-06"/>')

    (found,) = read(booking(stay(), longer, info='<Fees><Fee Amount="1" ChargeFrequency="1"/></Fees>')).extras

    assert found.total_minor is None


CARD = (
    '<Guarantee GuaranteeType="CC/DC/Voucher"><GuaranteesAccepted><GuaranteeAccepted GuaranteeTypeCode="43">'
    '<PaymentCard CardCode="MC" CardNumber="5555555555554444" SeriesCode="737" EffectiveDate="0526" ExpireDate="0228"/>'
    "</GuaranteeAccepted></GuaranteesAccepted></Guarantee>"
)


def test_a_virtual_card_is_told_without_its_number() -> None:
    stored = remove_cards(message(booking(info=CARD))).body

    (found,) = read(stored).virtual_cards

    assert b"5555555555554444" not in stored
    assert found == VirtualCard("R1:1", "EUR", None, date(2026, 5, 1), date(2028, 2, 29), "4444")


def test_a_card_whose_limit_is_not_told_has_none() -> None:
    settings = {"card_limits": ["PaymentCard@Remark", "PaymentCard@CurrentBalance"]}

    assert [card.limit_minor for card in read(booking(info=CARD), settings).virtual_cards] == [None]
    assert reason(booking(info=CARD.replace("CardCode=", 'Remark="ten" CardCode=')), settings) == "unreadable"


def test_a_guests_own_card_is_none_of_the_channels() -> None:
    assert read(booking(info=CARD.replace(' GuaranteeTypeCode="43"', ""))).virtual_cards == ()


def test_a_partner_says_where_the_facts_of_its_cards_stand() -> None:
    payment = (
        '<DepositPayments><GuaranteePayment PaymentCode="VCC"><AcceptedPayments><AcceptedPayment>'
        '<PaymentCard CardCode="VI" Remark="virtual" CurrentBalance="12050" DecimalPlaces="2" ActivationDate="2026-05-01"'
        ' CurrencyCode="USD"><CardNumber>[card …1111]</CardNumber></PaymentCard>'
        "</AcceptedPayment></AcceptedPayments></GuaranteePayment></DepositPayments>"
    )
    settings = {
        "card_signs": ["PaymentCard@Remark=virtual"],
        "card_limits": ["PaymentCard@CurrentBalance"],
        "card_currencies": ["PaymentCard@CurrencyCode"],
        "card_activations": ["PaymentCard@ActivationDate"],
        "decimal_places": "scales",
    }

    (found,) = read(booking(info=payment), settings).virtual_cards

    assert found == VirtualCard("R1:1", "USD", 12_050, date(2026, 5, 1), None, "1111")
    assert len(read(booking(info=payment), settings | {"card_signs": ["@PaymentCode=*"]}).virtual_cards) == 1


@pytest.mark.parametrize(
    ("holder", "code"),
    [
        ('<Guarantee GuaranteeType="CC/DC/Voucher"/>', "card"),
        ('<Guarantee GuaranteeType="None"/>', "none"),
        ('<Guarantee GuaranteeType="DepositRequired"/>', "deposit"),
        ('<DepositPayments><GuaranteePayment GuaranteeType="PrePay"/></DepositPayments>', "deposit"),
        ('<Guarantee PaymentCode="House account"/>', "unmapped"),
        ("", None),
    ],
)
def test_a_guarantee_is_what_the_standard_means_by_it(holder: str, code: str | None) -> None:
    assert read(booking(info=holder), as_is=frozenset({"room_type"})).guarantee_code == code


def test_the_house_may_call_a_guarantee_otherwise() -> None:
    told = booking(info='<Guarantee GuaranteeType="Deposit"/>')

    assert read(told, codes={("*", "guarantee", "Deposit"): "first_night"}).guarantee_code == "first_night"


def test_an_option_holds_its_room_until_its_guarantee_is_due() -> None:
    deadlines = "".join(
        f'<Guarantee><Deadline AbsoluteDeadline="2026-04-{day}T18:00:00Z"/></Guarantee>' for day in (20, 12)
    )

    option = read(booking(info=deadlines, attributes='ResStatus="Requested"'))

    assert option.hold_until_at == datetime(2026, 4, 12, 18, tzinfo=UTC)
    assert read(booking(info=deadlines)).hold_until_at is None


def test_a_voucher_is_known_by_its_number() -> None:
    voucher = "<Guarantee><GuaranteesAccepted><GuaranteeAccepted><Voucher SeriesCode='V-77'/></GuaranteeAccepted></GuaranteesAccepted></Guarantee>"

    assert (read(booking(info=voucher)).voucher_ref, read(booking()).voucher_ref) == ("V-77", None)


def test_who_takes_the_money_is_said_by_words_the_dialect_knows() -> None:
    settings = {"collects": {"MerchantPayment": "channel", "DirectPayment": "property"}}
    plan = '<RatePlans><RatePlan RatePlanCode="B"><Guarantee PaymentCode="{}"/></RatePlan></RatePlans>'

    def told(*codes: str) -> str:
        return booking(*(stay(plan.format(code) + TOTAL) for code in codes))

    assert read(told("MerchantPayment"), settings).collect == "channel"
    assert read(told("MerchantPayment", "DirectPayment"), settings).collect == "split"
    assert read(told("MerchantPayment")).collect is None


def commission(*inside: str, info: str = "") -> tuple[int | None, Decimal | None]:
    stays = [
        stay(f'<RatePlans><RatePlan RatePlanCode="B"><Commission {each}</Commission></RatePlan></RatePlans>{TOTAL}')
        for each in inside
    ]
    found = read(booking(*stays, info=info))
    return found.commission_minor, found.commission_rate


def test_the_commission_is_that_of_the_booking_else_of_all_its_rooms() -> None:
    paid = '<CommissionPayableAmount Amount="36.00" CurrencyCode="EUR"/>'

    assert commission('Percent="15">') == (None, Decimal("0.15"))
    assert commission(f">{paid}", f">{paid}") == (7_200, None)
    assert commission(f">{paid}", 'Percent="15">') == (None, Decimal("0.15"))
    assert commission('><FlatCommission Amount="5.00"/>') == (500, None)
    assert commission(f">{paid}", info=f'<TotalCommissions Percent="12.5">{paid}</TotalCommissions>') == (
        3_600,
        Decimal("0.125"),
    )


def test_until_when_a_booking_may_be_cancelled_is_an_instant_or_not_known() -> None:
    def told(*deadlines: str) -> str:
        penalties = "".join(
            f'<CancelPenalty PolicyCode="P1"><Deadline AbsoluteDeadline="{each}"/></CancelPenalty>'
            for each in deadlines
        )
        return booking(info=f"<CancelPenalties>{penalties}</CancelPenalties>")

    both = read(told("2026-04-29T18:00:00+02:00", "2026-04-20T18:00:00Z"))

    assert (both.cancellation_policy_code, both.free_cancel_until_at) == ("P1", datetime(2026, 4, 20, 18, tzinfo=UTC))
    assert read(told("2026-04-29")).free_cancel_until_at is None
    assert "deadline_unclear" in incoming(told("2026-04-29T18:00")).warnings
    assert read(told("2026-04-29T18:00"), {"naive_zone": "utc"}).free_cancel_until_at == datetime(
        2026, 4, 29, 18, tzinfo=UTC
    )


def test_what_is_not_given_back_is_a_policy() -> None:
    told = booking(info='<CancelPenalties><CancelPenalty NonRefundable="true" PolicyCode="X"/></CancelPenalties>')

    assert read(told).cancellation_policy_code == "non_refundable"


def test_what_was_said_is_kept_once_and_in_order() -> None:
    info = (
        "<Comments><Comment><Text>Late  arrival\n about 23:00</Text></Comment>"
        "<Comment><ListItem>Parking</ListItem><ListItem>Pool</ListItem></Comment></Comments>"
    )
    requests = (
        "<SpecialRequests><SpecialRequest><Text>Quiet room</Text></SpecialRequest>"
        "<SpecialRequest><Text>Parking</Text></SpecialRequest></SpecialRequests>"
    )

    found = read(booking(stay(TOTAL + requests), info=info))

    assert found.comment == "Late arrival about 23:00\nParking\nPool\nQuiet room"
    assert (found.special_request_count, read(booking()).special_request_count) == (2, None)


def test_where_the_business_comes_from_is_coded() -> None:
    told = stay(attributes='MarketCode="CORP" SourceOfBusiness="WEB" PromotionCode="SUMMER"')
    group = '<ResGuests><ResGuest GroupEventCode="CONGRESS"/></ResGuests>'

    found = read(booking(told, attributes='ResStatus="Book" WalkInIndicator="true"', more=group))

    assert (found.market_segment_code, found.origin_code, found.promotion_code) == ("CORP", "WEB", "SUMMER")
    assert (found.group_ref, found.is_walk_in, found.rooms[0].promotion_code) == ("CONGRESS", True, "SUMMER")


def test_a_block_is_one_unless_the_partner_means_a_room_type_by_it() -> None:
    told = booking(stay().replace("<RoomType ", '<RoomType InvBlockCode="WEDDING" '))

    assert read(told).block_ref == "WEDDING"
    assert read(told, {"room_types": ["InvBlockCode"]}).block_ref is None


def test_a_service_that_cannot_be_read_refuses_its_booking() -> None:
    assert reason(booking(more=service('<Price Amount="ten" CurrencyCode="EUR"/>'))) == "unreadable"
