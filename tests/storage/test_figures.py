"""A report's frames as PostgreSQL gives them: shaped as agreed, of record only, complete around the date."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection, text

from hotel import report_frames
from hotel.figures import DailyFigures
from hotel.incoming import Incoming, Reason
from hotel.passed import Held
from hotel.properties import Property
from hotel.reservations import Night, Reservation
from hotel.status import CANCELLED, CHECKED_OUT, NO_SHOW
from reconciliation.daily import daily_figures
from reconciliation.frames import DailyFrames
from storage.bad_rows import held
from storage.business_days import close_day
from storage.figures import daily_frames, last_closed_on, loaded_from
from storage.integrations import save_property
from storage.quarantine import hold
from tests.storage.stays import ARRIVAL, CHANNEL, HOUSE, PMS, add_house, booking, cancelled, load, room, told

pytestmark = pytest.mark.usefixtures("clean_database")

PLACE = Property(HOUSE, "City Hotel", "Europe/Lisbon", "EUR", of_record_source=PMS)


@pytest.fixture
def house(connection: Connection) -> Connection:
    add_house(connection)
    return connection


def figures_of(connection: Connection, on: date = ARRIVAL) -> DailyFigures:
    frames = DailyFrames(**daily_frames(connection, HOUSE, on))
    return daily_figures(PLACE, on, frames, closed_through=on)


def shown(figures: DailyFigures, *codes: str) -> list[Any]:
    return [figures.figure(code).cells[0].value for code in codes]


def stayed(ref: str, **given: Any) -> Reservation:
    return booking(ref, room(status=CHECKED_OUT), status=CHECKED_OUT, **given)


def test_every_frame_has_the_agreed_columns_and_dtypes_empty_or_not(house: Connection) -> None:
    def shapes() -> dict[str, dict[str, str]]:
        frames = daily_frames(house, HOUSE, ARRIVAL)
        return {
            name: {str(column): str(dtype) for column, dtype in frame.dtypes.items()}
            for name, frame in frames.items()
            if isinstance(frame, pd.DataFrame)
        }

    agreed = {
        name: getattr(report_frames, name.upper())
        for name in DailyFrames._fields
        if hasattr(report_frames, name.upper())
    }
    assert len(agreed) == 7
    assert shapes() == agreed
    load(house, [told(stayed("R1", adult_count=2, child_count=None, channel_code="direct"))])
    assert shapes() == agreed


def test_a_stay_becomes_figures(house: Connection) -> None:
    load(house, [told(stayed("R1", adult_count=2, child_count=1))])
    figures = figures_of(house)
    codes = ("occupied_rooms", "room_revenue", "arrivals", "departures", "in_house_before", "in_house")
    assert shown(figures, *codes, "persons_in_house") == [1, 10_000, 1, 0, None, 1, 3]
    assert shown(figures_of(house, ARRIVAL + timedelta(days=2)), "departures", "in_house") == [1, 0]


def test_only_the_copy_of_record_counts(house: Connection) -> None:
    load(house, [told(stayed("C1", source=CHANNEL, channel_ref="X"))])
    before = figures_of(house)
    load(house, [told(stayed("P1", channel_ref="X"))], 2)
    load(house, [told(stayed("C1", source=CHANNEL, channel_ref="X", adult_count=4), 9)], 3)
    assert figures_of(house) == before


def test_a_tombstone_counts_nowhere(house: Connection) -> None:
    load(house, [cancelled("R1", 1, cancelled_on=ARRIVAL)])
    assert shown(figures_of(house), "cancelled_today") == [None]
    load(house, [told(stayed("R2"))], 2)
    assert shown(figures_of(house), "cancelled_today") == [0]


def test_a_cancelled_booking_far_ahead_counts_on_its_date_with_its_nights(house: Connection) -> None:
    far = room("1", range(200, 203), status=CANCELLED)
    lost = booking("R1", far, status=CANCELLED, cancelled_on=ARRIVAL, guarantee_code="non_refundable")
    load(house, [told(lost), told(stayed("R2"))])
    codes = ("cancelled_today", "cancelled_today_nights", "cancelled_today_value", "exposure", "cancelled_arrivals")
    assert shown(figures_of(house), *codes) == [1, 3, 30_000, 30_000, 0]


def test_a_rate_plan_that_is_not_refundable_is_exposure_too(house: Connection) -> None:
    house.execute(
        text("""
        INSERT INTO core.rate_plans (property_id, rate_plan_code, name, is_refundable, source_version, received_seq,
                                     load_id, raw_ref, row_hash)
        VALUES (:house, 'NRF', 'Advance', false, 1, 1, 1, 'p:1:1:1', '')"""),
        {"house": HOUSE},
    )
    far = room("1", [50], status=CANCELLED, rate_plan_code="NRF")
    load(house, [told(booking("R1", far, status=CANCELLED, cancelled_on=ARRIVAL)), told(stayed("R2"))])
    assert shown(figures_of(house), "exposure") == [10_000]


def test_a_no_show_told_days_later_counts_on_the_day_it_was_told(house: Connection) -> None:
    missing = booking("R1", room("1", [0, 1], status=NO_SHOW), status=NO_SHOW)
    load(house, [told(missing._replace(no_show_on=ARRIVAL + timedelta(days=20))), told(stayed("R2"))])
    assert shown(figures_of(house), "no_shows") == [0]
    assert shown(figures_of(house, ARRIVAL + timedelta(days=20)), "no_shows", "no_show_value") == [1, 20_000]


def test_a_room_cancelled_out_of_a_living_booking_is_read_by_its_own_date(house: Connection) -> None:
    gone = room("2", [90, 91], status=CANCELLED, cancelled_on=ARRIVAL)
    load(house, [told(booking("R1", room("1", [90, 91]), gone)), told(stayed("R2"))])
    assert shown(figures_of(house), "cancelled_today", "cancelled_today_nights") == [0, 2]


def test_a_booking_of_one_room_lends_its_persons_and_one_of_two_does_not(house: Connection) -> None:
    two = booking("R2", room("1", [0], status=CHECKED_OUT), room("2", [0], status=CHECKED_OUT), status=CHECKED_OUT)
    load(house, [told(stayed("R1", adult_count=2, child_count=0)), told(two._replace(adult_count=4, child_count=0))])
    figures = figures_of(house)
    assert shown(figures, "persons_in_house") == [2]
    assert "2 rooms in house" in next(check.sentence for check in figures.checks if check.name == "Persons are known")


def test_rooms_available_are_the_pms_s_own_count_without_pseudo_rooms(house: Connection) -> None:
    load(house, [told(stayed("R1"))])
    for source, kind, physical in ((PMS, "double", 40), (PMS, "suite", 10), (PMS, "paymaster", 9), (CHANNEL, "x", 7)):
        house.execute(
            text("""
            INSERT INTO core.inventory (source, property_id, room_type_code, stay_on, physical_count, out_of_order_count,
                                        source_version, received_seq, load_id, raw_ref, row_hash)
            VALUES (:source, :house, :kind, :on, :physical, 1, 1, 1, 1, 'p:1:1:1', '')"""),
            {"source": source, "house": HOUSE, "kind": kind, "on": ARRIVAL, "physical": physical},
        )
    house.execute(
        text("""
        INSERT INTO core.room_types (property_id, room_type_code, name, is_pseudo, source_version, received_seq, load_id,
                                     raw_ref, row_hash)
        VALUES (:house, 'paymaster', 'Paymaster', true, 1, 1, 1, 'p:1:1:1', '')"""),
        {"house": HOUSE},
    )
    assert shown(figures_of(house), "available_rooms", "out_of_order_rooms") == [50, 2]


def bad(ref: str, *nights: Night, status: str = CHECKED_OUT, source: str = PMS) -> Any:
    stay = booking(ref, room()._replace(status=status, nights=nights), status=status, source=source)
    return held("reservations", Incoming(stay, "p:1:1:1"), Held(0, (Reason("no_guests"),)), 1)


def test_quarantine_is_told_for_the_date_and_in_all_of_the_source_of_record_only(house: Connection) -> None:
    nights = room("1", [0, 1], price=700).nights
    hold(
        house,
        [bad("B1", *nights), bad("B2", *nights, status=CANCELLED), bad("B3", *nights, source=CHANNEL)],
        load_id=1,
    )
    load(house, [told(stayed("R1"))])
    figures = figures_of(house)
    assert [tuple(line) for line in figures.withheld] == [
        ("business date", 1, 1, 1, (("EUR", 700),)),
        ("all", 2, 1, 2, (("EUR", 1_400),)),
    ]
    assert figures.withheld_reasons == (("no_guests", 2),)


def test_a_row_that_was_released_is_withheld_no_more(house: Connection) -> None:
    hold(house, [bad("B1", *room().nights)], load_id=1)
    house.execute(text("UPDATE ops.quarantine SET status = 'released'"))
    assert figures_of(house).withheld[-1].row_count == 0


def test_the_first_arrival_of_record_is_where_knowledge_begins(house: Connection) -> None:
    assert loaded_from(house, HOUSE) is None
    load(house, [told(stayed("R1"))])
    assert loaded_from(house, HOUSE) == ARRIVAL


def test_a_day_is_closed_by_the_record_by_the_pms_or_by_the_clock(house: Connection) -> None:
    early, late = datetime(2026, 5, 2, 1, 30, tzinfo=UTC), datetime(2026, 5, 2, 2, 30, tzinfo=UTC)  # 02:30, 03:30 local
    clock = PLACE._replace(business_on_kind="clock", day_rolls_at=time(3))
    assert last_closed_on(house, clock, early) == date(2026, 4, 30)
    assert last_closed_on(house, clock, late) == date(2026, 5, 1)
    pms = PLACE._replace(business_on_kind="pms")
    assert last_closed_on(house, pms, late) is None
    assert last_closed_on(house, pms._replace(business_on=date(2026, 5, 1)), late) == date(2026, 4, 30)
    close_day(house, HOUSE, date(2026, 5, 1))
    assert last_closed_on(house, pms, late) == date(2026, 5, 1)


def test_texts_with_commas_quotes_and_line_ends_arrive_as_they_are(house: Connection) -> None:
    load(house, [told(stayed("R,1", channel_code='a "b"\nc', market_segment_code=""))])
    (channel,) = figures_of(house).splits[1].lines
    (segment,) = figures_of(house).splits[0].lines
    assert (channel.code, segment.code) == ('a "b"\nc', "")


def test_another_property_is_not_mixed_in(house: Connection) -> None:
    save_property(house, PLACE._replace(property_id="resort"))
    load(house, [told(stayed("R1")), told(stayed("R1")._replace(property_id="resort"))])
    assert shown(figures_of(house), "occupied_rooms", "arrivals") == [1, 1]
