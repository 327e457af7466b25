"""Drop the index from persons to profiles: nothing reads it yet, and its random keys cost a fifth of a first load."""

from storage.migrations.scripts import run_scripts

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Run the folder beside this file."""
    run_scripts("v0003_profiles")
