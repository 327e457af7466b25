"""The environment every Prefect process of this house runs in: one server, its own home, never open."""

import json
import secrets
from pathlib import Path
from typing import Final

from settings import Settings
from settings.children import inherited
from settings.folders import data_folder, write_private

HEARTBEAT_SECONDS: Final = 30
KEPT_SECONDS: Final = 14 * 86_400
# A run that somebody asks for starts within this time.
WORKER_SECONDS: Final = 3


def prefect_environment(given: Settings, *, port: int | None = None) -> dict[str, str]:
    """Give the variables; the auth string is made once and kept in `.data/run/prefect.json` (0600).

    An open Prefect API lets anyone run code here, so there is no moment without one.
    """
    address = f"http://127.0.0.1:{port or given.prefect_port}"
    auth = _auth_string(data_folder(given, "run") / "prefect.json")
    return {
        "AUDIT_ROOT": str(given.root),
        "NIGHT_AUDIT_DATA_DIR": str(given.data_dir),
        "PYTHONPATH": str(given.root),
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "PREFECT_HOME": str(given.data_dir / "prefect"),
        "PREFECT_API_URL": f"{address}/api",
        "PREFECT_UI_URL": address,
        "PREFECT_API_AUTH_STRING": auth,
        "PREFECT_SERVER_API_AUTH_STRING": auth,
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port or given.prefect_port),
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": address,
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(KEPT_SECONDS),
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
        # The SQLite of the server has one writer: who loses a race for it is told 503 and asks again.
        "PREFECT_CLIENT_MAX_RETRIES": "10",
        "PREFECT_WORKER_QUERY_SECONDS": str(WORKER_SECONDS),
        "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "operations,connectors,storage",
        "PREFECT_CLI_PROMPT": "false",
    }


def full_environment(given: Settings, *, port: int | None = None) -> dict[str, str]:
    """Give this process's environment with Prefect's variables of the house in place of any other."""
    kept = {name: value for name, value in inherited().items() if not name.startswith("PREFECT_")}
    return kept | prefect_environment(given, port=port)


def _auth_string(path: Path) -> str:
    if not path.exists():
        write_private(path, json.dumps({"auth": f"night-audit:{secrets.token_urlsafe(24)}"}))
    return str(json.loads(path.read_text())["auth"])
