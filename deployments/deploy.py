"""Deploy every flow: work pool, then all of `prefect.yaml`. Repeating it changes nothing."""

import subprocess
import sys

import settings
from deployments.prefect_environment import full_environment
from settings import Settings


def deploy_all(given: Settings) -> None:
    """Register the work pool and every deployment with the server; raises CalledProcessError where it refuses."""
    _prefect(given, "work-pool", "create", "night-audit", "--type", "process", "--overwrite")
    _prefect(given, "deploy", "--all", "--prefect-file", "deployments/prefect.yaml")


def _prefect(given: Settings, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
        cwd=given.root,
        env=full_environment(given),
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
