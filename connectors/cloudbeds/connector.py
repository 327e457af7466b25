"""The connector as the registry hands it out."""

from typing import Final

from connectors.cloudbeds.client import CAPABILITIES, open_client
from connectors.cloudbeds.guests import MAPPERS
from connectors.cloudbeds.mapping import map_message
from connectors.cloudbeds.webhook import Receiver
from connectors.ports import Connector

CONNECTOR: Final = Connector(
    kind="cloudbeds",
    capabilities=CAPABILITIES,
    open=open_client,
    mappers=MAPPERS,
    webhooks=Receiver(),
    messages=map_message,
)
