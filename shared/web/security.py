"""What guards every page: the content policy, the anti-forgery token, the size of a request."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import Flask, Response, current_app, g, request

from shared.errors import BadInput, NotAllowed, NotFound
from shared.web.secrets import derived

LARGEST_REQUEST = 21 * 1024 * 1024
"""Room for one photo of 20 MB and its form."""
_READ_AT_ONCE = 64 * 1024
"""A body up to this size is read before anything is refused: the server cannot reuse a connection with one unread."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_WITHOUT_COOKIES = ("/v1/", "/v3/", "/wechatpay/v3/")
"""The APIs know callers by their key alone: without one they refuse by themselves, and say that it is missing."""


class ForgedRequest(NotAllowed):
    """A page's request without the page's token: it may come from another site."""

    code = "forged_request"


def install(app: Flask, *, secret: bytes, frame_origin: str | None) -> None:
    """Set the policy headers on every answer and check the token on every unsafe request that rides on a cookie."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.config["SAOMA_CSRF_KEY"] = derived(secret, "csrf")
    ancestors = frame_origin or "'none'"
    policy = (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; worker-src 'self';"
        f" object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
    )

    @app.before_request
    def check() -> None:
        if "\0" in request.path:  # PostgreSQL takes it in no text
            raise NotFound()
        if b"%00" in request.query_string:
            raise BadInput(field="query")
        if request.method not in _SAFE and (request.content_length or 0) <= _READ_AT_ONCE:
            request.get_data(parse_form_data=True)
        rides_on_a_cookie = not request.headers.get("Authorization", "").startswith("Bearer ")
        if request.method not in _SAFE and rides_on_a_cookie and not request.path.startswith(_WITHOUT_COOKIES):
            given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token") or ""
            seed = request.cookies.get(_cookie())
            if not seed or not hmac.compare_digest(given.encode(), _token(seed).encode()):
                raise ForgedRequest()

    @app.after_request
    def guard(response: Response) -> Response:
        headers = response.headers
        reach, framer = g.get("reachable_origin"), g.get("framing_origin")
        own = policy.replace(f"frame-ancestors {ancestors}", f"frame-ancestors {framer}") if framer else policy
        headers.setdefault("Content-Security-Policy", f"{own}; connect-src 'self' {reach}" if reach else own)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if not (frame_origin or framer):
            headers.setdefault("X-Frame-Options", "DENY")
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-cache" if request.path.startswith("/static/") else "no-store"
        fresh = g.get("csrf_seed")
        if fresh and fresh != request.cookies.get(_cookie()):
            response.set_cookie(_cookie(), fresh, **cookie_manners())  # type: ignore[arg-type]
        return response


def may_ask(origin: str) -> None:
    """Let the scripts of this answer's page send requests to one other origin too."""
    g.reachable_origin = origin


def may_be_framed_by(origin: str) -> None:
    """Let the pages of one origin, and nobody else's, show this answer in a frame."""
    g.framing_origin = origin


def csrf_token() -> str:
    """The token that this page's requests must carry; gives the browser its seed cookie where it has none."""
    seed = request.cookies.get(_cookie()) or g.get("csrf_seed") or secrets.token_urlsafe(18)
    g.csrf_seed = seed
    return _token(seed)


def cookie_name(what: str) -> str:
    """A cookie's name: cookies ignore ports and paths overlap, so it carries the service and the persona.

    They ignore the scheme too, but a plain page may not replace a secure page's cookie: each has names of its own.
    """
    return ("__Secure-" if request.is_secure else "") + plain_cookie_name(what)


def plain_cookie_name(what: str) -> str:
    """The name of the cookie that a page over plain http has for this."""
    persona = request.script_root.rpartition("/")[2]
    return "_".join(filter(None, (current_app.config["SAOMA_SERVICE"], what, persona)))


def forget_cookie(response: Response, name: str) -> None:
    """Take a cookie back; browsers let go of a secure page's only if told so securely."""
    response.delete_cookie(name, path=request.script_root or "/", secure=name.startswith("__Secure-"))


def cookie_manners() -> dict[str, object]:
    """How every cookie is set: not readable by scripts, not sent by other sites, bound to its path."""
    return {
        "httponly": True,
        "samesite": "Lax",
        "secure": request.is_secure,
        "path": request.script_root or "/",
        "max_age": 180 * 24 * 3600,
    }


def _cookie() -> str:
    return cookie_name("csrf")


def _token(seed: str) -> str:
    return hmac.new(current_app.config["SAOMA_CSRF_KEY"], seed.encode(), hashlib.sha256).hexdigest()[:40]
