"""How a shop's programs come in: the doors of `/v1`, whichever room they stand in, share what is checked here.

A door says by `@allows("refunds:write")` what a restricted key must be allowed; `door.scope` tells it to the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Response, g, request

from merchant import service
from merchant.shops import api_keys
from shared.identity.parties import Known

Door = TypeVar("Door", bound=Callable[..., Any])
LARGEST_BODY = 64 * 1024


def doors_of(name: str) -> Blueprint:
    """Doors under `/v1` that open by a shop's API key alone; cookies count for nothing there."""
    doors = Blueprint(name, __name__, url_prefix="/v1")
    doors.before_request(identify)
    doors.after_request(name_the_scheme)
    return doors


def allows(scope: str) -> Callable[[Door], Door]:
    """A door that a restricted key opens only where it was given `scope`: `<things>:read` or `<things>:write`."""

    def mark(door: Door) -> Door:
        door.scope = scope  # type: ignore[attr-defined]
        return door

    return mark


def shop() -> Known:
    """The shop whose program is asking."""
    found: Known = g.shop
    return found


def identify() -> None:
    """Find the shop by its key."""
    request.max_content_length = LARGEST_BODY
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise api_keys.BadApiKey()
    g.shop = service.read(api_keys.shop_of, key=key.strip())


def name_the_scheme(response: Response) -> Response:
    """RFC 9110: a 401 says how to authenticate."""
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
