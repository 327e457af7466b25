"""Access tokens all processes share: one at a time fetches a fresh one, the others take what it stored."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, Protocol

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.dialects.postgresql import insert

from storage.engine import autocommit, unpooled
from storage.sealing import Keys, Sealed, SealError, seal, unseal
from storage.tables import ops

_TABLE: Final = "ops.tokens"
_MARGIN_SECONDS: Final = 60.0
_t = ops.tokens.c


class Granted(Protocol):
    """What is needed of a connector's `Token`."""

    @property
    def value(self) -> str:
        """The secret itself."""
        ...

    @property
    def lifetime_seconds(self) -> float:
        """Seconds from now that it is good for."""
        ...


class SharedTokens:
    """Follows `connectors.ports.TokenStore`; tokens lie sealed in `ops.tokens`."""

    def __init__(self, database_url: str, keys: Keys) -> None:
        self._engine: Engine = autocommit(database_url)
        self._waiting_room: Engine = unpooled(database_url)
        self._keys = keys

    def token(self, source: str, account: str, refresh: Callable[[], Granted], *, rejected: str | None = None) -> str:
        """Give a valid token: the stored one, or the one `refresh` gives to whoever holds the lock.

        `rejected` is a token the source no longer takes; it is not given again.
        """
        with self._engine.connect() as connection:
            stored = self._stored(connection, source, account)
        if stored is not None and stored != rejected:
            return stored
        return self._refreshed(source, account, refresh, rejected)

    def _refreshed(self, source: str, account: str, refresh: Callable[[], Granted], rejected: str | None) -> str:
        # A transaction-level lock: it goes with the connection of a process that dies while it refreshes.
        with self._waiting_room.begin() as connection:
            lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
            connection.execute(lock, {"name": f"{_TABLE} {source} {account}"})
            stored = self._stored(connection, source, account)
            if stored is not None and stored != rejected:
                return stored
            granted = refresh()
            self._store(connection, source, account, granted)
            return granted.value

    def _stored(self, connection: Connection, source: str, account: str) -> str | None:
        query = select(_t.key_id, _t.token).where(
            _t.source == source, _t.account == account, func.clock_timestamp() < _t.expires_at
        )
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        try:
            return unseal(self._keys, Sealed(*row), _TABLE, source, account).decode()
        except SealError:
            return None  # the key was changed: a fresh token costs one call

    def _store(self, connection: Connection, source: str, account: str, granted: Granted) -> None:
        sealed = seal(self._keys, granted.value.encode(), _TABLE, source, account)
        # Not handed out in the last minute of its life, nor in the last tenth of a short one.
        usable = granted.lifetime_seconds - min(_MARGIN_SECONDS, granted.lifetime_seconds / 10)
        now = func.clock_timestamp()
        values = {
            "token": sealed.box, "key_id": sealed.key_id, "granted_at": now,
            "expires_at": now + timedelta(seconds=usable),
        }  # fmt: skip
        written = insert(ops.tokens).values(source=source, account=account, **values)
        connection.execute(written.on_conflict_do_update(index_elements=["source", "account"], set_=values))
