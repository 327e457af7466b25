"""What a callback is made of: a form with the booking as JSON and the password agreed on, or the booking by itself."""

from typing import Final
from urllib.parse import parse_qs

from connectors.errors import VendorChangedShape

_BOOKING: Final = "booking"
_PASSWORD: Final = "password"  # noqa: S105 the field's name
_MOST_FIELDS: Final = 20


def booking_of(body: bytes) -> bytes:
    """Give the booking's JSON out of a stored callback; raises VendorChangedShape where there is none."""
    if body.lstrip()[:1] == b"{":
        return body
    fields = form(body)
    if _BOOKING not in fields or fields[_BOOKING].lstrip()[:1] != "{":
        msg = "the message holds no booking"
        raise VendorChangedShape(msg)
    return fields[_BOOKING].encode()


def password_of(body: bytes) -> str:
    """Give the password a callback proves itself by; empty where it has none."""
    return form(body).get(_PASSWORD, "")


def form(body: bytes) -> dict[str, str]:
    """Read a form; empty where it is none."""
    try:
        told = parse_qs(body.decode("ascii"), max_num_fields=_MOST_FIELDS, strict_parsing=True, errors="strict")
    except ValueError:
        return {}
    return {name: values[0] for name, values in told.items()}
