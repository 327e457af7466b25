"""Create the breaker and the rate limiter: functions, so that every process shares one clock and one state."""

from storage.migrations.scripts import run_scripts

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Run the folder beside this file."""
    run_scripts("v0002_switches")
