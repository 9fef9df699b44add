"""Where a party's signed-in browsers are: noted as they are seen, at most every few minutes; listed; ended."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from dataclasses import dataclass

from flask import request
from sqlalchemy import select, update

from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError
from shared.web.models import SessionRow
from shared.web.sessions import Session

NOTED_EVERY_MS = 5 * 60 * 1000
_PLACES = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip
_BROWSERS = (
    ("MicroMessenger/", "WeChat"), ("EdgA?/|EdgiOS/", "Edge"), ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"), ("Firefox/|FxiOS/", "Firefox"),
    ("Chrome/|CriOS/|Chromium/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_TOOL = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,30})/")


@dataclass(frozen=True, slots=True)
class SignIn:
    """A browser that is signed in: the key it holds, what it is, where it was last seen; times in ms."""

    token_hash: str
    holder: str
    device: str
    address: str
    created_at: int
    seen_at: int


_COLUMNS = [getattr(SessionRow, name) for name in SignIn.__slots__]


def device_name(user_agent: str) -> str:
    """What a browser calls itself, in two words that every language knows: `Safari · iPhone`. Empty for nonsense."""
    place = next((name for mark, name in _PLACES if mark in user_agent), "")
    browser = next((name for mark, name in _BROWSERS if re.search(mark, user_agent)), "")
    if not place and not browser:
        tool = _TOOL.match(user_agent)
        return tool.group(1) if tool else ""
    return " · ".join(filter(None, (browser, place)))


def is_same_network(one: str, other: str) -> bool:
    """Whether two addresses are neighbours, as far as addresses tell: one subnet of a home, or this very computer."""
    try:
        near, far = ipaddress.ip_address(one), ipaddress.ip_address(other)
    except ValueError:
        return False
    if near == far:
        return True
    if not (near.is_private and far.is_private):
        return False
    if near.is_loopback or far.is_loopback:  # this computer, and a phone of its own network
        return True
    return near in ipaddress.ip_network(f"{far}/{24 if far.version == 4 else 64}", strict=False)


def here() -> tuple[str, str]:
    """The name of the browser that sent this request, and its network address."""
    return device_name(request.headers.get("User-Agent", "")), request.remote_addr or ""


def is_due(reader: Reader, *, session: Session) -> bool:
    """Whether it is time to note that this session was seen."""
    found = reader.first(select(SessionRow.device, SessionRow.seen_at).where(_mine(session.token_hash)))
    return bool(found) and (not found.device or reader.now - found.seen_at >= NOTED_EVERY_MS)  # type: ignore[union-attr]


def note(store: Store, *, session: Session) -> None:
    """Note that this request's session was seen now. A store that cannot be written keeps nobody from reading."""
    device, address = here()
    with suppress(DomainError):
        store.run(_note, token_hash=session.token_hash, device=device or "?", address=address)


def of_party(reader: Reader, *, party_id: str, service: str) -> list[SignIn]:
    """A party's live sign-ins at a service, the one seen last first."""
    rows = reader.all(
        select(*_COLUMNS)
        .where(SessionRow.party_id == party_id, SessionRow.service == service)
        .where(SessionRow.ended_at.is_(None), SessionRow.expires_at > reader.now)
        .order_by(SessionRow.seen_at.desc(), SessionRow.created_at.desc())
    )
    return [SignIn(**row._mapping) for row in rows]


def last_of_holders(reader: Reader, *, party_id: str, service: str) -> dict[str, SignIn]:
    """The last sign-in of each key or cashier of a party, ended ones included."""
    rows = reader.all(
        select(*_COLUMNS)
        .where(SessionRow.party_id == party_id, SessionRow.service == service)
        .order_by(SessionRow.seen_at, SessionRow.created_at)
    )
    return {row.holder: SignIn(**row._mapping) for row in rows}


def ended(reader: Reader, *, token_hash: str, service: str) -> Session | None:
    """The session of a token that was good once and was ended."""
    row = reader.first(
        select(SessionRow.token_hash, SessionRow.party_id, SessionRow.holder).where(
            _mine(token_hash), SessionRow.service == service, SessionRow.ended_at.is_not(None)
        )
    )
    return Session(row.token_hash, row.party_id, row.holder) if row else None


def end_others(uow: UnitOfWork, *, session: Session, service: str) -> int:
    """End all sign-ins of the session's party but this one; how many there were."""
    others = (SessionRow.party_id == session.party_id) & (SessionRow.service == service)
    others &= (SessionRow.token_hash != session.token_hash) & SessionRow.ended_at.is_(None)
    return uow.execute(update(SessionRow).where(others).values(ended_at=uow.now))


def _note(uow: UnitOfWork, *, token_hash: str, device: str, address: str) -> None:
    seen = {"device": device, "address": address, "seen_at": uow.now}
    uow.execute(update(SessionRow).where(_mine(token_hash)).values(**seen))


def _mine(token_hash: str):  # type: ignore[no-untyped-def]
    return SessionRow.token_hash == token_hash
