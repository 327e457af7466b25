"""A booking made here and the PMS's copy of it are one stay."""

from datetime import timedelta

from sqlalchemy import Engine

from hotel.incoming import Incoming
from storage.codebooks import properties
from storage.integrations import Integration, save_code_mappings, save_integration, save_property
from tests.gateway.booking_engine.engine_house import Api
from tests.operations.asking import HOTEL, SOON
from tests.operations.messages import ask
from tests.storage.stays import booking, load, room


def test_the_copy_of_the_property_s_own_system_counts_and_the_room_is_sold_once(api: Api, hotel: Engine) -> None:
    with hotel.begin() as connection:
        save_property(connection, properties(connection)[HOTEL]._replace(of_record_source="pms"))
        save_integration(connection, Integration("booking_engine", HOTEL, "booking_engine", account=HOTEL))
        save_code_mappings(connection, "booking_engine", {("*", "channel", "booking_engine"): "direct_web"})
    api.book(reference="WEB-1")
    with hotel.begin() as connection:
        stay = room(kind="DBL", arrival_on=SOON, departure_on=SOON + timedelta(days=2))
        nights = tuple(night._replace(stay_on=SOON + timedelta(days=day)) for day, night in enumerate(stay.nights))
        copy = booking("P7", stay._replace(nights=nights), channel_ref="WEB-1", channel_code="direct_web")
        load(connection, [Incoming(copy._replace(property_id=HOTEL), "p:1:1:0", 1)], seq=10**6)

    counted = "SELECT source, is_of_record FROM core.reservations ORDER BY source"
    assert ask(hotel, counted) == [("booking_engine", False), ("pms", True)]
    assert ask(hotel, "SELECT DISTINCT sold_count FROM core.inventory") == [(1,)]
    assert api.book("k2").status_code == 201
    assert api.book("k3").json()["code"] == "sold_out"
    assert api.cancel("WEB-1").json()["status"] == "cancelled"
    conflicts = ask(hotel, "SELECT kind FROM ops.conflicts WHERE status = 'open' AND source_ref = 'WEB-1'")
    assert ("copy_differs",) in conflicts, "a person is told that the PMS still holds the room"
