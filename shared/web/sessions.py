"""Who is asking: sessions kept by the server, named by a random token in a cookie or an Authorization header."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, current_app, g, request
from sqlalchemy import insert, update

from shared import clock
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError
from shared.web.models import SessionRow
from shared.web.security import cookie_manners, cookie_name, forget_cookie, plain_cookie_name

LIFETIME_MS = 180 * 24 * 3600 * 1000


class NotSignedIn(DomainError):
    """No session, or one that has ended."""

    code = "not_signed_in"
    status = 401


@dataclass(frozen=True, slots=True)
class Session:
    """A live session: of which party, and held by which key or cashier. `ahead_ms` is how far Saoma's clock has been
    moved, for the page to say.
    """

    token_hash: str
    party_id: str
    holder: str
    ahead_ms: int = 0


def new_token() -> str:
    """A session token: 32 random bytes. Made before the action that starts the session, so that it can be retried."""
    return secrets.token_urlsafe(32)


def start(
    uow: UnitOfWork, *, token: str, service: str, party_id: str, holder: str, lifetime_ms: int = LIFETIME_MS
) -> None:
    """Store a new session under its token's hash."""
    uow.execute(
        insert(SessionRow).values(
            token_hash=hashed(token),
            service=service,
            party_id=party_id,
            holder=holder,
            created_at=uow.now,
            seen_at=uow.now,
            expires_at=uow.now + lifetime_ms,
        )
    )


def end(uow: UnitOfWork, *, token_hash: str) -> None:
    """End a session; its token is worthless from now on."""
    mine = (SessionRow.token_hash == token_hash) & SessionRow.ended_at.is_(None)
    uow.execute(update(SessionRow).where(mine).values(ended_at=uow.now))


def end_of_holder(uow: UnitOfWork, *, party_id: str, holder: str) -> None:
    """End all sessions that a key or a cashier holds for a party."""
    mine = (SessionRow.party_id == party_id) & (SessionRow.holder == holder) & SessionRow.ended_at.is_(None)
    uow.execute(update(SessionRow).where(mine).values(ended_at=uow.now))


def current() -> Session | None:
    """The session of this request, or None."""
    if "session" not in g:
        token = _token()
        store = current_app.extensions["saoma_store"]
        service = current_app.config["SAOMA_SERVICE"]
        g.session = store.read(of_token, token_hash=hashed(token), service=service) if token else None
    found: Session | None = g.session
    return found


def required() -> Session:
    """The session of this request; `not_signed_in` without one."""
    found = current()
    if found is None:
        raise NotSignedIn()
    return found


def presented() -> str | None:
    """The hash of the token that this request carries, whether it is still good or not."""
    token = _token()
    return hashed(token) if token else None


def watched(session: Session) -> Callable[[], bool]:
    """Whether this session lives on: for what goes on after its request, such as a stream."""
    store = current_app.extensions["saoma_store"]
    service = current_app.config["SAOMA_SERVICE"]
    return lambda: store.read(of_token, token_hash=session.token_hash, service=service) is not None


def remember(response: Response, token: str) -> Response:
    """Give the browser the session's cookie."""
    response.set_cookie(cookie_name("session"), token, **cookie_manners())  # type: ignore[arg-type]
    return response


def forget(response: Response) -> Response:
    """Take the session's cookie back, and the one that the plain page may have left."""
    for name in {cookie_name("session"), plain_cookie_name("session")}:
        forget_cookie(response, name)
    return response


def _token() -> str | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind:
        return token if kind == "Bearer" else None
    # Whoever joined on the plain page goes on where they are when they turn to the secure one.
    return request.cookies.get(cookie_name("session")) or request.cookies.get(plain_cookie_name("session"))


def of_token(reader: Reader, *, token_hash: str, service: str) -> Session | None:
    """The live session of a service whose token has this hash (`hashed`), or None."""
    rows = reader.sql.rows(
        "SELECT token_hash, party_id, holder FROM web_session WHERE token_hash = :hash AND service = :service"
        " AND ended_at IS NULL AND expires_at > :now",
        hash=token_hash,
        service=service,
        now=reader.now,
    )
    if not rows:
        return None
    [(hash, party_id, holder)] = rows
    return Session(hash, party_id, holder, reader.now - clock.system_now())


def hashed(token: str) -> str:
    """A token as it is stored."""
    return hashlib.sha256(token.encode()).hexdigest()
