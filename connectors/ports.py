"""What flows need of any outside system, and what a connector needs of ours. Vendors meet here and nowhere else."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, Protocol, runtime_checkable

from hotel.codebook import Codebook
from hotel.incoming import Incoming, Refused

VersionKind = Literal["revision", "modified_at", "received"]


class Page(NamedTuple):
    """One answer of a source: `body` as it came, `received_sha256` over it. Whoever stores it removes cards first.

    `number` counts from 1, `first_row` from 0 over the whole pull. `cursor` leads to the next page.
    `expected_count` is the provider's own total for the pull; None where it tells none.
    """

    number: int
    body: bytes
    media_type: str
    received_sha256: bytes
    row_count: int
    first_row: int = 0
    cursor: str | None = None
    expected_count: int | None = None
    is_last: bool = False
    request_id: str | None = None


class Capabilities(NamedTuple):
    """What a system can do and how far it can be trusted with it.

    `versions`: dataset -> what its `source_version` is made of; a dataset with `received` has none of its own.
    `naive_zone`: zone of time stamps without an offset: `utc`, `property` or an IANA name; None: such a stamp is refused.
    `covers`: what a message speaks for (law 6). `page_cap`: rows a page can hold. `longest_window`: of one pull.
    `acknowledges`: it has a `BookingQueue`, whose messages come again until they are acknowledged, which must happen
    within `acknowledge_seconds`. `cadence_seconds`: how often to look. `hints_by_webhook`: its webhooks carry no booking,
    they only say that it is time to pull. `pushes`: what it takes from us, of `pushes.KINDS`; `push_cap` cells a message.
    """

    datasets: frozenset[str]
    page_cap: int
    versions: Mapping[str, VersionKind]
    longest_window: timedelta | None = None
    cadence_seconds: int = 3600
    naive_zone: str | None = None
    covers: Literal["reservation", "room"] = "reservation"
    has_deltas: bool = True
    acknowledges: bool = False
    acknowledge_seconds: int | None = None
    hints_by_webhook: bool = False
    tells_totals: bool = False
    pushes: frozenset[str] = frozenset()
    push_cap: int = 500


class MappingPlace(NamedTuple):
    """Where the rows of a body lie: row n of it has the raw_ref `<raw_ref>:<first_row + n>`.

    `property_id` is the property the pull or webhook account belongs to, for bodies that do not name one;
    `received_at` is when the body came, for rows without a time of their own.
    """

    raw_ref: str
    first_row: int = 0
    property_id: str | None = None
    received_at: datetime | None = None


Mapper = Callable[[bytes, Codebook, MappingPlace], Iterator[Incoming | Refused]]


@runtime_checkable
class GuestSource(Protocol):
    """A system that tells guest profiles by modification time, [since, until), aware instants."""

    def guests(self, *, since: datetime, until: datetime) -> Iterator[Page]:
        """Yield the pages of all profiles changed in the window."""
        ...


@runtime_checkable
class ReservationSource(Protocol):
    """A system that tells reservations by modification time, [since, until), aware instants."""

    def reservations(self, *, since: datetime, until: datetime) -> Iterator[Page]:
        """Yield the pages of all reservations changed in the window."""
        ...


@runtime_checkable
class RoomStatusSource(Protocol):
    """A system that tells the state of every room now."""

    def room_status(self) -> Iterator[Page]:
        """Yield the pages of all rooms."""
        ...


@runtime_checkable
class RateSource(Protocol):
    """A system that tells prices by stay date, [first, last]."""

    def rates(self, *, first: date, last: date) -> Iterator[Page]:
        """Yield the pages of all prices in the dates."""
        ...


class DeliveryFacts(NamedTuple):
    """What a verified webhook says of itself. `event_id` is the body's SHA-256 where the sender gives no id.

    `echo` is what an answer of the receiver's own must repeat; it is the receiver's affair and is not stored. `is_test`: the
    message only tries the way in and must not make a booking.
    """

    event_id: str
    event_type: str
    hotel_ref: str | None
    signature_kind: str
    echo: Mapping[str, str] = MappingProxyType({})
    is_test: bool = False


@runtime_checkable
class RepliesInKind(Protocol):
    """A receiver whose senders expect a document of their own protocol, not our JSON, once their message is stored."""

    def reply(self, facts: DeliveryFacts, inbox_id: int) -> tuple[str, bytes]:
        """Give media type and body of the answer to a stored message, whether it is new or was known."""
        ...


class WebhookReceiver(Protocol):
    """The receiving half of a connector. `kept_headers` (lower case) are those worth storing; never a signature."""

    kept_headers: frozenset[str]

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> DeliveryFacts:
        """Check the signature over the raw bytes, then read the envelope; raises BadSignature or MalformedBody."""
        ...


class Token(NamedTuple):
    """An access token as just granted; `lifetime_seconds` from now."""

    value: str
    lifetime_seconds: float


class RequestRecord(NamedTuple):
    """One logical request with all its attempts, as `ops.requests` keeps it. No body, no query, no secret."""

    request_id: str
    sent_at: datetime
    source: str
    property_id: str
    endpoint_code: str
    method: str
    status_code: int | None
    duration_ms: int
    attempts_count: int
    bytes_count: int
    error_code: str | None


class Breaker(Protocol):
    """One switch per (source, endpoint), shared by all processes, on a connection of its own."""

    def admit(self, source: str, endpoint_code: str) -> float:
        """Give 0.0 where a call may go out (closed, or the caller now holds the one probe), else seconds to wait."""
        ...

    def succeeded(self, source: str, endpoint_code: str) -> None:
        """Note that the endpoint answered (any answer but 429 and 5xx): closes the breaker."""
        ...

    def failed(self, source: str, endpoint_code: str) -> None:
        """Note one failed logical request (its retries are one)."""
        ...


class RateLimit(Protocol):
    """One bucket per (source, bucket), shared by all processes."""

    def take(self, source: str, bucket: str, *, per_second: float, burst: int) -> float:
        """Take one slot and give 0.0; or take none and give the seconds after which to ask again."""
        ...


class TokenStore(Protocol):
    """Access tokens shared by all processes, sealed at rest."""

    def token(self, source: str, account: str, refresh: Callable[[], Token], *, rejected: str | None = None) -> str:
        """Give a valid token.

        Where none is stored, it is about to expire or equals `rejected`, call `refresh` while holding a lock
        that one process at a time can hold; those who waited take what the holder stored.
        """
        ...


class RequestLog(Protocol):
    """Where requests are noted."""

    def write(self, record: RequestRecord) -> None:
        """Store one record."""
        ...


class Ports(NamedTuple):
    """All a connector needs of ours; `storage/` implements them, `operations/` wires them."""

    breaker: Breaker
    rate_limit: RateLimit
    tokens: TokenStore
    requests: RequestLog


class Account(NamedTuple):
    """Whom a connector talks to and for which property; from one row of `ops.integrations`.

    `hotel_ref` is their code of the property; `options` is the row's `settings` (address, limits, folder …).
    """

    source: str
    property_id: str
    hotel_ref: str = ""
    options: Mapping[str, Any] = MappingProxyType({})
    allow_private_hosts: bool = False


Credentials = Mapping[str, str]
# Settings of an integration that are our own affair: a connector that checks its settings lets them be.
HOUSE_SETTINGS: Final = frozenset(
    {"as_is", "allow_private_hosts", "pulls_bookings", "not_sold", "allotment", "rate_plans_of", "export"}
)


class Connector(NamedTuple):
    """One kind of outside system: what it can, how to open it, how to read what it sent.

    `open` gives an object that follows the Protocols its `capabilities` promise: a source for each dataset, a
    `BookingQueue` where it acknowledges, a sink for each of `pushes`. `mappers` read the pages of a dataset; `messages`
    reads one stored message of the inbox, pushed or pulled, and raises VendorChangedShape where nobody can read it.
    """

    kind: str
    capabilities: Capabilities
    open: Callable[[Account, Credentials, Ports], Any]
    mappers: Mapping[str, Mapper]
    webhooks: WebhookReceiver | None = None
    messages: Mapper | None = None
