"""How many rooms a booking has, how each is named for ever, what it is sold as and who sleeps in it."""

import pytest

from tests.unit.connectors.opentravel.told_bookings import (
    TOTAL,
    booking,
    incoming,
    message,
    prices,
    rates,
    read,
    reason,
    room,
    stay,
)

EACH = '<Total AmountAfterTax="100.00" CurrencyCode="EUR"/>'


def refs(*stays: str, **settings: object) -> list[str]:
    return [each.room_ref for each in read(booking(*stays), settings).rooms]


def test_rooms_are_named_by_index_else_by_reference_else_by_position() -> None:
    assert refs(stay(attributes='IndexNumber="459"'), stay(attributes='IndexNumber="7"')) == ["459", "7"]
    assert refs(stay(attributes='RPH="2"'), stay(attributes='RPH="1"')) == ["2", "1"]
    assert refs(stay(), stay()) == ["1", "2"]


def test_a_name_that_comes_twice_or_is_missing_once_names_nothing() -> None:
    told = booking(stay(attributes='IndexNumber="1"'), stay(attributes='IndexNumber="1"'), stay())

    found = incoming(told)

    assert [each.room_ref for each in read(told).rooms] == ["1", "2", "3"]
    assert "room_refs_not_unique" in found.warnings


def test_a_partner_may_name_rooms_elsewhere() -> None:
    told = booking(stay().replace("<RoomType ", '<RoomType RoomID="K-9" '))

    assert room(told, {"room_refs": ["RoomTypes/RoomType@RoomID"]}).room_ref == "K-9"
    assert room(told).room_ref == "1"


@pytest.mark.parametrize(
    "units",
    [
        stay().replace("<RoomType ", '<RoomType NumberOfUnits="5" '),
        stay().replace("<RoomType ", '<RoomType Quantity="5" '),
        stay(
            rates(("2026-05-01", "2026-05-03", "20.00")).replace("<RoomRate>", '<RoomRate NumberOfUnits="5">') + TOTAL
        ),
    ],
)
def test_several_units_are_several_rooms_that_add_up(units: str) -> None:
    found = read(booking(units))

    assert [each.room_ref for each in found.rooms] == ["1-1", "1-2", "1-3", "1-4", "1-5"]
    assert found.room_count == 5
    assert [prices(each) for each in found.rooms] == [[2000, 2000]] * 5
    assert [each.total_minor for each in found.rooms] == [4000] * 5
    assert found.total_minor == 20_000


def test_prices_told_for_all_units_together_are_parted() -> None:
    told = rates(("2026-05-01", "2026-05-03", "100.00")).replace("<RoomRate>", '<RoomRate NumberOfUnits="2">') + TOTAL

    found = read(booking(stay(told)))

    assert [prices(each) for each in found.rooms] == [[5000, 5000], [5000, 5000]]
    assert all(night.is_price_derived for each in found.rooms for night in each.nights)


def test_units_whose_price_does_not_divide_are_refused() -> None:
    told = rates(("2026-05-01", "2026-05-03", "100.01")).replace("<RoomRate>", '<RoomRate NumberOfUnits="2">')

    assert reason(booking(stay(told + '<Total AmountAfterTax="200.02" CurrencyCode="EUR"/>'))) == "units_do_not_divide"


@pytest.mark.parametrize("units", ["0", "-1", "x", "201", "99999999999"])
def test_a_number_of_rooms_that_cannot_be_meant_is_refused(units: str) -> None:
    told = booking(stay().replace("<RoomType ", f'<RoomType NumberOfUnits="{units}" '))

    assert reason(told) in {"room_count_unreadable", "unreadable"}


def test_more_rooms_than_a_booking_has_are_refused_however_they_are_told() -> None:
    many = [stay().replace("<RoomType ", '<RoomType NumberOfUnits="101" ')] * 2

    assert reason(booking(*many)) == "room_count_unreadable"


def test_a_partner_whose_units_are_what_is_left_to_sell_says_so() -> None:
    told = stay(rates(("2026-05-01", "2026-05-03", "100.00")).replace("<RoomRate>", '<RoomRate NumberOfUnits="37">'))

    assert room(booking(told), {"unit_counts": []}).room_ref == "1"


def side_by_side(first: str, second: str, more: str = "") -> str:
    def one(code: str, price: str) -> str:
        return (
            f'<RoomRate RoomTypeCode="{code}" RatePlanCode="P-{code}"><Rates><Rate>'
            f'<Base AmountAfterTax="{price}" CurrencyCode="EUR"/></Rate></Rates></RoomRate>'
        )

    return stay(f"<RoomRates>{one('STD', first)}{one('DLX', second)}</RoomRates>{more}", code="")


def test_rates_of_the_same_nights_are_rooms_side_by_side() -> None:
    found = read(booking(side_by_side("100.00", "150.00")))

    assert [(each.room_ref, each.room_type_code, each.rate_plan_code) for each in found.rooms] == [
        ("1-1", "STD", "P-STD"),
        ("1-2", "DLX", "P-DLX"),
    ]
    assert [prices(each) for each in found.rooms] == [[10_000] * 2, [15_000] * 2]


