"""Which addresses we are willing to talk to: public ones over https, and private ones only where that is allowed.

Addresses come from configuration and from answers (redirects, `next` links), so each is checked after it is resolved
and the connection goes to the address that was checked: a name that changes its mind in between gains nothing.
"""

import ipaddress
import socket
from typing import Final

import httpx

from connectors.errors import RequestRefused

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Ranges that `is_global` calls public although what answers there may be inside: IPv6 wrappings of IPv4, protocol use.
_WRAPPED_OR_SPECIAL: Final = tuple(
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "192.0.0.0/24")
)


def _unwrapped(address: IPAddress) -> IPAddress:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def is_allowed(text: str, *, allow_private: bool = False) -> bool:
    """Tell whether an address may be connected to.

    `allow_private` admits loopback and private networks, never link-local (cloud metadata), multicast or unspecified.
    """
    address = _unwrapped(ipaddress.ip_address(text.partition("%")[0]))
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if allow_private and (address.is_loopback or address.is_private):
        return True
    special = any(address.version == net.version and address in net for net in _WRAPPED_OR_SPECIAL)
    return address.is_global and not address.is_reserved and not special


def resolve(host: str, port: int, *, allow_private: bool = False) -> list[str]:
    """Resolve a host once and give its addresses in the system's order; every one of them must be allowed.

    Raises RequestRefused for a forbidden address, OSError where the name does not resolve.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(is_allowed(address, allow_private=allow_private) for address in addresses):
        msg = "the host resolves to a private or reserved address: allow private hosts for this installation, or fix the address"
        raise RequestRefused(msg)
    return addresses


def parse_origin(text: str, *, allow_private: bool = False) -> httpx.URL:
    """Read a base address: https (http too where private hosts are allowed), a host, no user information."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, TypeError) as error:
        msg = "the base address is not a URL"
        raise RequestRefused(msg) from error
    schemes = ("https", "http") if allow_private else ("https",)
    if url.scheme not in schemes or not url.host or url.userinfo or url.query or url.fragment:
        msg = f"a base address is {' or '.join(schemes)}://host[:port][/path], without user, query and fragment"
        raise RequestRefused(msg)
    return url


def same_origin(left: httpx.URL, right: httpx.URL) -> bool:
    """Tell whether two addresses name the same scheme, host and port."""
    return _origin(left) == _origin(right)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme)
