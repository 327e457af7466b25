"""Reservations that are there already come back as a channel's webhooks, whatever state they are in."""

import gzip
import json
import signal
import socket
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, Table, insert

from hotel.reservations import Reservation
from sandbox.__main__ import main
from sandbox.export import contract_shape
from sandbox.records import from_database, from_jsonl
from sandbox.webhooks.replay import replayed
from sandbox.webhooks.signing import SECRET
from sandbox.world import World
from storage.tables.core import reservation_rooms, reservations, room_nights
from tests.sandbox.receiver import Planned, Receiver
from tests.sandbox.test_export import NIGHT, ROOM, STAY

LOADED = {
    "source_version": 1, "received_seq": 1, "load_id": 1, "raw_ref": "p:1:1:0", "row_hash": b"x" * 16,
    "loaded_at": datetime(2016, 8, 16, tzinfo=UTC), "changed_at": datetime(2016, 8, 16, tzinfo=UTC),
}  # fmt: skip
GONE = STAY._replace(
    source_ref="78", status="cancelled", cancelled_on=date(2016, 3, 4), channel_ref="BDC-9",
    rooms=(ROOM._replace(status="cancelled"),),
)  # fmt: skip


def stored(engine: Engine, *rows: Reservation, **more: Any) -> None:
    with engine.begin() as connection:
        for row in rows:
            place = {"source": row.source, "property_id": row.property_id, "source_ref": row.source_ref}
            _insert(connection, reservations, row, place | more)
            for room in row.rooms:
                _insert(connection, reservation_rooms, room, place)
                for night in room.nights:
                    _insert(connection, room_nights, night, place | {"room_ref": room.room_ref})


def _insert(connection: Any, table: Table, row: Any, place: dict[str, Any]) -> None:
    known = {name: value for name, value in row._asdict().items() if name in table.c}
    connection.execute(insert(table).values(known | place | LOADED))


def told(rows: list[Reservation], **how: Any) -> list[dict[str, Any]]:
    return [json.loads(message.body) for message in replayed(map(contract_shape, rows), **how)]


def test_the_database_gives_back_the_reservations_it_holds(clean_database: str, engine: Engine, world: World) -> None:
    lived = [record.versions[-1].row for record in world.reservations[:60]]
    rows = [row for row in lived if isinstance(row, Reservation)]
    stored(engine, *rows)
    read = {row["id"]: row for row in from_database(clean_database, not_from="sandbox_channel")}
    assert read == {row.source_ref: contract_shape(row) for row in rows}


def test_only_records_of_record_of_other_sources_and_asked_houses_are_read(clean_database: str, engine: Engine) -> None:
    stored(engine, STAY, GONE)
    stored(engine, STAY._replace(source="sandbox_channel"), STAY._replace(property_id="resort-hotel"))
    stored(engine, STAY._replace(source="mews"), is_of_record=False)
    stored(engine, STAY._replace(source_ref="79", arrival_on=None, departure_on=None, rooms=()), is_tombstone=True)
    address = clean_database.replace("postgresql://", "postgresql+psycopg://", 1)
    everything = list(from_database(address, not_from="sandbox_channel"))
    assert [(row["propertyId"], row["id"]) for row in everything] == [
        ("city-hotel", "77"), ("city-hotel", "78"), ("resort-hotel", "77"),
    ]  # fmt: skip
    assert [row["propertyId"] for row in from_database(address, not_from="x", property_ids=["resort-hotel"])] == [
        "resort-hotel"
    ]
    assert list(from_database(address, not_from="sandbox_channel", limit=1)) == everything[:1]


def test_a_copy_points_to_its_record_by_the_records_reference_or_its_own_channels() -> None:
    stay, gone = told([STAY, GONE])
    assert (stay["data"]["id"], stay["data"]["channelRef"]) == ("CH-77", "77")
    assert (gone["data"]["id"], gone["data"]["channelRef"]) == ("CH-78", "BDC-9")
    assert {event["type"] for event in (stay, gone)} == {"booking.created"}
    assert stay["id"] != gone["id"]


def test_a_copy_is_in_the_state_of_its_record() -> None:
    for event, row, pointing in zip(told([STAY, GONE]), [STAY, GONE], [{"channelRef"}, set[str]()], strict=True):
        shape = contract_shape(row)
        differing = {name for name in shape if shape[name] != event["data"][name]}
        assert differing == {"id"} | pointing
        assert event["data"]["revision"] == 1


