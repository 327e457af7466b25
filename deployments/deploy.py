"""Deploy every flow: work pool, then all of `prefect.yaml`. Repeating it changes nothing."""

import hashlib
import subprocess
import sys
from typing import Final

import yaml

import settings
from deployments.prefect_api import ask
from deployments.prefect_environment import full_environment
from settings import Settings

FILE: Final = "deployments/prefect.yaml"
POOL: Final = "night-audit"
# What a deployment is made of: when it runs, and the parameters of its flow.
SOURCES: Final = (FILE, "flows/*.py", "tasks/parameters.py")


def deploy_all(given: Settings) -> None:
    """Register the work pool and every deployment with the server; raises CalledProcessError where it refuses."""
    # Without a template: the worker brings its own when it starts.
    if POOL not in {each["name"] for each in ask(given, "POST", "work_pools/filter", {})}:
        ask(given, "POST", "work_pools/", {"name": POOL, "type": "process"})
    _prefect(given, "deploy", "--all", "--prefect-file", FILE)


def is_deployed(given: Settings) -> bool:
    """Tell whether the server has every deployment in the version that lies here."""
    wanted = version(given)
    found = ask(given, "POST", "deployments/filter", {})
    here: list[object] = yaml.safe_load((given.root / FILE).read_text())["deployments"]
    return sum(1 for each in found if each["version"] == wanted) == len(here)


def version(given: Settings) -> str:
    """Name the state of the deployments and of the place they run from: it changes when either does."""
    digest = hashlib.sha256(str(given.root).encode())
    for path in sorted(path for source in SOURCES for path in given.root.glob(source)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _prefect(given: Settings, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
        cwd=given.root,
        env=full_environment(given) | {"AUDIT_VERSION": version(given)},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        done.check_returncode()


def main() -> None:
    """Deploy into the running server."""
    deploy_all(settings.load())
    sys.stdout.write("all deployments are registered\n")


if __name__ == "__main__":
    main()
