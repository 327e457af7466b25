"""What a connector can fail with, named by what to do about it.

    ConnectorError
    ├── TryLater            wait `retry_after` seconds (None: as you see fit), then the same call may succeed
    │   └── BreakerOpen     we did not even ask: this endpoint failed too often just now
    ├── FixCredentials      401, 403, a refused token: an operator must act, retrying makes it worse
    ├── FixMapping          a setting or a mapping is missing or ambiguous: the message says what to state
    ├── VendorChangedShape  the answer is not what was agreed: look at the raw page, then at `mapping.py`
    ├── RequestRefused      another 4xx, a refused address, a body too large: this request will never succeed
    └── WebhookRefused      somebody called us and is turned away; nothing is stored
        ├── BadSignature    answer 401
        └── MalformedBody   answer 400

Messages carry endpoint codes, status codes and shapes; never bodies, query values, tokens or names.
"""


class ConnectorError(Exception):
    """Anything a connector reports. `code` is stable and goes to `ops.requests.error_code`."""

    code = "connector_error"


class TryLater(ConnectorError):  # noqa: N818 named by what to do
    """Call again after `retry_after` seconds; None where the vendor did not say.

    `may_have_acted` False: the other side surely did nothing with the request, so even a plain POST may be repeated.
    """

    code = "try_later"

    def __init__(self, message: str, retry_after: float | None = None, *, may_have_acted: bool = True) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.may_have_acted = may_have_acted


class BreakerOpen(TryLater):
    """The breaker of this endpoint is open and `retry_after` seconds remain until its next probe."""

    code = "breaker_open"

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message, retry_after, may_have_acted=False)


class FixCredentials(ConnectorError):  # noqa: N818
    """Replace or re-grant the credentials of this account; no retry helps."""

    code = "fix_credentials"

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class FixMapping(ConnectorError):  # noqa: N818
    """State what is missing or ambiguous in a setting or mapping; the message names it."""

    code = "fix_mapping"


class VendorChangedShape(ConnectorError):  # noqa: N818
    """The answer cannot be read as agreed, or contradicts itself (short page, cursor loop)."""

    code = "vendor_changed_shape"


class RequestRefused(ConnectorError):  # noqa: N818
    """This request will never succeed as it is. `status` is the HTTP status, None where we refused it ourselves."""

    code = "request_refused"

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class WebhookRefused(ConnectorError):  # noqa: N818
    """An incoming call is turned away before anything is stored."""

    code = "webhook_refused"


class BadSignature(WebhookRefused):
    """No secret of this account signed these bytes, or not within the allowed time. Answer 401."""

    code = "bad_signature"


class MalformedBody(WebhookRefused):
    """The signature holds but the body cannot be read. Answer 400."""

    code = "malformed_body"
