"""Who may open the operator's console: a password that is hashed with argon2id, tries that are counted, and a session
of its own, which no till's session replaces.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from argon2.exceptions import VerifyMismatchError
from flask import current_app, g, request

from merchant import private_file, service
from shared.config import Config
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError
from shared.identity import keys
from shared.web import attempts, security, sessions
from shared.web.hashing import HASHER, NOBODYS_HASH
from shared.web.sessions import Session

SERVICE = "operator"
LIFETIME_MS = 12 * 3600 * 1000
"""Half a day: whoever may freeze anybody signs in each morning."""
FILE = "operator.json"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_LONGEST = 100


class WrongPassword(DomainError):
    """The operator's password is another one; `tries_left` before a wait."""

    code = "wrong_password"
    status = 401


class OperatorNotSignedIn(DomainError):
    """Only the operator may do this, and nobody is signed in to the console here."""

    code = "operator_not_signed_in"
    status = 401


def ensure(store: Store, *, config: Config) -> Path:
    """The file that holds the console's password; a lost file, or a console without a password, gets a new one."""
    path = config.data_dir / FILE
    if path.exists() and store.read(_password_hash):
        return path
    return renew(store, config=config)


def renew(store: Store, *, config: Config) -> Path:
    """Give the console a new password, which ends every session there; the file that it is written to."""
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    told = {"console": f"{config.merchant_url}/operator", "password": password}
    path = config.data_dir / FILE
    private_file.write(path, json.dumps(told, indent=2) + "\n")
    store.run(_set_password, password_hash=HASHER.hash(password))
    return path


def sign_in(store: Store, *, password: str, address: str) -> str:
    """The token of a new session at the console. The try is counted before the password is checked."""
    scopes = {
        "account": attempts.account_scope(SERVICE, SERVICE),
        "address": attempts.address_scope(SERVICE, address),
    }
    known = store.read(_password_hash)
    tries_left = store.run(attempts.count, **scopes)
    try:
        HASHER.verify(known or NOBODYS_HASH, password[:_LONGEST].strip())
    except VerifyMismatchError:
        raise WrongPassword(tries_left=tries_left) from None
    if not known:
        raise WrongPassword(tries_left=tries_left)
    token = sessions.new_token()
    store.run(_enter, scopes=scopes, token=token)
    return token


def current() -> Session | None:
    """The operator's session of this request, or None.

    A request that names itself in a header is not asked for the page's token, so its cookie counts for nothing.
    """
    if "operator_session" not in g:
        token = None if "Authorization" in request.headers else request.cookies.get(cookie())
        store: Store = current_app.extensions["saoma_store"]
        found = store.read(sessions.of_token, token_hash=sessions.hashed(token), service=SERVICE) if token else None
        g.operator_session = found
    session: Session | None = g.operator_session
    return session


def has_password(reader: Reader) -> bool:
    """Whether the console can be opened at all: only an installation that was seeded has a password from the start."""
    return bool(_password_hash(reader))


def cookie() -> str:
    """The name of the console's cookie."""
    return security.cookie_name("operator")


def manners() -> dict[str, object]:
    """How that cookie is set: it goes to the console's pages alone, and no longer than its session."""
    return security.cookie_manners() | {"path": service.home("operator"), "max_age": LIFETIME_MS // 1000}


def _enter(uow: UnitOfWork, *, scopes: dict[str, str], token: str) -> None:
    attempts.clear(uow, **scopes)
    operator = keys.operator_id(uow)
    sessions.start(uow, token=token, service=SERVICE, party_id=operator, holder=SERVICE, lifetime_ms=LIFETIME_MS)


def _password_hash(reader: Reader) -> str:
    rows = reader.sql.rows("SELECT password_hash FROM operating_password")
    return str(rows[0][0]) if rows else ""


def _set_password(uow: UnitOfWork, *, password_hash: str) -> None:
    operator = keys.operator_id(uow)
    uow.sql.run(
        "INSERT INTO operating_password (party_id, password_hash, changed_at) VALUES (:operator, :hash, :now)"
        " ON CONFLICT (party_id) DO UPDATE SET password_hash = :hash, changed_at = :now",
        operator=operator,
        hash=password_hash,
        now=uow.now,
    )
    sessions.end_of_holder(uow, party_id=operator, holder=SERVICE)
