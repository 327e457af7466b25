"""One supervisord over all services: its configuration, its control port, and what is left when it was killed."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple, cast
from xmlrpc.client import Fault, ServerProxy

from deployments.demo_house import BOOKINGS_PER_HOUSE, SEED
from deployments.prefect_environment import full_environment
from deployments.supervised import mark, supervised
from settings import Settings
from settings.folders import data_folder, write_private
from settings.ports import free_port
from storage.embedded.process import Process, process

PATIENCE_SECONDS: Final = 10
# A server that writes its last checkpoint is not killed over it.
DATABASE_PATIENCE_SECONDS: Final = 40
# After an outage all runs that are late come at once, each a process of 250 MB.
RUNS_AT_ONCE: Final = 4
POLL_SECONDS: Final = 0.05
LOG_BYTES: Final = "10MB"


class Program(NamedTuple):
    """A service under supervision: its name and the words after `python -m`."""

    name: str
    words: tuple[str, ...]


class Control(NamedTuple):
    """The supervisor by (pid, start time), and how to talk to it: a loopback port, for a socket's path can be too long."""

    pid: int
    started: int
    port: int
    password: str

    @property
    def process(self) -> Process:
        """The supervisor's process, be it alive or not."""
        return Process(self.pid, self.started)

    @property
    def server(self) -> Any:
        """Give the XML-RPC interface."""
        return ServerProxy(f"http://night-audit:{self.password}@127.0.0.1:{self.port}/RPC2").supervisor


class Supervision:
    """The supervisor of one data folder."""

    def __init__(self, given: Settings) -> None:
        self._settings = given
        self._run = data_folder(given, "run")
        self._logs = data_folder(given, "logs")
        self.programs = programs(given)

    @property
    def process(self) -> Process | None:
        """The running supervisor, if there is one."""
        control = self._control()
        return control.process if control and control.process.is_alive else None

    def start(self) -> None:
        """Start a supervisor with nothing under it yet, in place of whatever a killed one has left."""
        end_all(supervised(self._settings))
        port, password = free_port(), secrets.token_urlsafe(16)
        configuration = self._run / "supervisord.conf"
        write_private(configuration, self._configuration(port, password))
        with (self._logs / "supervisord.out").open("ab") as output:
            started = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "-c", str(configuration)],
                cwd=self._settings.root,
                env=full_environment(self._settings) | mark(self._settings) | {"AUDIT_PYTHON": sys.executable},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        if (found := process(started.pid)) is not None:
            write_private(self._run / "supervisor.json", json.dumps(Control(*found, port, password)._asdict()))
        if not wait_until(lambda: started.poll() is not None or self._answers(), PATIENCE_SECONDS) or started.poll():
            msg = f"the supervisor did not start: read {self._logs / 'supervisord.out'}"
            raise RuntimeError(msg)

    def start_program(self, name: str) -> None:
        """Start one program; one that runs already stays."""
        try:
            self._server.startProcess(name, False)  # noqa: FBT003 XML-RPC has no keywords
        except Fault as fault:
            if "ALREADY_STARTED" not in fault.faultString:
                raise

    def is_running(self, name: str) -> bool:
        """Tell whether a program is up."""
        state = cast("dict[str, Any]", self._server.getProcessInfo(name))
        return bool(state["statename"] == "RUNNING")

    def stop(self) -> None:
        """Stop the worker with its flow runs, then all others in reverse order, and wait until nothing is left."""
        supervisor = self.process
        if supervisor and self._answers():
            # The worker takes no more runs and waits for those it has; they report to Prefect that they were stopped.
            self._stop_program("worker")
            end_all(self._flow_runs(supervisor))
        if supervisor:
            supervisor.end(
                signal.SIGTERM, seconds_each=len(self.programs) * PATIENCE_SECONDS + DATABASE_PATIENCE_SECONDS
            )
        end_all(supervised(self._settings))

    def _stop_program(self, name: str) -> None:
        try:
            self._server.stopProcess(name, False)  # noqa: FBT003
        except Fault as fault:
            if "NOT_RUNNING" not in fault.faultString:
                raise

    def _flow_runs(self, supervisor: Process) -> list[Process]:
        services = {each["pid"] for each in self._server.getAllProcessInfo()}
        return [each for each in supervised(self._settings) if each.pid not in services | {supervisor.pid}]

    def _control(self) -> Control | None:
        try:
            return Control(**json.loads((self._run / "supervisor.json").read_text()))
        except FileNotFoundError:
            return None

    @property
    def _server(self) -> Any:
        control = self._control()
        if control is None:
            msg = "no supervisor has been started in this data folder"
            raise RuntimeError(msg)
        return control.server

    def _answers(self) -> bool:
        try:
            return bool(self._server.getState()["statename"] == "RUNNING")
        except OSError:
            return False

    def _configuration(self, port: int, password: str) -> str:
        # %(here)s is the folder of this file, %(ENV_…)s our own environment: no path needs quoting.
        head = f"""[supervisord]
logfile=%(here)s/../logs/supervisord.log
logfile_maxbytes={LOG_BYTES}
pidfile=%(here)s/supervisord.pid
childlogdir=%(here)s/../logs
{"user=root" if os.geteuid() == 0 else ""}

[inet_http_server]
port=127.0.0.1:{port}
username=night-audit
password={password}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
        return head + "".join(_section(program, place) for place, program in enumerate(self.programs, start=1))


def programs(given: Settings) -> tuple[Program, ...]:
    """Give the services in the order they start; they stop in reverse. With a database of its own the house keeps none."""
    world = ("--seed", str(SEED), "--size", str(BOOKINGS_PER_HOUSE))
    every = (
        Program("database", ("storage.embedded", "keep")),
        Program("prefect", ("prefect", "server", "start")),
        Program("gateway", ("gateway",)),
        Program("sandbox", ("sandbox", "serve", "--port", str(given.sandbox_port), *world)),
        Program("trigger", ("deployments.trigger",)),
        Program("puller", ("deployments.puller",)),
        Program("courier", ("deployments.courier",)),
        Program(
            "worker",
            ("prefect", "worker", "start", "--pool", "night-audit", "--type", "process", "--limit", str(RUNS_AT_ONCE)),
        ),
    )
    return tuple(each for each in every if each.name != "database" or not given.database_url)


def _section(program: Program, place: int) -> str:
    # startsecs=0: a service that ends at once is started again each second, however long its trouble lasts.
    is_database = program.name == "database"
    return f"""
[program:{program.name}]
command="%(ENV_AUDIT_PYTHON)s" -m {" ".join(program.words)}
directory=%(ENV_AUDIT_ROOT)s
priority={place}
autostart=false
autorestart=true
startsecs=0
stopsignal={"INT" if is_database else "TERM"}
stopwaitsecs={DATABASE_PATIENCE_SECONDS if is_database else PATIENCE_SECONDS}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile=%(here)s/../logs/{program.name}.log
stdout_logfile_maxbytes={LOG_BYTES}
stdout_logfile_backups=2
"""


def end_all(processes: list[Process]) -> None:
    """End processes, each by its own (pid, start time): all are asked at once, who stays is killed; wait for them."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for each in processes:
            each.send(number)
        deadline = time.monotonic() + PATIENCE_SECONDS
        processes = [each for each in processes if not each.has_ended(max(deadline - time.monotonic(), 0))]


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition of other processes; tell whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
