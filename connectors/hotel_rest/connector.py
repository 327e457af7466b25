"""The connector as the registry hands it out."""

from typing import Final

from connectors.hotel_rest.client import CAPABILITIES, open_client
from connectors.hotel_rest.events import map_message
from connectors.hotel_rest.mapping import MAPPERS
from connectors.hotel_rest.webhook import Receiver
from connectors.ports import Connector

CONNECTOR: Final = Connector(
    kind="hotel_rest",
    capabilities=CAPABILITIES,
    open=open_client,
    mappers=MAPPERS,
    webhooks=Receiver(),
    messages=map_message,
)
