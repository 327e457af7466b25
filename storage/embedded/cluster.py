"""The cluster: made once, whole or not at all; a port of its own; the command that serves it."""

import os
import secrets
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Final

from settings.folders import write_private
from settings.load import Settings
from storage.embedded.install import programs
from storage.embedded.place import Place
from storage.embedded.record import DATABASE, HOST, USER, password_path, port_path

# Below the ports that Linux lends to outgoing connections, so that none of those holds ours while the server restarts.
_PORTS: Final = range(20000, 32000)

_CONFIGURATION: Final = {
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    # Disks of today read any page about as fast as the next one: indexes are worth using.
    "random_page_cost": "1.1",
    # Back up in a moment after a crash: one syncfs instead of a thousand fsyncs, as durable on Linux.
    "recovery_init_sync_method": "syncfs",
    # Rows are personal data: an error is logged without the statement and without DETAIL, which show them.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


def ensure_cluster(settings: Settings, place: Place) -> None:
    """Make the cluster with its database where there is none. A kill half-way leaves nothing that looks like one."""
    if place.cluster.exists():
        return
    fresh = place.folder / "cluster.part"
    shutil.rmtree(fresh, ignore_errors=True)
    password = _password(settings)
    password_file = place.folder / "initdb.password"
    password_file.write_text(password, encoding="ascii")
    os.chown(password_file, place.identity.uid, place.identity.gid)
    password_file.chmod(0o600)
    try:
        _run(place, [*_initdb(place), f"--pwfile={password_file}", f"--pgdata={fresh}"])
    finally:
        password_file.unlink()
    single = [_program(place, "postgres"), "--single", "-D", str(fresh), "-F", "template1"]
    _run(place, single, typed=f'create database "{DATABASE}"\n')
    fresh.rename(place.cluster)


def server_command(place: Place, port: int) -> list[str]:
    """Give the command that serves the cluster on loopback TCP alone; a socket's path would have to be short."""
    addresses = {"listen_addresses": HOST, "port": str(port), "unix_socket_directories": ""}
    return [
        _program(place, "postgres"),
        "-D",
        str(place.cluster),
        *(word for name, value in addresses.items() for word in ("-c", f"{name}={value}")),
    ]


def choose_port(settings: Settings) -> int:
    """Give the port kept from before, or choose one; only where a stranger holds it now a new one is chosen."""
    path = port_path(settings)
    kept = int(path.read_text(encoding="ascii")) if path.exists() else None
    if kept is not None and _is_free(kept):
        return kept
    port = next(port for port in iter(lambda: secrets.choice(_PORTS), None) if _is_free(port))
    write_private(path, str(port))
    return port


def _initdb(place: Place) -> list[str]:
    return [
        _program(place, "initdb"),
        f"--username={USER}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--sync-method=syncfs",
        *(word for name, value in _CONFIGURATION.items() for word in ("-c", f"{name}={value}")),
    ]


def _password(settings: Settings) -> str:
    path = password_path(settings)
    if not path.exists():
        write_private(path, secrets.token_hex(24))
    return path.read_text(encoding="ascii")


def _program(place: Place, name: str) -> str:
    return str(programs(place) / name)


def _run(place: Place, command: list[str], typed: str = "") -> None:
    done = subprocess.run(
        command,
        input=typed,
        cwd=place.folder,
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C"},
        **place.identity.popen,
    )
    if done.returncode != 0:
        msg = f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}"
        raise OSError(msg)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
