"""The connector as the registry hands it out."""

from typing import Final

from connectors.opentravel_generic.client import CAPABILITIES, open_client
from connectors.opentravel_generic.mapping import map_message
from connectors.opentravel_generic.webhook import Receiver
from connectors.ports import Connector

CONNECTOR: Final = Connector(
    kind="opentravel_generic",
    capabilities=CAPABILITIES,
    open=open_client,
    mappers={},
    webhooks=Receiver(),
    messages=map_message,
)
