"""What a shift tells of overbooked dates: who sold one room too many, and what to do."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, text

from operations.shift import work_shift
from sandbox.world import World
from tasks.tables import conflict_rows, shift_rows
from tests.operations.messages import CHANNEL, ask, changed, data_of, drain, put, told_by

SOON = datetime.now(UTC).date() + timedelta(days=30)


def at(told: dict[str, object], stay_on: date, **fields: object) -> dict[str, object]:
    """The same room for one night on another date."""
    night = {"date": stay_on.isoformat(), "price": "80.00"}
    dates = {"checkIn": stay_on.isoformat(), "checkOut": (stay_on + timedelta(days=1)).isoformat()}
    return {**told, **dates, "nights": [night], "totalPrice": "80.00", **fields}


def test_a_shift_names_what_was_sold_beyond_the_house_and_the_booking_that_did(house: Engine, world: World) -> None:
    told = next(each for each in told_by(world, CHANNEL) if data_of(each)["revision"] == 1)
    data = data_of(told)
    rooms = [at(data["rooms"][0], SOON, id=str(number), roomType="STD") for number in range(1, 4)]
    with house.begin() as connection:
        connection.execute(text("UPDATE core.properties SET room_count = 2"))
    put(house, [changed(told, rooms=rooms, status="Confirmed", totalPrice="240.00", tax=None)], CHANNEL)
    drain(house)

    shift = work_shift(house, seconds=0.1, idle_seconds=0)

    (channel,) = shift.channels
    assert (channel.source, channel.overbooked_count, channel.unmapped_count) == (CHANNEL, 1, 0)
    assert shift_rows(shift)[0]["next step"] == "move or upgrade: see the conflicts"
    (row,) = conflict_rows(shift)
    assert (row["property"], row["date"], row["room type"]) == (data["propertyId"], SOON.isoformat(), "house")
    assert (row["rooms over"], row["booking"]) == (1, f"{CHANNEL} {data['id']}")
    assert ask(house, "SELECT status, error_code FROM ops.sync_states WHERE entity = 'booking'") == [
        ("conflict", "overbooking")
    ]
