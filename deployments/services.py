"""All services of the house: `python -m deployments.services up|down`."""

import sys
from collections.abc import Callable
from typing import Final

import httpx
from operations.configure import configure_house
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

import settings
from deployments.deploy import deploy_all
from deployments.prefect_environment import prefect_environment
from deployments.supervision import Supervision, wait_until
from settings import Settings
from storage.engine import database_url, engine
from storage.migrate import upgrade

START_SECONDS: Final = 90.0


def up() -> int:
    """Start what does not run, in order, each once the one before is healthy; print one line per service."""
    given = settings.load()
    supervision = Supervision(given)
    if given.database_url:
        _prepare_database(given)
    if supervision.process is None:
        supervision.start()
    for program in supervision.programs:
        supervision.start_program(program.name)
        if not wait_until(lambda name=program.name: _is_healthy(given, supervision, name), START_SECONDS):  # type: ignore[misc]
            sys.stderr.write(f"{program.name} did not become healthy: read .data/logs/{program.name}.log\n")
            return 1
        AFTER.get(program.name, _nothing)(given)
    sys.stdout.write(_summary(given, supervision))
    return 0


def down() -> int:
    """Stop everything in reverse order and wait for it."""
    Supervision(settings.load()).stop()
    sys.stdout.write("all services are stopped\n")
    return 0


def _prepare_database(given: Settings) -> None:
    house = engine(database_url(given))
    upgrade(house)
    configure_house(house, given, "sandbox")


def _nothing(_given: Settings) -> None:
    pass


AFTER: Final[dict[str, Callable[[Settings], None]]] = {"database": _prepare_database, "prefect": deploy_all}


def _is_healthy(given: Settings, supervision: Supervision, name: str) -> bool:
    if not supervision.is_running(name):
        return False
    return CHECKS[name](given)


def _database_answers(given: Settings) -> bool:
    try:
        with engine(database_url(given)).connect() as connection:
            return bool(connection.execute(text("select true")).scalar())
    except (SQLAlchemyError, OSError):
        return False


def _trigger_listens(given: Settings) -> bool:
    listening = text("select exists (select from pg_stat_activity where application_name = 'trigger')")
    with engine(database_url(given)).connect() as connection:
        return bool(connection.execute(listening).scalar())


def _prefect_answers(given: Settings) -> bool:
    return _answers(f"http://127.0.0.1:{given.prefect_port}/api/health")


def _worker_is_online(given: Settings) -> bool:
    environment = prefect_environment(given)
    auth = tuple(environment["PREFECT_API_AUTH_STRING"].split(":", 1))
    workers = f"{environment['PREFECT_API_URL']}/work_pools/night-audit/workers/filter"
    try:
        found = httpx.post(workers, json={}, auth=httpx.BasicAuth(*auth), trust_env=False, timeout=5)
    except httpx.HTTPError:
        return False
    return found.is_success and any(worker["status"] == "ONLINE" for worker in found.json())


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False, timeout=5).is_success
    except httpx.HTTPError:
        return False


CHECKS: Final[dict[str, Callable[[Settings], bool]]] = {
    "database": _database_answers,
    "prefect": _prefect_answers,
    "gateway": lambda given: _answers(f"http://127.0.0.1:{given.gateway_port}/health"),
    "sandbox": lambda given: _answers(f"http://127.0.0.1:{given.sandbox_port}/health"),
    "trigger": _trigger_listens,
    "worker": _worker_is_online,
}


def _summary(given: Settings, supervision: Supervision) -> str:
    gateway = f"http://127.0.0.1:{given.gateway_port}"
    lines = {
        "database": 'psql "$(make -s database-url)"',
        "prefect": f"http://127.0.0.1:{given.prefect_port}  (sign in with the string in .data/run/prefect.json)",
        "gateway": f"{gateway}/health  (webhooks: POST {gateway}/webhooks/bookings/sandbox_channel)",
        "sandbox": f"http://127.0.0.1:{given.sandbox_port}/v1/properties",
        "trigger": "imports what the gateway receives",
        "worker": "runs the flows of work pool night-audit",
    }
    shown = "".join(f"{each.name:<10} healthy  {lines[each.name]}\n" for each in supervision.programs)
    return shown + "\nSend a signed test webhook: .venv/bin/python -m sandbox send\nStop everything: make down\n"


def main() -> None:
    """Run one of the two."""
    commands = {"up": up, "down": down}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:  # noqa: PLR2004
        sys.exit("usage: python -m deployments.services up|down")
    sys.exit(commands[sys.argv[1]]())


if __name__ == "__main__":
    main()
