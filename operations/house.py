"""Open the house: the one database every operation works on, as the settings name it."""

from functools import cache

from sqlalchemy import Engine

import settings
from storage.engine import autocommit, database_url, engine


@cache
def open_house() -> Engine:
    """Give this process's engine; starts the embedded server where no database is named."""
    return engine(database_url(settings.load()))


def address(house: Engine) -> str:
    """Give a house's database address, ready for psql."""
    return house.url.set(drivername="postgresql").render_as_string(hide_password=False)


def beside(house: Engine) -> Engine:
    """Give the autocommit engine of the same database: what it writes stands, whatever becomes of a transaction."""
    return autocommit(address(house))


def report_address() -> str:
    """Give the address under which the gateway serves report files, ending in a slash."""
    return f"http://127.0.0.1:{settings.load().gateway_port}/reports/"
