"""Prefect tasks around operations: retries, run names, artifacts. Thin: what happens is in `operations/`."""
