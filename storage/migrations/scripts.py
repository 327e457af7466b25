"""Run a migration's SQL scripts."""

from pathlib import Path
from typing import Final

from alembic import op

_VERSIONS: Final = Path(__file__).parent / "versions"


def run_scripts(folder: str) -> None:
    """Run every `*.sql` of a folder of `versions/` in the order of the names, in the migration's transaction."""
    connection = op.get_bind()
    for script in sorted((_VERSIONS / folder).glob("*.sql")):
        # Without parameters the driver leaves `%` alone and takes several statements at once.
        connection.exec_driver_sql(script.read_text(), execution_options={"no_parameters": True})
