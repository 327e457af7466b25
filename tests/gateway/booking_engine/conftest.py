"""Fixtures: the hotel with prices, the gateway in front of it, and who imports."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from expectations.gate import warm_up
from gateway.booking_engine.service import Terms
from settings import Settings
from storage.sealing import Keys
from tests.gateway.booking_engine.engine_house import Api, calling, importing, set_up_market


@pytest.fixture
def hotel(engine: Engine, clean_database: str) -> Engine:
    """Two doubles and a suite, priced for sixty nights."""
    set_up_market(engine)
    return engine


@pytest.fixture
def api(settings: Settings, keys: Keys, hotel: Engine) -> Iterator[Api]:
    """The API of a hotel where somebody imports; however busy this machine is, outcomes are waited for."""
    warm_up()
    with importing(hotel), calling(settings, keys, hotel, Terms(wait_seconds=60)) as found:
        yield found
