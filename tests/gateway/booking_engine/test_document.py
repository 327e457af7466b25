"""The document tells the truth: what it says may be sent is answered as it says, and nothing ends in a 500."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import Engine

from gateway.booking_engine.service import Terms
from settings import Settings
from storage.sealing import Keys
from tests.gateway.booking_engine.engine_house import API, Api, calling
from tests.operations.asking import HOTEL, SOON

EXAMPLES = 15
CHECKS = (
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


@pytest.fixture
def api(settings: Settings, keys: Keys, hotel: Engine) -> Iterator[Api]:
    """The API of a hotel, nobody waits there."""
    with calling(settings, keys, hotel, Terms(per_second=10_000, burst=10_000, wait_seconds=0)) as found:
        found.book(reference="WEB-1001")
        yield found


def test_whatever_is_sent_is_answered_as_documented(api: Api) -> None:
    document = schemathesis.openapi.from_url(f"{api.client.base_url}/openapi.json")
    seen = set()
    for found in document.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if "plain names" in str(operation.definition.raw.get("tags")):
            continue
        for mode in schemathesis.GenerationMode:
            seen |= {(operation.label, each) for each in statuses(api, operation.as_strategy(generation_mode=mode))}
    answered = {status for _, status in seen}
    assert {200, 401, 404, 422} <= answered
    assert len({label for label, _ in seen}) == 12


def statuses(api: Api, cases: Any) -> set[int]:
    """Send what the document allows, or just not, as the hotel's own caller and as a stranger; give the answers' statuses."""
    answered: set[int] = set()

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases)
    def send(case: Any) -> None:
        if "hotel_id" in case.path_parameters:
            case.path_parameters["hotel_id"] = HOTEL
        for headers in ({"X-API-Key": api.key}, {}):
            response = case.call(headers=headers)
            case.validate_response(response, checks=CHECKS)
            answered.add(response.status_code)

    send()
    return answered


def test_a_booking_that_keeps_to_the_document_is_taken(api: Api) -> None:
    dates = {"check_in": SOON.isoformat(), "check_out": SOON.replace(year=SOON.year).isoformat()}
    assert api.client.post(f"{API}/bookings", json=dates).status_code == 422
    assert api.book("k1").status_code == 202


def test_the_page_shows_the_document_without_the_internet(api: Api) -> None:
    stranger = httpx.Client(base_url=api.client.base_url)
    page = stranger.get("/docs")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(links) == 4
    for link in links:
        assert link.startswith("/docs/")
        assert stranger.get(link).status_code == 200
    assert "/openapi.json" in stranger.get("/docs/start.js").text
    document = stranger.get("/openapi.json").json()
    assert f"{API}/bookings/{{booking_id}}" in document["paths"]
    assert set(document["components"]["securitySchemes"]) == {"HTTPBearer", "APIKeyHeader"}


def test_a_path_or_method_nobody_knows_is_a_problem_like_any_other(api: Api) -> None:
    for answer, status in (
        (api.client.get("/api/nothing"), 404),
        (api.client.patch(f"{API}/bookings/WEB-1"), 405),
    ):
        assert answer.status_code == status
        assert set(answer.json()) == {"error", "code"}
        assert answer.headers["cache-control"] == "no-store"


def test_webhooks_of_the_booking_engine_still_reach_the_receiver(api: Api) -> None:
    assert api.client.post("/api/webhooks/booking-engine", content=b"{}").status_code in {401, 404}
