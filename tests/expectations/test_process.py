"""What the gate costs a process: cheap to import, quiet, alone, planned once."""

import json
import subprocess
import sys
from typing import Any

import pytest

from expectations.suites import DATASETS, suite

IMPORT = """
import json, sys
import expectations.gate, expectations.advice, expectations.facts
print(json.dumps(sorted(set(sys.modules) & {"great_expectations", "pandas", "pyarrow", "numpy", "scipy"})))
"""
JUDGE = """
import json, socket, warnings

def refuse(*_, **__):
    raise SystemExit("the gate opened a connection")

socket.socket.connect = socket.socket.connect_ex = socket.create_connection = refuse
shown = warnings.showwarning

from expectations import gate, suites

gate.warm_up()
versions = [suites.suite(dataset).version for dataset in suites.DATASETS]

from tests.expectations.builders import stay, verdict

suites.import_module = None
word = verdict("reservations", stay(adult_count=0)).word
print(json.dumps({"versions": versions, "word": word, "are_warnings_python_s": warnings.showwarning is shown}))
"""

OUTLIVE = """
import json, os, signal

from great_expectations.validator import validation_graph
from tests.expectations.builders import stay, verdict

verdict("reservations", stay())
told, tell = os.pipe()
if not (child := os.fork()):
    validation_graph.tqdm.get_lock().acquire()
    os.write(tell, b"held")
    signal.pause()
os.read(told, 4)
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
signal.alarm(30)
print(json.dumps(verdict("reservations", stay()).word))
"""


def run(code: str) -> tuple[Any, str]:
    """Run code in a fresh process; give what it printed as JSON and what it wrote to stderr."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


@pytest.fixture(scope="module")
def judged() -> tuple[Any, str]:
    return run(JUDGE)


def test_importing_the_gate_loads_neither_pandas_nor_great_expectations() -> None:
    assert run(IMPORT) == ([], "")


def test_a_warm_process_judges_without_loading_or_planning_anything_and_without_a_connection(judged: Any) -> None:
    assert judged[0]["word"] == "quarantined"


def test_the_gate_prints_nothing(judged: Any) -> None:
    assert judged[1] == ""


def test_the_process_keeps_python_s_own_warnings(judged: Any) -> None:
    assert judged[0]["are_warnings_python_s"]


def test_another_process_finds_the_same_versions(judged: Any) -> None:
    assert judged[0]["versions"] == [suite(dataset).version for dataset in DATASETS]


def test_a_process_killed_in_the_midst_of_judging_holds_up_no_other() -> None:
    assert run(OUTLIVE) == ("passed", "")
