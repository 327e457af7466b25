"""When flows run: by the clock (`prefect.yaml`), by arrival (`trigger.py`), and what keeps them running."""
