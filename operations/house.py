"""Open the house: the one database every operation works on, as the settings name it."""

from functools import cache

from sqlalchemy import Engine

import settings
from storage.engine import database_url, engine


@cache
def open_house() -> Engine:
    """Give this process's engine; starts the embedded server where no database is named."""
    return engine(database_url(settings.load()))


def report_address() -> str:
    """Give the address under which the gateway serves report files, ending in a slash."""
    return f"http://127.0.0.1:{settings.load().gateway_port}/reports/"
