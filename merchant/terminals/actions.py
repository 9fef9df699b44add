"""Terminals come and go: a browser becomes one, with a key of its own; a revoked one charges nothing any more."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, update

from merchant.activity import log
from merchant.staff.members import KnownMember
from merchant.standing import At
from merchant.terminals import queries
from merchant.terminals.models import Terminal as TerminalRow
from merchant.terminals.queries import Terminal
from shared import events, ids
from shared.db.unit import UnitOfWork
from shared.errors import BadInput, Conflict
from shared.identity import keys, names, signing
from shared.identity.signing import PrivateKey, PublicKey
from shared.payments import intents
from shared.payments.intents import GRACE_MS, UNPAID

LONGEST_NAME = 16
FIRST_NAME = "Till 1"
MOST = 50


class NameOfTerminalTaken(Conflict):
    """Two terminals of a shop cannot have one name."""

    code = "terminal_name_taken"


class TooManyTerminals(Conflict):
    """A shop has at most so many terminals."""

    code = "too_many_terminals"


@dataclass(frozen=True, slots=True)
class LockedKey:
    """A key that this server holds: its public half, and its private half as it lies at rest."""

    public: PublicKey
    locked: bytes


def new_key(secret: bytes) -> LockedKey:
    """A fresh key for a terminal. Made before the action that installs it."""
    private = PrivateKey.generate()
    return LockedKey(private.public_key, signing.lock(private, secret))


def install(
    uow: UnitOfWork,
    *,
    shop_id: str,
    name: str,
    key: LockedKey | None,
    token_hash: str | None = None,
    by: KnownMember | None = None,
) -> Terminal:
    """Give a shop a terminal: for the browser of this token, or the one that every unknown browser stands at.

    Without a key it seals with the shop's own.
    """
    _check_room(uow, shop_id, name)
    if key is not None:
        keys.enroll(
            uow, party_id=shop_id, public_key=key.public, may_seal=keys.TERMINAL_MAY_SEAL, locked_private=key.locked
        )
    made = Terminal(
        ids.new_id("trm", uow.now), shop_id, name, key.public.kid_hex if key else None, token_hash, uow.now, None
    )
    uow.execute(
        insert(TerminalRow).values(
            {field: getattr(made, field) for field in Terminal.__slots__} | {"created_by": by.id if by else None}
        )
    )
    if by is not None:
        _note(uow, by, made, "terminal.added")
    return made


def move_in(uow: UnitOfWork, *, at: At, name: str, key: LockedKey, token: str, fresh: str) -> str:
    """Make a browser a terminal of its own, in the place of the one that it was; the token that it is known by.

    That is its old `token` when some shop knows it, so that one browser can be a till of several; else the `fresh` one.
    """
    known = uow.sql.rows("SELECT 1 FROM terminals_terminal WHERE token_hash = :hash", hash=queries.hash_of(token))
    used = token if token and known else fresh
    before = queries.of_browser(uow, shop_id=at.shop.id, token=used)
    if not before.is_shared and before.revoked_at is None:
        revoke(uow, at=at, terminal_id=before.id)
    install(uow, shop_id=at.shop.id, name=name, key=key, token_hash=queries.hash_of(used), by=at.member)
    return used


def revoke(uow: UnitOfWork, *, at: At, terminal_id: str) -> None:
    """Make a terminal and its key worthless from now on; revoking it again changes nothing.

    What it waits to be paid for is canceled: nobody pays a till that is none any more. What is paid or held stays.
    """
    by = at.member
    found = queries.at_shop(uow, id=terminal_id, shop_id=by.shop_id)
    if found.revoked_at is not None:
        return
    if found.kid is not None:
        keys.revoke(uow, party_id=found.shop_id, kid=found.kid)
    uow.execute(update(TerminalRow).where(TerminalRow.id == found.id).values(revoked_at=uow.now, revoked_by=by.id))
    _note(uow, by, found, "terminal.revoked")
    for intent_id in _waiting(uow, found):
        intents.cancel(uow, intent_id=intent_id, shop_id=found.shop_id)
    uow.emit("terminal.revoked", [events.party_topic(found.shop_id)], terminal=found.id)


def _waiting(uow: UnitOfWork, terminal: Terminal) -> list[str]:
    """The payment intents that this terminal's key sealed and that nobody has paid, in time still."""
    rows = uow.sql.rows(
        "SELECT id FROM payments_intent WHERE shop_id = :shop AND kid = :kid AND state IN :unpaid"
        " AND expires_at >= :latest ORDER BY id",
        shop=terminal.shop_id,
        kid=terminal.kid or "",
        unpaid=[state.value for state in UNPAID],
        latest=uow.now - GRACE_MS,
    )
    return [id for (id,) in rows]


def _check_room(uow: UnitOfWork, shop_id: str, name: str) -> None:
    names.check_name(name)
    if len(name) > LONGEST_NAME:
        raise BadInput(field="name")
    good = [known for known in queries.of_shop(uow, shop_id=shop_id) if known.revoked_at is None]
    if any(known.name.casefold() == name.casefold() for known in good):
        raise NameOfTerminalTaken()
    if len(good) >= MOST:
        raise TooManyTerminals(limit=MOST)


def _note(uow: UnitOfWork, by: KnownMember, terminal: Terminal, what: str) -> None:
    log.note(
        uow,
        shop_id=by.shop_id,
        member_id=by.id,
        terminal_id=None,
        what=what,
        subject=terminal.id,
        details={"terminal": terminal.name},
    )
