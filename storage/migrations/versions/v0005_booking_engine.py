"""What a hotel shows of itself and of its room types; what a key of our own API is called."""

from storage.migrations.scripts import run_scripts

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Run the folder beside this file."""
    run_scripts("v0005_booking_engine")
