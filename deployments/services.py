"""All services of the house: `python -m deployments.services up|down`."""

import fcntl
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import stamina
from sqlalchemy import Engine, text

import settings
from deployments.demo_house import BOOKINGS_PER_HOUSE, PMS, sandbox_world, set_up_sandbox
from deployments.deploy import deploy_all, is_deployed
from deployments.health import is_healthy
from deployments.supervision import Supervision, wait_until
from settings import Settings
from settings.folders import data_folder
from storage import embedded
from storage.engine import database_url, engine
from storage.migrate import upgrade

START_SECONDS: Final = 120.0
LAST_LINES: Final = 15
# Those of a line start together, once the line before is healthy and what follows from it is done.
WAVES: Final = (("database",), ("prefect", "gateway", "sandbox", "trigger", "puller", "courier"), ("worker",))


class NotUpError(Exception):
    """A service cannot be brought up; the message says why and what to do."""


def up(given: Settings) -> str:
    """Start what does not run and give one line per service; what runs and is healthy is left as it is."""
    supervision = Supervision(given)
    if supervision.process is None:
        supervision.start()
    names = {program.name for program in supervision.programs}
    if given.database_url:
        _prepare_database(given)
    for wave in WAVES:
        starting = [name for name in wave if name in names]
        for name in starting:
            _start(given, supervision, name)
        for name in starting:
            _wait_for(given, supervision, name)
            _AFTER.get(name, _nothing)(given)
    return _summary(given, supervision)


def down(given: Settings) -> str:
    """Stop everything in reverse order and wait until nothing of this data folder runs any more."""
    Supervision(given).stop()
    if not given.database_url:
        embedded.stop(given)
    return "all services are stopped\n"


def _start(given: Settings, supervision: Supervision, name: str) -> None:
    if supervision.is_running(name):
        return
    port = getattr(given, f"{name}_port", None)
    if port and _is_taken(port):
        msg = (
            f"port {port} for {name} is taken by another program: "
            f"stop that one, or set NIGHT_AUDIT_{name.upper()}_PORT to a free port"
        )
        raise NotUpError(msg)
    supervision.start_program(name)


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def _wait_for(given: Settings, supervision: Supervision, name: str) -> None:
    if wait_until(lambda: supervision.is_running(name) and is_healthy(given, name), START_SECONDS):
        return
    log = data_folder(given, "logs") / f"{name}.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    msg = f"{name} is not healthy after {START_SECONDS:.0f} s. The end of {log}:\n" + "\n".join(lines[-LAST_LINES:])
    raise NotUpError(msg)


def _prepare_database(given: Settings) -> None:
    house = engine(database_url(given))
    upgrade(house)
    address = f"http://127.0.0.1:{given.sandbox_port}"
    if _wants_sandbox(given, house, address):
        set_up_sandbox(house, sandbox_world(), address)


def _wants_sandbox(given: Settings, house: Engine, address: str) -> bool:
    """Tell whether the sandbox's hotels must be written: they are not there, or at another address.

    A database of one's own that has other systems already is left as it is.
    """
    query = text("SELECT source, settings ->> 'base_url' AS address FROM ops.integrations")
    with house.connect() as connection:
        rows = connection.execute(query).all()
    told = {row.address for row in rows if row.source == PMS}
    return told != {address} if told else not (rows and given.database_url)


def _deploy(given: Settings) -> None:
    if not is_deployed(given):
        deploy_all(given)


def _nothing(_given: Settings) -> None:
    pass


_AFTER: Final[dict[str, Callable[[Settings], None]]] = {"database": _prepare_database, "prefect": _deploy}


def _summary(given: Settings, supervision: Supervision) -> str:
    gateway = f"http://127.0.0.1:{given.gateway_port}"
    lines = {
        "database": 'psql "$(make -s database-url)"',
        "prefect": f"http://127.0.0.1:{given.prefect_port}  (sign in with {given.data_dir}/run/prefect.json)",
        "gateway": f"{gateway}/health  (webhooks: POST {gateway}/webhooks/bookings/sandbox_channel)",
        "sandbox": f"http://127.0.0.1:{given.sandbox_port}/sandbox",
        "trigger": "imports what is received",
        "puller": "pulls what channels keep until they are told that we have it",
        "courier": "tells channels what may be sold",
        "worker": "runs the flows of work pool night-audit",
    }
    shown = "".join(f"{each.name:<9} healthy  {lines[each.name]}\n" for each in supervision.programs)
    return shown + (
        f"\nSend a signed test webhook: .venv/bin/python -m sandbox send --size {BOOKINGS_PER_HOUSE} --gateway {gateway}\n"
        "Stop everything: make down\n"
    )


@contextmanager
def _alone(given: Settings) -> Iterator[None]:
    """Wait for another `up` or `down` of this data folder to end."""
    with (data_folder(given, "run") / "services.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> None:
    """Run one of the two."""
    commands = {"up": up, "down": down}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:  # noqa: PLR2004
        sys.exit("usage: python -m deployments.services up|down")
    given = settings.load()
    stamina.instrumentation.set_on_retry_hooks([])  # a server that is busy for a moment is no news here
    try:
        with _alone(given):
            sys.stdout.write(commands[sys.argv[1]](given))
    except NotUpError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
