"""The connector as the registry hands it out."""

from typing import Final

from connectors.expedia.client import CAPABILITIES, open_client
from connectors.expedia.mapping import MAPPERS, map_message
from connectors.expedia.webhook import Receiver
from connectors.ports import Connector

CONNECTOR: Final = Connector(
    kind="expedia",
    capabilities=CAPABILITIES,
    open=open_client,
    mappers=MAPPERS,
    webhooks=Receiver(),
    messages=map_message,
)
