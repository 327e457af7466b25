"""Whoever pulls from a system has checked it: what the pull met is what `/health/integrations` shows."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from connectors.errors import FixCredentials, TryLater
from deployments.demo_house import CHANNEL, PMS
from hotel.codebook import ANY_PROPERTY
from operations.extract import extract
from operations.health import IntegrationHealth, integration_healths
from sandbox.server import Sandbox

LISBON = "harbour-lisbon"


def pull(house: Engine) -> None:
    extract(house, source=PMS, property_id=LISBON, dataset="guests")


def health(house: Engine, source: str = PMS, property_id: str = LISBON) -> IntegrationHealth:
    with house.connect() as connection:
        found = {(each.source, each.property_id): each for each in integration_healths(connection)}
    return found[source, property_id]


def test_a_system_that_answered_is_healthy_and_tells_when_and_how_fast(house: Engine) -> None:
    pull(house)
    found = health(house)
    assert (found.status, found.detail) == ("healthy", None)
    assert found.checked_at is not None
    assert datetime.now(UTC) - found.checked_at < timedelta(minutes=1)
    assert found.duration_ms is not None


def test_a_system_to_ask_later_is_degraded_until_it_answers(house: Engine, sandbox: Sandbox) -> None:
    sandbox.faults.arm("rate_limited", retry_after=3600, path="/v1/guests")
    with pytest.raises(TryLater):
        pull(house)
    found = health(house)
    assert found.status == "degraded"
    assert (found.detail or "").startswith("try_later: ")
    pull(house)
    assert health(house).status == "healthy"


def test_a_system_that_somebody_must_act_upon_is_unhealthy(house: Engine, sandbox: Sandbox) -> None:
    sandbox.faults.arm("server_error", status=403, times=1)
    with pytest.raises(FixCredentials):
        pull(house)
    found = health(house)
    assert found.status == "unhealthy"
    assert (found.detail or "").startswith("fix_credentials: ")


def test_a_system_nobody_has_asked_says_so(house: Engine) -> None:
    found = health(house, CHANNEL, ANY_PROPERTY)
    assert (found.status, found.checked_at, found.detail) == ("healthy", None, "never asked yet")
