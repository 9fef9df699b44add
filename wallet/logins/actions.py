"""Signing in by another phone: a browser shows a code, a phone that is in scans it and says yes, the browser comes in.

The code alone lets nobody in: it only names the request to the phone. What comes in is the browser that asked, by a
second secret which never leaves it. Both are random; only their hashes are kept, for two minutes.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update

from shared.db.unit import Reader, UnitOfWork
from shared.errors import Conflict
from shared.identity import keys, parties
from shared.identity.parties import Known
from shared.web.attempts import TooManyAttempts
from wallet.logins.models import LoginRequest
from wallet.users import pins, returning
from wallet.users.actions import Card

TTL_MS = 120_000
CODE_LETTERS = 22
MOST_WAITING = 20
"""Codes that one network address may have in the air at once."""
_LINK = re.compile(rf"https?://[^/?#\s]+(?:/[^?#\s]*)?/l#([A-Za-z0-9_-]{{{CODE_LETTERS}}})\Z", re.ASCII)


class LoginGone(Conflict):
    """There is no such sign-in code, or its two minutes are over."""

    code = "login_gone"


class LoginTaken(Conflict):
    """Somebody else's phone was the first to scan this sign-in code."""

    code = "login_taken"


class LoginAnswered(Conflict):
    """This sign-in was approved or refused before."""

    code = "login_answered"


class LoginNotApproved(Conflict):
    """No phone has said yes to this browser."""

    code = "login_not_approved"


@dataclass(frozen=True, slots=True)
class Asked:
    """A browser that asks to come in: what it is, where, until when (ms); and whose phone has scanned its code."""

    device: str
    address: str
    created_at: int
    expires_at: int
    state: str
    party_id: str | None


def link(base_url: str, code: str) -> str:
    """The text to draw for a code."""
    return f"{base_url.rstrip('/')}/l#{code}"


def code_of_text(text: str) -> str | None:
    """The code in a scanned or pasted text; None in any other text. The host is never looked at."""
    found = _LINK.match(text.strip()[:500])
    return found.group(1) if found else None


def ask(uow: UnitOfWork, *, code: str, browser: str, device: str, address: str) -> Asked:
    """Note that a browser asks to come in. Old requests are cleared away."""
    uow.execute(delete(LoginRequest).where(LoginRequest.expires_at < uow.now - TTL_MS))
    waiting = (LoginRequest.address == address) & (LoginRequest.expires_at > uow.now)
    row = uow.first(select(func.count()).select_from(LoginRequest).where(waiting, LoginRequest.state == "waiting"))
    if row and row[0] >= MOST_WAITING:
        raise TooManyAttempts(retry_after_s=TTL_MS // 1000)
    asked = Asked(device, address, uow.now, uow.now + TTL_MS, "waiting", None)
    fields = {name: getattr(asked, name) for name in Asked.__slots__}
    uow.execute(insert(LoginRequest).values(code_hash=_hash(code), browser_hash=_hash(browser), **fields))
    return asked


def scan(uow: UnitOfWork, *, code: str, party_id: str) -> Asked:
    """Note whose phone has scanned a code, and who asks by it. The first phone keeps it; again, it changes nothing."""
    asked = _theirs(uow, code, party_id)
    if asked.state == "waiting":
        _write(uow, code, party_id=party_id, state="scanned")
    return asked


def answer(uow: UnitOfWork, *, code: str, party_id: str, is_yes: bool, confirmation: str | None) -> None:
    """Say yes or no to a browser, once. Yes needs the PIN's confirmation where one is set."""
    asked = _theirs(uow, code, party_id)
    if asked.state not in ("waiting", "scanned"):
        raise LoginAnswered()
    if is_yes:
        pins.spend(uow, party_id=party_id, confirmation=confirmation)
    _write(uow, code, party_id=party_id, state="approved" if is_yes else "refused")


def seen_by_browser(reader: Reader, *, browser: str) -> tuple[str, Known | None]:
    """How the request of a browser stands (`gone` too), and whose phone has scanned its code."""
    asked = _find(reader, LoginRequest.browser_hash == _hash(browser))
    if asked is None or asked.expires_at <= reader.now or asked.state == "used":
        return "gone", None
    return asked.state, parties.by_id(reader, id=asked.party_id) if asked.party_id else None


def enter(uow: UnitOfWork, *, browser: str, card: Card, token: str) -> None:
    """Let the browser in that was approved, once, with a key of its own: a card that is known proves nothing."""
    mine = LoginRequest.browser_hash == _hash(browser)
    asked = _find(uow, mine)
    if asked is None or asked.expires_at <= uow.now or asked.state == "used":
        raise LoginGone()
    if asked.state != "approved" or asked.party_id is None:
        raise LoginNotApproved()
    if keys.find(uow, kid=card.public_key.kid_hex):
        raise keys.KeyTaken()
    uow.execute(update(LoginRequest).where(mine).values(state="used"))
    returning.admit(uow, party_id=asked.party_id, card=card, token=token, device=asked.device)


def refuse_all(uow: UnitOfWork, *, party_id: str) -> None:
    """Nobody comes in any more by what this person's phones have scanned or approved so far."""
    theirs = (LoginRequest.party_id == party_id) & LoginRequest.state.in_(("scanned", "approved"))
    uow.execute(update(LoginRequest).where(theirs).values(state="refused"))


def _theirs(uow: UnitOfWork, code: str, party_id: str) -> Asked:
    """The request of a code, when its time is not over and no other person's phone has it."""
    asked = _find(uow, LoginRequest.code_hash == _hash(code))
    if asked is None or asked.expires_at <= uow.now:
        raise LoginGone()
    if asked.party_id not in (None, party_id):
        raise LoginTaken()
    return asked


def _find(reader: Reader, which) -> Asked | None:  # type: ignore[no-untyped-def]
    row = reader.first(select(*(getattr(LoginRequest, name) for name in Asked.__slots__)).where(which))
    return Asked(**row._mapping) if row else None


def _write(uow: UnitOfWork, code: str, *, party_id: str, state: str) -> None:
    mine = LoginRequest.code_hash == _hash(code)
    uow.execute(update(LoginRequest).where(mine).values(party_id=party_id, state=state))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
