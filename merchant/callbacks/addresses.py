"""Where callbacks may go. In a sandbox anywhere; elsewhere over https to public addresses alone.

A name is judged by what it resolves to, and the very address that was judged is the one that is connected to: a name
that points elsewhere a moment later (DNS rebinding) leads nowhere else.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from shared.errors import BadInput

LONGEST_URL = 2_000
_PORTS = {"http": 80, "https": 443}
_WITHIN_OTHERS = [
    ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10")
]
"""IPv6 addresses that lead to an IPv4 address somewhere (NAT64, 6to4, Teredo), or to a site's own network."""


class BadCallbackUrl(BadInput):
    """An address that callbacks cannot or must not be sent to."""

    code = "bad_callback_url"


class NotPublic(Exception):
    """The name leads to an address that is not of the public network."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart: `path` with its query, `authority` as the Host header says it."""

    scheme: str
    host: str
    port: int
    path: str
    authority: str

    @property
    def is_tls(self) -> bool:
        """Whether it is spoken to over TLS."""
        return self.scheme == "https"


def target(url: str, *, is_sandbox: bool) -> Target:
    """The address that `url` names; `bad_callback_url` where nothing may be sent there, whatever it resolves to."""
    if len(url) > LONGEST_URL or not url.isascii() or any(each <= " " or each == "\x7f" for each in url):
        raise BadCallbackUrl()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadCallbackUrl() from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not host or "@" in parts.netloc or parts.fragment or port == 0 or "\\" in url:
        raise BadCallbackUrl()
    if not is_sandbox and (scheme != "https" or _is_surely_private(host)):
        raise BadCallbackUrl()
    return Target(scheme, host, port or _PORTS[scheme], _path(parts), parts.netloc)


def resolve(target: Target, *, is_sandbox: bool) -> str:
    """The one address to connect to. `NotPublic` outside a sandbox when any that the name has is not public; OSError
    when it has none.
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    if not is_sandbox and not all(is_public(each) for each in addresses):
        raise NotPublic()
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public network, and to no other by a way round."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif any(ip in each for each in _WITHIN_OTHERS):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback)


def _is_surely_private(host: str) -> bool:
    """Whether the host itself says that it is of no public network; names are resolved when something is sent."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not is_public(str(ip_address(host)))
    except ValueError:
        return "." not in host


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
