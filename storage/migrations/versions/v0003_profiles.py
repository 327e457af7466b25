"""Drop the index from persons to profiles: nothing reads it yet, and its random keys made linking cost twice as much."""

from storage.migrations.scripts import run_scripts

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Run the folder beside this file."""
    run_scripts("v0003_profiles")
