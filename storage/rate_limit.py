"""The rate limit all processes share: one bucket per (source, name), kept by a PostgreSQL function."""

from sqlalchemy import text

from storage.engine import autocommit


class SharedRateLimit:
    """Follows `connectors.ports.RateLimit`. Without the database it raises: outbound calls fail closed."""

    def __init__(self, database_url: str) -> None:
        self._engine = autocommit(database_url)

    def take(self, source: str, bucket: str, *, per_second: float, burst: int) -> float:
        """Take one slot and give 0.0; or take none and give the seconds after which to ask again."""
        if per_second <= 0 or burst < 1:
            msg = f"{source} {bucket}: a rate limit needs per_second > 0 and burst >= 1, not {per_second} and {burst}"
            raise ValueError(msg)
        query = text("SELECT ops.rate_limit_take(:source, :bucket, :per_second, :burst)")
        values = {"source": source, "bucket": bucket, "per_second": per_second, "burst": burst}
        with self._engine.connect() as connection:
            return float(connection.execute(query, values).scalar_one())
