"""Waiting for what other connections do."""

import threading

from sqlalchemy import Engine, text


def wait_for_a_lock(house: Engine) -> None:
    """Wait until somebody waits for a lock."""
    pending = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    for _ in range(2_000):
        with house.connect() as connection:
            if connection.execute(pending).scalar_one():
                return
        threading.Event().wait(0.005)
    raise AssertionError
