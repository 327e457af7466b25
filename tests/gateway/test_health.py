"""Whether the house is open, as monitoring sees it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from storage.health import HealthCheck, note_check
from tests.gateway.receivers import booking
from tests.gateway.running import SOURCE, Gateway, Integrate

CHECKED_AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def note(engine: Engine, status: str, source: str = SOURCE, at: datetime = CHECKED_AT) -> None:
    with engine.begin() as connection:
        note_check(connection, HealthCheck(source, "*", at, status, duration_ms=120, detail="answered"))


def test_a_house_in_order_is_healthy(gateway: Gateway) -> None:
    gateway.post(booking("evt_1"))

    answer = gateway.client.get("/health")

    told = answer.json()
    assert (answer.status_code, told["status"], told["database"]) == (200, "healthy", "reachable")
    assert (told["inbox"]["waiting"], answer.headers["cache-control"]) == (1, "no-store")
    assert told["responseTime"] >= 0


def test_bookings_that_wait_too_long_degrade_it(gateway: Gateway, engine: Engine) -> None:
    gateway.post(booking("evt_1"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE raw.inbox SET received_at = now() - interval '61 seconds'"))

    answer = gateway.client.get("/health")

    assert (answer.status_code, answer.json()["status"]) == (503, "degraded")
    assert answer.json()["inbox"]["oldestSeconds"] >= 61


def test_too_many_bookings_that_wait_degrade_it(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.health.MOST_WAITING", 1)
    for n in range(2):
        gateway.post(booking(f"evt_{n}"))

    assert gateway.client.get("/health").json()["status"] == "degraded"


def test_each_integration_is_shown_by_its_last_check(gateway: Gateway, engine: Engine) -> None:
    note(engine, "unhealthy", at=CHECKED_AT - timedelta(hours=1))
    note(engine, "healthy")

    answer = gateway.client.get("/health/integrations")

    (shown,) = answer.json()["integrations"]
    assert (answer.status_code, answer.json()["status"]) == (200, "healthy")
    assert shown == {
        "source": SOURCE,
        "propertyId": "*",
        "status": "healthy",
        "responseTime": 120,
        "lastChecked": "2026-11-20T10:00:00+00:00",
        "detail": "answered",
    }


def test_an_integration_that_was_never_checked_says_so(gateway: Gateway) -> None:
    (shown,) = gateway.client.get("/health/integrations").json()["integrations"]

    assert (shown["status"], shown["responseTime"], shown["lastChecked"]) == ("healthy", None, None)
    assert shown["detail"] == "never asked yet"


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        (("healthy", "degraded"), "degraded"),
        (("degraded", "unhealthy"), "unhealthy"),
        (("healthy", "healthy"), "healthy"),
    ],
)
def test_the_worst_integration_speaks_for_all(
    gateway: Gateway, engine: Engine, integrate: Integrate, statuses: tuple[str, str], worst: str
) -> None:
    integrate("pms")
    for source, status in zip((SOURCE, "pms"), statuses, strict=True):
        note(engine, status, source)

    answer = gateway.client.get("/health/integrations")

    assert (answer.status_code, answer.json()["status"]) == (200 if worst == "healthy" else 503, worst)


def test_answers_are_counted_by_source_and_a_made_up_source_is_not(gateway: Gateway) -> None:
    gateway.post(booking("evt_1"))
    gateway.post(booking("evt_1"), {})
    gateway.post(booking("evt_1"), path="/webhooks/bookings/made-up")
    gateway.client.get("/webhooks/bookings/made-up-too")

    answer = gateway.client.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain")
    for source, status in ((SOURCE, 202), (SOURCE, 401), ("unknown", 404), ("unknown", 405)):
        assert f'night_audit_webhook_answers_total{{source="{source}",status="{status}"}}' in answer.text
    assert "night_audit_webhook_commit_seconds_count" in answer.text
    assert "made-up" not in answer.text


def test_anything_else_is_404_and_says_where_the_doors_are(gateway: Gateway) -> None:
    for path in (
        "/",
        "/webhooks",
        "/webhooks/bookings/",
        "/webhooks/bookings/UPPER",
        "/metrics/more",
        "/webhooks/bookings/a/b/c",
    ):
        answer = gateway.client.post(path)

        assert (answer.status_code, "/webhooks/bookings/{source}" in answer.json()["error"]) == (404, True)
