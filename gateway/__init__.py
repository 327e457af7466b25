"""The door: webhooks in, health out, report files to read. Never loads the gate; stays up when Prefect is down."""
