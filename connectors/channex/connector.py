"""The connector as the registry hands it out."""

from typing import Final

from connectors.channex.client import CAPABILITIES, open_client
from connectors.channex.mapping import map_message
from connectors.channex.webhook import Receiver
from connectors.ports import Connector

CONNECTOR: Final = Connector(
    kind="channex",
    capabilities=CAPABILITIES,
    open=open_client,
    mappers={},
    webhooks=Receiver(),
    messages=map_message,
)