def test_a_copy_was_modified_when_its_record_last_told_something() -> None:
    stay, gone = told([STAY._replace(checked_out_on=date(2016, 8, 16)), GONE])
    assert stay["data"]["modifiedAt"] == stay["createdAt"] == "2016-08-16T12:00:00Z"
    assert gone["data"]["modifiedAt"] == "2016-03-04T12:00:00Z"
    (silent,) = told([STAY._replace(booked_on=None)])
    assert silent["data"]["modifiedAt"] == "2016-08-15T12:00:00Z"


def test_with_its_history_a_cancelled_booking_is_booked_first() -> None:
    stay, booked, cancelled = told([STAY, GONE], is_history=True)
    assert [event["type"] for event in (stay, booked, cancelled)] == ["booking.created"] * 2 + ["booking.cancelled"]
    assert booked["data"]["status"] == booked["data"]["rooms"][0]["status"] == "Confirmed"
    assert booked["data"]["cancelledAt"] is None
    assert cancelled["data"]["cancelledAt"] == "2016-03-04T12:00:00Z"
    assert (booked["data"]["revision"], cancelled["data"]["revision"]) == (1, 2)
    assert booked["data"]["modifiedAt"] < cancelled["data"]["modifiedAt"]
    assert booked["id"] != cancelled["id"]


def test_every_replay_gives_the_same_bytes() -> None:
    assert told([STAY, GONE]) == told([STAY, GONE])


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
def test_rows_that_were_never_loaded_are_replayed_from_a_file(tmp_path: Path, name: str) -> None:
    nobody = STAY._replace(
        adult_count=0, rooms=(ROOM._replace(adult_count=0, nights=(NIGHT._replace(price_minor=-638),)),)
    )
    lines = b"\n".join([json.dumps(contract_shape(row)).encode() for row in (nobody, GONE)]) + b"\n\n"
    path = tmp_path / name
    path.write_bytes(gzip.compress(lines) if name.endswith(".gz") else lines)
    first, second = (json.loads(message.body)["data"] for message in replayed(from_jsonl(path)))
    assert first["adults"] == 0
    assert first["rooms"][0]["nights"][0]["price"] == "-6.38"
    assert second["id"] == "CH-78"


def test_the_command_replays_a_database_and_a_file_together(
    clean_database: str, engine: Engine, receiver: Receiver, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored(engine, STAY, GONE)
    held = tmp_path / "held.jsonl"
    held.write_text(json.dumps(contract_shape(STAY._replace(source_ref="99", adult_count=0))))
    asked = ["--database-url", clean_database, "--from-jsonl", str(held), "--shuffle", "--twice", "--history"]
    assert main(["replay", *asked, "--gateway", f"{receiver.url}/", "--secret", SECRET]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["accepted_count"] == len(receiver.got) == 8
    refs = sorted({json.loads(body)["data"]["channelRef"] for body in receiver.bodies})
    assert refs == ["77", "99", "BDC-9"]
    assert {got.path for got in receiver.got} == {"/webhooks/bookings/sandbox_channel"}


def test_the_command_fails_where_a_message_was_not_taken(
    receiver: Receiver, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver.plan = [Planned(401)]
    held = tmp_path / "held.jsonl"
    held.write_text(json.dumps(contract_shape(STAY)))
    assert main(["replay", "--from-jsonl", str(held), "--gateway", receiver.url, "--source", "mews"]) == 1
    assert json.loads(capsys.readouterr().out)["refused"] == {"401": 1}
    assert receiver.got[0].path == "/webhooks/bookings/mews"


def test_the_command_sends_one_signed_test_webhook(receiver: Receiver, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["send", "--gateway", receiver.url, "--size", "30", "--scheme", "hmac", "--secret", "s"]) == 0
    (got,) = receiver.got
    event = json.loads(got.body)
    assert event["data"]["id"].startswith("CH-")
    assert len(got.headers["x-webhook-signature"]) == 64
    assert json.loads(capsys.readouterr().out)["sent_count"] == 1


def test_the_command_serves_the_world_it_is_asked_for() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    serving = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "serve", "--port", port, "--seed", "5", "--size", "20"]
    )
    try:
        transport = httpx.HTTPTransport(retries=8)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport) as client:
            summary = client.get("/health").json()
    finally:
        serving.terminate()
        code = serving.wait(10)
    assert (summary["seed"], summary["now"]) == (5, "2026-09-15T12:00:00Z")
    assert all(0 < house["reservations"] <= 20 for house in summary["properties"])
    assert code in {0, -signal.SIGTERM}
