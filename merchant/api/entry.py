"""How a shop's programs come in: the doors of `/v1`, whichever room they stand in, share what is checked here.

A door says by `@allows("refunds:write")` what a restricted key must be allowed; `door.scope` tells it to the rest. What
is judged, in this order: the key, its rate, the version, the scope, the Idempotency-Key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request

from merchant import service
from merchant.api.limits import Limiter, RateLimited
from merchant.checkout import afterwards, locked_answers
from merchant.keys import queries as keys
from merchant.keys import scopes
from merchant.keys.queries import Bearer
from merchant.keys.uses import Uses
from shared.config import Config
from shared.db import once
from shared.db.once import Kept
from shared.db.store import Store
from shared.db.unit import Reader
from shared.errors import BadInput, NotAllowed
from shared.identity.parties import Known
from shared.web import body, request_ids, wire
from shared.web.body import Body

Door = TypeVar("Door", bound=Callable[..., Any])
LARGEST_BODY = 64 * 1024
VERSION = "2026-11-21"
VERSIONS = frozenset({VERSION})
"""All that a caller may ask for; each answers as it did on its day."""


class UnknownApiVersion(BadInput):
    """A `Saoma-Version` that there never was."""

    code = "unknown_api_version"


class KeyNotAllowed(NotAllowed):
    """The key is a restricted one, and not for this."""

    code = "key_not_allowed"


def install(app: Flask, *, config: Config, store: Store) -> None:
    """What every answer of `/v1` carries, also where no door was found, and what the doors count in memory."""
    app.extensions["saoma_api_limiter"] = Limiter(config.api_rate)
    app.extensions["saoma_key_uses"] = Uses(store)
    app.after_request(dress)


def doors_of(name: str) -> Blueprint:
    """Doors under `/v1` that open by a shop's API key alone; cookies count for nothing there."""
    doors = Blueprint(name, __name__, url_prefix="/v1")
    doors.before_request(identify)
    return doors


def allows(scope: str, *, status: int = 200) -> Callable[[Door], Door]:
    """A door that a restricted key opens only where it was given `scope`: `<things>:read` or `<things>:write`.

    `status` is what it answers when all is well: a repeated request is answered with it before the door is asked.
    """

    def mark(door: Door) -> Door:
        door.scope = scope  # type: ignore[attr-defined]
        door.status = status  # type: ignore[attr-defined]
        return door

    return mark


def shop() -> Known:
    """The shop whose program is asking."""
    return bearer().shop


def bearer() -> Bearer:
    """Whose program is asking, and by which key."""
    found: Bearer = g.bearer
    return found


def require(scope: str | None) -> None:
    """Refuse a restricted key that was not given `scope` (`key_not_allowed`); None asks for nothing more."""
    if scope is not None:
        _judge(scope)


def optional_body() -> Body:
    """The JSON object that this request carries, or an empty one where it carries nothing."""
    return body.read() if request.get_data() else Body({})


def identify() -> Response | None:
    """Find the shop by its key and judge the request by that; answer at once where it was answered before."""
    request.max_content_length = LARGEST_BODY
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise keys.BadApiKey()
    wish = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    g.bearer, kept = service.read(_met, key=key.strip(), wish=wish)
    wire.about(shop_id=g.bearer.shop.id)
    uses_of(current_app).note(g.bearer.key_id)
    may, g.allowance = limiter().take(g.bearer.key_id)
    if not may:
        raise RateLimited(retry_after_s=1)
    if request.headers.get("Saoma-Version", VERSION) not in VERSIONS:
        raise UnknownApiVersion(version=request.headers["Saoma-Version"][:20])
    door = current_app.view_functions[request.endpoint or ""]
    _judge(getattr(door, "scope", None))
    if wish is not None:
        once.check_key(wish)
    return None if kept is None else _repeated(kept, getattr(door, "status", 200))


def dress(response: Response) -> Response:
    """Say on every answer of `/v1` which request it answers, in which version, and how much more may be asked."""
    if not request.path.startswith("/v1/"):
        return response
    headers = response.headers
    headers["X-Request-Id"] = request_ids.current()
    headers["Saoma-Version"] = VERSION
    allowance = g.get("allowance")
    if allowance is not None:
        headers.update(allowance.headers)
    if g.get("is_repeated"):
        headers["Idempotent-Replayed"] = "true"
    if response.status_code == 401:  # RFC 9110: a 401 says how to authenticate
        headers["WWW-Authenticate"] = "Bearer"
    return response


def uses_of(app: Flask) -> Uses:
    """When keys were used last."""
    found: Uses = app.extensions["saoma_key_uses"]
    return found


def limiter() -> Limiter:
    """How fast each key may ask."""
    found: Limiter = current_app.extensions["saoma_api_limiter"]
    return found


def _judge(scope: str | None) -> None:
    if not scopes.covers(bearer().scopes, scope):
        raise KeyNotAllowed(scope=scope or "*")


def _met(reader: Reader, *, key: str, wish: str | None) -> tuple[Bearer, Kept | None]:
    """Who comes with a key, and what was answered to this wish before."""
    found = keys.bearer_of(reader, key=key)
    if wish is None:
        return found, None
    return found, once.find(reader, scope=afterwards.scope_of(found.shop.id), key=wish)


def _repeated(kept: Kept, status: int) -> Response:
    """The first answer to this request once more, before the door is judged by what has changed since."""
    answer = kept.told_to(afterwards.fingerprint(optional_body()))
    response = jsonify(locked_answers.opened(answer, service.secret()))
    response.status_code = status
    g.is_repeated = True
    return response
