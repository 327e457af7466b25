"""Partitions are there before they are needed, and nothing is lost where they are not."""

from datetime import date

from sqlalchemy import Connection, text

from storage.partitions import add_partitions

TODAY = date(2031, 11, 20)


def partition_of(connection: Connection, sent_at: str) -> str:
    query = """
        INSERT INTO ops.requests (request_id, sent_at, source, property_id, endpoint_code, method, duration_ms,
                                  attempts_count, bytes_count)
        VALUES ('r', CAST(:sent_at AS timestamptz), 's', 'p', 'e', 'GET', 1, 1, 1) RETURNING tableoid::regclass::text
    """
    return str(connection.scalar(text(query), {"sent_at": sent_at}))


def test_this_and_three_months_ahead_are_made_across_the_turn_of_the_year(connection: Connection) -> None:
    made = add_partitions(connection, TODAY)
    assert [name for name in made if name.startswith("ops.")] == [
        "ops.requests_2031_11", "ops.requests_2031_12", "ops.requests_2032_01", "ops.requests_2032_02",
    ]  # fmt: skip
    assert [name for name in made if name.startswith("core.")] == ["core.on_the_books_2031", "core.on_the_books_2032"]
    assert partition_of(connection, "2031-11-30 23:59:59+00") == "ops.requests_2031_11"
    assert partition_of(connection, "2031-12-01 00:00:00+00") == "ops.requests_2031_12"


def test_a_second_call_makes_nothing(connection: Connection) -> None:
    add_partitions(connection, TODAY)
    assert add_partitions(connection, TODAY) == []


def test_a_row_outside_every_partition_lands_in_the_default_one(connection: Connection) -> None:
    assert partition_of(connection, "1999-01-01 00:00:00+00") == "ops.requests_default"


def test_a_period_already_in_the_default_partition_stays_there(connection: Connection) -> None:
    partition_of(connection, "2031-12-24 12:00:00+00")
    made = add_partitions(connection, TODAY)
    assert "ops.requests_2031_12" not in made
    assert "ops.requests_2032_01" in made
    assert partition_of(connection, "2031-12-25 12:00:00+00") == "ops.requests_default"
