"""Integrations: found by account or property, their secrets sealed each to its own row."""

from datetime import date

import pytest
from sqlalchemy import Connection, text

from storage.integrations import (
    Integration,
    credentials,
    integration,
    integrations,
    note_success,
    rotate_secrets,
    save_integration,
    webhook_secrets,
)
from storage.sealing import Keys, SealError

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
KEYS = Keys(OLD)
CITY = Integration("pms", "city-hotel", "hotel_rest", account="a", settings={"base_url": "https://pms"}, hotel_ref="C1")
RESORT = Integration("pms", "resort-hotel", "hotel_rest", account="b", hotel_ref="R1")


def save(connection: Connection, *rows: Integration) -> None:
    for row in rows:
        secret = f"secret of {row.property_id}"
        save_integration(connection, row, credentials={"api_key": secret}, webhook_secrets=[secret], keys=KEYS)


def test_an_integration_is_found_by_its_property_and_by_its_account(connection: Connection) -> None:
    save(connection, CITY, RESORT)
    assert integration(connection, "pms", property_id="city-hotel") == CITY
    assert integration(connection, "pms", "b") == RESORT
    assert integration(connection, "pms", "c") is None
    assert integration(connection, "other", property_id="city-hotel") is None


def test_what_an_account_is_told_and_from_when_on_is_kept(connection: Connection) -> None:
    live = CITY._replace(pushes=("availability", "rates"), went_live_on=date(2026, 5, 1))
    save(connection, live, RESORT)
    assert integration(connection, "pms", property_id="city-hotel") == live
    assert [(each.pushes, each.went_live_on) for each in integrations(connection)] == [
        (("availability", "rates"), date(2026, 5, 1)),
        ((), None),
    ]


def test_an_account_for_several_properties_belongs_to_none_of_them(connection: Connection) -> None:
    save(connection, CITY, RESORT._replace(account="a"))
    found = integration(connection, "pms", "a")
    assert found is not None
    assert (found.property_id, found.kind) == (None, "hotel_rest")
    with pytest.raises(ValueError, match="needs a property_id"):
        save_integration(connection, found)


def test_secrets_open_for_their_own_row(connection: Connection) -> None:
    save(connection, CITY, RESORT)
    assert credentials(connection, "pms", "city-hotel", keys=KEYS) == {"api_key": "secret of city-hotel"}
    assert webhook_secrets(connection, "pms", "b", keys=KEYS) == ["secret of resort-hotel"]
    assert credentials(connection, "pms", "nowhere", keys=KEYS) == {}
    assert webhook_secrets(connection, "pms", "nowhere", keys=KEYS) == []


def test_an_account_for_several_properties_takes_the_secrets_of_all_once(connection: Connection) -> None:
    for row in (CITY, RESORT._replace(account="a")):
        save_integration(connection, row, webhook_secrets=["shared", f"only {row.property_id}"], keys=KEYS)
    found = webhook_secrets(connection, "pms", "a", keys=KEYS)
    assert found == ["shared", "only city-hotel", "only resort-hotel"]


def test_saving_without_secrets_keeps_them_and_one_kind_does_not_touch_the_other(connection: Connection) -> None:
    save(connection, CITY)
    save_integration(connection, CITY._replace(status="paused"))
    save_integration(connection, CITY._replace(status="paused"), webhook_secrets=["new", "old"], keys=KEYS)
    assert credentials(connection, "pms", "city-hotel", keys=KEYS) == {"api_key": "secret of city-hotel"}
    assert webhook_secrets(connection, "pms", "a", keys=KEYS) == ["new", "old"]


def test_a_paused_integration_is_still_read_and_one_in_maintenance_is_not(connection: Connection) -> None:
    save_integration(connection, CITY._replace(status="paused", cadence_seconds=20))
    save_integration(connection, RESORT._replace(status="maintenance"))
    assert integrations(connection) == [CITY._replace(status="paused", cadence_seconds=20)]


def test_swapping_two_rows_secrets_makes_both_unreadable(connection: Connection) -> None:
    save(connection, CITY, RESORT)
    swap = """
        UPDATE ops.integrations AS a SET credentials = b.credentials, key_id = b.key_id
        FROM ops.integrations AS b WHERE a.source = b.source AND a.property_id <> b.property_id
    """
    assert connection.execute(text(swap)).rowcount == 2
    for property_id in ("city-hotel", "resort-hotel"):
        with pytest.raises(SealError, match=property_id):
            credentials(connection, "pms", property_id, keys=KEYS)


def test_no_secret_lies_in_the_database_as_it_is(connection: Connection) -> None:
    save(connection, CITY)
    row = connection.execute(text("SELECT credentials, i::text FROM ops.integrations AS i")).one()
    assert b"secret of" not in row[0]
    assert "secret of" not in row[1]
    assert "secret of" not in repr(integration(connection, "pms", "a"))


def test_rotation_seals_anew_and_the_former_key_may_go(connection: Connection) -> None:
    save(connection, CITY, RESORT)
    rotated = Keys(NEW, former=(OLD,))
    assert rotate_secrets(connection, rotated) == 2
    assert rotate_secrets(connection, rotated) == 0
    assert credentials(connection, "pms", "city-hotel", keys=Keys(NEW)) == {"api_key": "secret of city-hotel"}
    with pytest.raises(SealError):
        credentials(connection, "pms", "city-hotel", keys=Keys(OLD))


def test_rotation_without_the_former_key_changes_nothing(connection: Connection) -> None:
    save(connection, CITY)
    with pytest.raises(SealError, match="give it as a former key"):
        rotate_secrets(connection, Keys(NEW))
    assert credentials(connection, "pms", "city-hotel", keys=KEYS) == {"api_key": "secret of city-hotel"}


def test_a_success_is_noted_for_the_one_that_worked(connection: Connection) -> None:
    save(connection, CITY, RESORT)
    note_success(connection, "pms", "city-hotel")
    query = "SELECT property_id FROM ops.integrations WHERE last_success_at = now()"
    assert connection.scalars(text(query)).all() == ["city-hotel"]
    assert [row.property_id for row in integrations(connection)] == ["city-hotel", "resort-hotel"]
