"""The connector as the registry hands it out."""

from typing import Final

from connectors.alpinebits.client import CAPABILITIES, open_client
from connectors.alpinebits.mapping import map_message
from connectors.alpinebits.webhook import Receiver
from connectors.ports import Connector

CONNECTOR: Final = Connector(
    kind="alpinebits",
    capabilities=CAPABILITIES,
    open=open_client,
    mappers={},
    webhooks=Receiver(),
    messages=map_message,
)
