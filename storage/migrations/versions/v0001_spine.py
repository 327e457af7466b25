"""Create everything the spine needs."""

from storage.migrations.scripts import run_scripts

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the folder beside this file."""
    run_scripts("v0001_spine")
