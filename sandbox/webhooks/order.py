"""An order for webhooks as JSON: what to send, where to, how signed, in what manner."""

from datetime import datetime

from msgspec import Struct

from sandbox.webhooks.delivery import Manner, Target
from sandbox.webhooks.messages import Side
from sandbox.webhooks.signing import Scheme, signer


class Order(Struct, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """Send a world's events of [since, until) to `url`; the rest as in `Manner`. ValueError for a bad secret."""

    url: str
    secret: str
    scheme: Scheme = "standard"
    side: Side = "channel"
    since: datetime | None = None
    until: datetime | None = None
    rate: float | None = None
    concurrency: int = 32
    shuffle: int | None = None
    twice: bool = False
    limit: int | None = None
    attempts: int = 4
    timeout: float = 10.0

    def __post_init__(self) -> None:
        self.target()

    def target(self) -> Target:
        """Where to, and how signed."""
        return Target(self.url, signer(self.scheme, self.secret))

    def manner(self) -> Manner:
        """In what manner."""
        return Manner(
            rate=self.rate,
            concurrency=self.concurrency,
            shuffle=self.shuffle,
            is_twice=self.twice,
            limit=self.limit,
            attempts=self.attempts,
            timeout=self.timeout,
        )
