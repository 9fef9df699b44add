"""This computer on its network: the address that phones reach it by, and which ports are free. Asks no internet."""

from __future__ import annotations

import ipaddress
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator

_PROBES = ("192.168.255.254", "10.255.255.254", "172.31.255.254")
_PRIVATE = [ipaddress.ip_network(text) for text in ("192.168.0.0/16", "10.0.0.0/8", "172.16.0.0/12", "169.254.0.0/16")]
_ADDRESS = re.compile(r"\binet (?:addr:)?(\d+\.\d+\.\d+\.\d+)")


def lan_address() -> str | None:
    """The private IPv4 address that other devices of this network reach this computer by; None when there is none."""
    return next((address for address in _addresses() if is_private(address)), None)


def moved_to(known: str) -> str | None:
    """Where this computer is reached now, when that is no longer the address `known`; None while it is."""
    found = list(_addresses())
    return None if known in found else next(filter(is_private, found), None)


def is_private(address: str) -> bool:
    """Whether it is an IPv4 address of a private network (not loopback)."""
    try:
        number = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return any(number in network for network in _PRIVATE)


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of this computer and we may."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as visitor:
                visitor.settimeout(1)
                if visitor.connect_ex((host, port)) == 0:
                    return False
        except OSError:  # a computer without IPv6
            continue
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _addresses() -> Iterator[str]:
    """Candidates, best first: the address that packets to a private network would leave by, then every interface's."""
    for probe in _PROBES:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:  # connecting a datagram socket sends nothing
            try:
                sock.connect((probe, 9))
                yield sock.getsockname()[0]
            except OSError:
                continue
    for command in (["ip", "-4", "addr"], ["ifconfig"]):
        if shutil.which(command[0]):
            listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
            yield from _ADDRESS.findall(listing)
