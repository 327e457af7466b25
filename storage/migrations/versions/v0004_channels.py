"""Channels: what bookings tell beside rooms and nights, what goes out, what waits for a mapping, what conflicts."""

from storage.migrations.scripts import run_scripts

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Run the folder beside this file."""
    run_scripts("v0004_channels")
