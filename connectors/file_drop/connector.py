"""The file drop as flows know it: where an account's exports lie and which mapping reads them."""

from typing import Final

from connectors.errors import FixMapping
from connectors.file_drop.client import CAPABILITIES, FileDrop
from connectors.file_drop.export import load_export
from connectors.file_drop.mapping import map_reservations
from connectors.ports import Account, Connector, Credentials, Ports


def open_file_drop(account: Account, credentials: Credentials, ports: Ports) -> FileDrop:  # noqa: ARG001 files need neither
    """Open the account's `path` (a file or folder) by its `export`; without one, by the only mapping that fits."""
    path, export = account.options.get("path"), account.options.get("export")
    if not path:
        msg = "state in the integration's settings where the exports are dropped: path = <a file or a folder>"
        raise FixMapping(msg)
    return FileDrop(path, load_export(export) if export else None)


CONNECTOR: Final = Connector("file_drop", CAPABILITIES, open_file_drop, {"reservations": map_reservations})
