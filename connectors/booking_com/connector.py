"""The connector as the registry hands it out."""

from typing import Final

from connectors.booking_com.client import CAPABILITIES, open_client
from connectors.booking_com.mapping import map_message
from connectors.ports import Connector

CONNECTOR: Final = Connector(
    kind="booking_com", capabilities=CAPABILITIES, open=open_client, mappers={}, messages=map_message
)
