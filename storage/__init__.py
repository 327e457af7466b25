"""PostgreSQL: tables, migrations, the one loader, inbox, quarantine, and the embedded server."""
