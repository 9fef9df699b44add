"""The secure address of a plain page: the same page over https, which gives the browser camera and keys.

On the LAN every page is served plain and secure. The plain one never sends anybody away; it offers the other.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request
from werkzeug.urls import iri_to_uri

from shared.config import Config

_LOCAL = ("localhost", "127.0.0.1", "[::1]")
"""Hosts that browsers take for secure without https."""


def address(config: Config, service: str) -> str | None:
    """Where the page of this request is to be had over https; None where it is secure already, or nowhere to be had."""
    host = request.host.rpartition(":")[0] or request.host
    if not config.is_lan or request.is_secure or host in _LOCAL or host.endswith(".localhost"):
        return None
    asked = urlsplit(iri_to_uri(request.url if request.method == "GET" else request.root_url))
    secure = urlsplit(config.wallet_url if service == "wallet" else config.merchant_url)
    return asked._replace(scheme=secure.scheme, netloc=secure.netloc).geturl()
