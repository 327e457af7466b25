"""The circuit breaker all processes share: one switch per (source, endpoint), kept by PostgreSQL functions."""

from datetime import timedelta

from sqlalchemy import text

from storage.engine import autocommit


class SharedBreaker:
    """Follows `connectors.ports.Breaker`. Without the database every method raises: outbound calls fail closed.

    It opens after `threshold` consecutive failures; `probe_after_seconds` later one caller may probe, and another
    one if the first has told nothing within `probe_lease_seconds`.
    """

    def __init__(
        self,
        database_url: str,
        *,
        threshold: int = 5,
        probe_after_seconds: float = 30.0,
        probe_lease_seconds: float = 5.0,
    ) -> None:
        self._engine = autocommit(database_url)
        self._threshold = threshold
        self._probe_after = timedelta(seconds=probe_after_seconds)
        self._probe_lease = timedelta(seconds=probe_lease_seconds)

    def admit(self, source: str, endpoint_code: str) -> float:
        """Give 0.0 where a call may go out, else the seconds to wait."""
        query = text("SELECT ops.breaker_admit(:source, :endpoint_code, :lease)")
        values = {"source": source, "endpoint_code": endpoint_code, "lease": self._probe_lease}
        with self._engine.connect() as connection:
            return float(connection.execute(query, values).scalar_one())

    def succeeded(self, source: str, endpoint_code: str) -> None:
        """Close the breaker."""
        with self._engine.connect() as connection:
            query = text("SELECT ops.breaker_succeeded(:source, :endpoint_code)")
            connection.execute(query, {"source": source, "endpoint_code": endpoint_code})

    def failed(self, source: str, endpoint_code: str) -> None:
        """Count one failure; the last one too many opens the breaker, a failed probe opens it again."""
        query = text("SELECT ops.breaker_failed(:source, :endpoint_code, :threshold, :probe_after)")
        values = {
            "source": source, "endpoint_code": endpoint_code, "threshold": self._threshold,
            "probe_after": self._probe_after,
        }  # fmt: skip
        with self._engine.connect() as connection:
            connection.execute(query, values)
