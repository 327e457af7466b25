"""The connector as the registry hands it out."""

from typing import Final

from connectors.ports import Connector
from connectors.siteminder.client import CAPABILITIES, open_client
from connectors.siteminder.mapping import map_message
from connectors.siteminder.webhook import Receiver

CONNECTOR: Final = Connector(
    kind="siteminder",
    capabilities=CAPABILITIES,
    open=open_client,
    mappers={},
    webhooks=Receiver(),
    messages=map_message,
)
