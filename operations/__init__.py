"""What happens, as plain functions: extract, load, import, replay, snapshot, report. No Prefect."""
