"""The generic PMS and channel-manager REST contract: guests, reservations, room status, rates, inventory, webhooks."""

from connectors.hotel_rest.client import CAPABILITIES, open_client
from connectors.hotel_rest.mapping import MAPPERS
from connectors.hotel_rest.webhook import Receiver
from connectors.ports import Connector

CONNECTOR = Connector(
    kind=__name__.rpartition(".")[2],
    capabilities=CAPABILITIES,
    open=open_client,
    mappers=MAPPERS,
    webhooks=Receiver(),
)
