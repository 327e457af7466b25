"""What imports beside the benchmark of our own API, as the trigger does: woken by NOTIFY. `python -m benchmarks.api_importer URL`."""

import sys

import psycopg

from expectations.gate import warm_up
from operations.import_waiting import import_waiting
from storage.engine import engine


def main(url: str) -> None:
    """Import until terminated."""
    warm_up()
    with psycopg.connect(url, autocommit=True) as listener:
        listener.execute("LISTEN inbox")
        while True:
            while import_waiting(engine(url)):
                pass
            for _ in listener.notifies(timeout=1, stop_after=1):
                pass


if __name__ == "__main__":
    main(sys.argv[1])
