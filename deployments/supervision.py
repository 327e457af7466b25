"""One supervisord over all services: its configuration, its control port, who of the last one is still alive."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, cast
from xmlrpc.client import Fault, ServerProxy

from deployments.prefect_environment import full_environment
from deployments.records import recorded
from settings import Settings
from settings.folders import data_folder, write_private
from storage.embedded.process import Process

PATIENCE_SECONDS: Final = 10
POLL_SECONDS: Final = 0.05
LOG_BYTES: Final = "10MB"


class Program(NamedTuple):
    """A service under supervision: its name and the module it runs."""

    name: str
    arguments: tuple[str, ...]


# In the order they start; they stop in reverse.
PROGRAMS: Final = (
    Program("database", ("-m", "storage.embedded", "keep")),
    Program("prefect", ("-m", "prefect", "server", "start")),
    Program("gateway", ("-m", "gateway")),
    Program("sandbox", ("-m", "sandbox", "serve")),
    Program("trigger", ("-m", "deployments.trigger")),
    Program("worker", ("-m", "prefect", "worker", "start", "--pool", "night-audit", "--type", "process")),
)


class Control(NamedTuple):
    """How to talk to the supervisor: a loopback port and a password (a socket path could be too long)."""

    port: int
    password: str

    @property
    def server(self) -> Any:
        """Give the XML-RPC interface."""
        return ServerProxy(f"http://night-audit:{self.password}@127.0.0.1:{self.port}/RPC2").supervisor


class Supervision:
    """The supervisor of one data folder."""

    def __init__(self, given: Settings, programs: tuple[Program, ...] = PROGRAMS) -> None:
        self._settings = given
        self._run = data_folder(given, "run")
        self._logs = data_folder(given, "logs")
        # With a database of its own the house keeps none.
        self.programs = tuple(each for each in programs if each.name != "database" or not given.database_url)

    @property
    def process(self) -> Process | None:
        """The running supervisor, if there is one."""
        return recorded(self._settings, "supervisor")

    @property
    def control(self) -> Control:
        """How to talk to it; raises FileNotFoundError before the first start."""
        return Control(**json.loads((self._run / "control.json").read_text()))

    def start(self) -> None:
        """Start the supervisor with nothing under it; what an earlier one left behind is stopped first."""
        self.stop_orphans()
        control = Control(_free_port(), secrets.token_urlsafe(16))
        write_private(self._run / "control.json", json.dumps(control._asdict()))
        write_private(self._run / "supervisord.conf", self._configuration(control))
        command = [sys.executable, "-m", "deployments.service", "supervisor", "-m", "supervisor.supervisord"]
        with (self._logs / "supervisord.out").open("ab") as output:
            subprocess.Popen(
                [*command, "--nodaemon", "-c", str(self._run / "supervisord.conf")],
                cwd=self._settings.root,
                env=full_environment(self._settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        if not wait_until(self._answers, PATIENCE_SECONDS):
            msg = f"the supervisor did not start: read {self._logs / 'supervisord.log'}"
            raise RuntimeError(msg)

    def start_program(self, name: str) -> None:
        """Start one program; one that runs already stays."""
        try:
            self.control.server.startProcess(name, False)  # noqa: FBT003 XML-RPC has no keywords
        except Fault as fault:
            if "ALREADY_STARTED" not in fault.faultString:
                raise

    def is_running(self, name: str) -> bool:
        """Tell whether a program is up and has stayed up."""
        state = cast("dict[str, Any]", self.control.server.getProcessInfo(name))
        return bool(state["statename"] == "RUNNING")

    def stop(self) -> None:
        """Stop all in reverse order, then the supervisor, then whatever it lost; wait until all are gone."""
        process = self.process
        if process:
            self._stop_programs()
            process.end(signal.SIGTERM, signal.SIGKILL, seconds_each=3 * PATIENCE_SECONDS)
        self.stop_orphans()
        (self._run / "supervisor.service.json").unlink(missing_ok=True)

    def stop_orphans(self) -> None:
        """Stop services whose supervisor is gone, each by its own recorded (pid, start time)."""
        for program in reversed(self.programs):
            orphan = recorded(self._settings, program.name)
            if orphan:
                orphan.end(signal.SIGINT, signal.SIGTERM, signal.SIGKILL, seconds_each=PATIENCE_SECONDS / 2)

    def _stop_programs(self) -> None:
        for program in reversed(self.programs):
            try:
                self.control.server.stopProcess(program.name)
            except (OSError, Fault):
                continue

    def _answers(self) -> bool:
        try:
            return bool(self.control.server.getState()["statename"] == "RUNNING")
        except OSError:
            return False

    def _configuration(self, control: Control) -> str:
        head = f"""[supervisord]
logfile={_quoted(self._logs / "supervisord.log")}
logfile_maxbytes={LOG_BYTES}
pidfile={_quoted(self._run / "supervisord.pid")}
childlogdir={_quoted(self._logs)}
{"user=root" if os.geteuid() == 0 else ""}

[inet_http_server]
port=127.0.0.1:{control.port}
username=night-audit
password={control.password}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
        return head + "".join(self._section(program) for program in self.programs)

    def _section(self, program: Program) -> str:
        words = (sys.executable, "-m", "deployments.service", program.name, *program.arguments)
        command = " ".join(f'"{word}"' for word in words).replace("%", "%%")
        return f"""
[program:{program.name}]
command={command}
directory={_quoted(self._settings.root)}
autostart=false
autorestart=true
startsecs=1
startretries=1000000
stopsignal={"INT" if program.name == "database" else "TERM"}
stopwaitsecs={PATIENCE_SECONDS}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={_quoted(self._logs / f"{program.name}.log")}
stdout_logfile_maxbytes={LOG_BYTES}
stdout_logfile_backups=2
"""


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%%")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition of other processes; tell whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
