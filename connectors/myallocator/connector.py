"""The connector as the registry hands it out."""

from typing import Final

from connectors.myallocator.client import CAPABILITIES, open_client
from connectors.myallocator.mapping import MAPPERS, map_message
from connectors.myallocator.webhook import Receiver
from connectors.ports import Connector

CONNECTOR: Final = Connector(
    kind="myallocator",
    capabilities=CAPABILITIES,
    open=open_client,
    mappers=MAPPERS,
    webhooks=Receiver(),
    messages=map_message,
)
