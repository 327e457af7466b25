"""Run the gateway: `python -m gateway`."""

import gc
import resource
from typing import Final

import uvicorn

import settings
from connectors.registry import KINDS
from gateway.app import create_app, webhooks_of
from gateway.serving import server_config
from settings.folders import data_folder
from settings.secrets import secret_key
from storage.engine import database_url
from storage.sealing import Keys

MOST_OPEN_FILES: Final = 65_536


def main() -> None:
    """Serve on loopback; a reverse proxy with TLS stands in front in production."""
    given = settings.load()
    app = create_app(database_url(given), data_folder(given, "reports"), Keys(secret_key(given)))
    _allow_many_connections()
    for kind in KINDS:
        webhooks_of(kind)  # imported now, so that the first senders need not wait for it
    gc.freeze()  # what is loaded by now stays: the collector need not look at it under load
    uvicorn.Server(server_config(app, given.gateway_port)).run()


def _allow_many_connections() -> None:
    """Raise the soft limit of open files (often 1,024) to what the system allows: each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_OPEN_FILES if most == resource.RLIM_INFINITY else min(most, MOST_OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


if __name__ == "__main__":
    main()
