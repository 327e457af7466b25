"""How the database gets from one version to the next: SQL scripts that Alembic keeps in order."""
