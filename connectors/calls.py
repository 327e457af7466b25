"""A request as a connector states it, its limits, and a complete answer."""

from collections.abc import Mapping
from typing import Final, NamedTuple, TypeVar

import msgspec

from connectors.errors import TryLater, VendorChangedShape

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
REPEATABLE_METHODS: Final = SAFE_METHODS | {"PUT", "DELETE"}

T = TypeVar("T")


class Limits(NamedTuple):
    """How long, how much and how often. `deadline_seconds` covers a logical request with all attempts and waits.

    `bucket` names what a pace is kept for, where a vendor counts some calls apart from the others.
    """

    deadline_seconds: float = 60.0
    connect_seconds: float = 5.0
    read_seconds: float = 20.0
    body_bytes: int = 64 * 1024 * 1024
    attempts: int = 4
    backoff_seconds: float = 0.5
    per_second: float = 10.0
    burst: int = 20
    bucket: str = "calls"


class Call(NamedTuple):
    """One logical request. `path` is relative to the base address, or absolute within its origin.

    `idempotency_key` makes a POST repeatable and is sent along. `requires_length` False accepts a body that ends with
    the connection: the caller then proves by other means that it is whole.
    """

    method: str
    path: str
    endpoint_code: str
    params: Mapping[str, str] = {}
    content: bytes | None = None
    media_type: str = "application/json"
    headers: Mapping[str, str] = {}
    idempotency_key: str | None = None
    is_repeatable: bool | None = None
    requires_length: bool = True

    @property
    def may_repeat(self) -> bool:
        """Tell whether the request may be sent again although the first one may have acted."""
        if self.is_repeatable is not None:
            return self.is_repeatable
        return self.method in REPEATABLE_METHODS or self.idempotency_key is not None


class Response(NamedTuple):
    """A complete answer with a 2xx status."""

    status: int
    body: bytes
    media_type: str
    request_id: str
    is_length_known: bool = True

    def decode(self, shape: type[T]) -> T:
        """Read the JSON body in the agreed shape; raises VendorChangedShape, or TryLater where the body may be cut."""
        try:
            return msgspec.json.decode(self.body.decode(), type=shape)  # rows read later are UTF-8 as well
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            if not self.is_length_known:
                msg = "the answer cannot be read and may be cut"
                raise TryLater(msg) from error
            msg = "the answer is not the agreed JSON"
            raise VendorChangedShape(msg) from error
