"""The connector as the registry hands it out."""

from typing import Final

from connectors.booking_engine.client import CAPABILITIES, open_client
from connectors.booking_engine.mapping import map_message
from connectors.booking_engine.webhook import Receiver
from connectors.ports import Connector

CONNECTOR: Final = Connector(
    kind="booking_engine",
    capabilities=CAPABILITIES,
    open=open_client,
    mappers={},
    webhooks=Receiver(),
    messages=map_message,
)