def test_a_total_over_rooms_side_by_side_is_shared_by_what_they_cost() -> None:
    found = read(booking(side_by_side("100.00", "300.00", '<Total AmountAfterTax="1000.00" CurrencyCode="EUR"/>')))

    assert [each.total_minor for each in found.rooms] == [25_000, 75_000]


def test_rates_one_after_the_other_are_one_room_that_moves() -> None:
    def one(code: str, first: str, last: str) -> str:
        return (
            f'<RoomRate RoomTypeCode="{code}" RatePlanCode="BAR" EffectiveDate="{first}" ExpireDate="{last}"><Rates><Rate>'
            '<Base AmountAfterTax="10" CurrencyCode="EUR"/></Rate></Rates></RoomRate>'
        )

    moves = f"<RoomRates>{one('STD', '2026-05-01', '2026-05-02')}{one('DLX', '2026-05-02', '2026-05-03')}</RoomRates>"

    found = room(booking(stay(moves)))

    assert [night.room_type_code for night in found.nights] == ["STD", "DLX"]
    assert (found.room_type_code, found.raw_room_code) == ("STD", "STD")


def test_room_types_without_rates_are_a_room_each() -> None:
    two = stay(TOTAL, code="").replace(
        "<Total", '<RoomTypes><RoomType RoomTypeCode="A"/><RoomType RoomTypeCode="B"/></RoomTypes><Total'
    )

    assert [each.room_type_code for each in read(booking(two)).rooms] == ["A", "B"]


def test_codes_stand_in_other_attributes_by_configuration() -> None:
    told = stay(code="").replace(
        "<Total",
        '<RoomTypes><RoomType InvBlockCode="BLK"/></RoomTypes><RatePlans><RatePlan RatePlanID="77"/></RatePlans><Total',
    )

    found = room(booking(told), {"room_types": ["InvBlockCode"], "rate_plans": ["RatePlanID"]})

    assert (found.room_type_code, found.raw_room_code, found.rate_plan_code) == ("BLK", "BLK", "77")


def test_codes_nobody_mapped_are_noted_and_what_was_sent_is_kept() -> None:
    told = booking(
        stay(rates(("2026-05-01", "2026-05-03", "10")).replace("<RoomRate>", '<RoomRate RatePlanCode="BAR">'))
    )

    found = incoming(told, as_is=frozenset())
    held = room(told, as_is=frozenset())

    assert {(code.field, code.ref) for code in found.unmapped} == {("room_type", "STD"), ("rate_plan", "BAR")}
    assert (held.room_type_code, held.raw_room_code, held.raw_rate_code) == ("unmapped", "STD", "BAR")


def test_a_room_without_a_code_is_no_fault_of_the_booking() -> None:
    found = incoming(booking(stay(code="")))

    assert "room_type_missing" in found.warnings
    assert room(booking(stay(code=""))).room_type_code == "unmapped"


def test_a_room_may_be_cancelled_or_waited_for_within_its_booking() -> None:
    told = booking(stay(EACH), stay(EACH, attributes='RoomStayStatus="Cancelled"'))

    found = read(told)

    assert [each.status for each in found.rooms] == ["confirmed", "cancelled"]
    assert found.room_count == 1
    assert reason(booking(stay(attributes='RoomStayStatus="Dreamt of"'))) == "status_unknown"


def test_dates_of_the_booking_are_those_of_the_rooms_that_are_not_lost() -> None:
    later = '<TimeSpan Start="2026-05-02" End="2026-05-09"/>'
    lost = stay(EACH, span=later, attributes='RoomStayStatus="Cancelled"')

    found = read(booking(stay(EACH), lost, stay(EACH, span='<TimeSpan Start="2026-04-30" End="2026-05-01"/>')))

    assert (str(found.arrival_on), str(found.departure_on)) == ("2026-04-30", "2026-05-03")


@pytest.mark.parametrize(
    ("meals", "code"),
    [
        ('<MealsIncluded MealPlanIndicator="true" MealPlanCodes="12 3"/>', "12"),
        ('<MealsIncluded Breakfast="true"/>', "breakfast"),
        ('<MealsIncluded Breakfast="true" Dinner="true" Lunch="false"/>', "half_board"),
        ('<MealsIncluded Breakfast="1" Lunch="1" Dinner="1"/>', "full_board"),
        ('<MealsIncluded Dinner="true"/>', "dinner"),
        ('<MealsIncluded MealPlanIndicator="false"/>', "room_only"),
        ("", None),
    ],
)
def test_meals_are_one_code(meals: str, code: str | None) -> None:
    plan = f'<RatePlans><RatePlan RatePlanCode="BAR">{meals}</RatePlan></RatePlans>'

    assert room(booking(stay(plan + TOTAL))).meal_plan_code == code


def test_rooms_in_two_hotels_are_no_booking_of_one() -> None:
    other = stay().replace('HotelCode="CITY"', 'HotelCode="TOKYO"')

    assert reason(message(booking(stay(), other))) == "properties_differ"


def test_a_booking_of_services_alone_has_no_rooms() -> None:
    told = '<HotelReservation ResStatus="Book" RoomStayReservation="false"><UniqueID Type="14" ID="R1"/></HotelReservation>'

    assert reason(message(told)) == "rooms_missing"
