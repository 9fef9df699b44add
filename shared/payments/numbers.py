"""The 18 digits under a payer code: a name for a code that a phone has uploaded, for a cashier to type.

28, fifteen digits that nobody can foresee, and a check digit (Luhn), so that a mistyped number is never another
one. A number is worth what its code is worth: it dies with it, and is spent as soon as it is.
"""

from __future__ import annotations

import re
import secrets
from typing import NamedTuple

from shared.codes import seal
from shared.codes.refusals import CodeExpired, RevokedKey
from shared.db.unit import Reader, UnitOfWork
from shared.errors import NotFound
from shared.identity import keys, parties
from shared.payments import payer_codes

DIGITS = 18
PREFIX = "28"
KEPT_MS = 86_400_000
"""How long a dead number is remembered: whoever types it late, or asks again, hears what became of it."""
_SHAPE = re.compile(rf"[0-9]{{{DIGITS}}}\Z", re.ASCII)


class UnknownNumber(NotFound):
    """No payer code goes by this number."""

    code = "unknown_number"


class Number(NamedTuple):
    """A payer code's number, good until `expires_at` (ms)."""

    number: str
    expires_at: int


def is_number(text: str) -> bool:
    """Whether this is meant for such a number: 18 digits. No other code has so few."""
    return bool(_SHAPE.match(text))


def is_well_typed(number: str) -> bool:
    """Whether the beginning and the check digit are right."""
    return number.startswith(PREFIX) and number[-1] == _check_digit(number[:-1])


def issue(uow: UnitOfWork, *, opened: seal.Opened) -> Number:
    """Give a payer code its number; the same code again gets the same one. Only while the code is good."""
    code = payer_codes.payer_code(opened)
    expires_at = (code.issued_at_s + code.ttl_s) * 1000
    key = keys.find(uow, kid=opened.kid_hex)
    if key is None or key.revoked_at is not None:
        raise RevokedKey(kid=opened.kid_hex)
    owner = parties.by_id(uow, id=key.party_id)
    if owner.frozen_at:
        raise parties.PartyFrozen()
    if owner.self_frozen_at:
        raise parties.SelfFrozen()
    seal.check_times(code, uow.now // 1000)
    if uow.now > expires_at:
        raise CodeExpired(expired_at_s=expires_at // 1000)
    if payer_codes.find(uow, opened=opened) is not None:
        raise payer_codes.CodeSpent()
    jti = code.jti.hex()
    known = uow.sql.rows(
        "SELECT number FROM payments_number WHERE kid = :kid AND jti = :jti", kid=opened.kid_hex, jti=jti
    )
    if known:
        return Number(known[0][0], expires_at)
    uow.sql.run("DELETE FROM payments_number WHERE expires_at < :limit", limit=uow.now - KEPT_MS)
    number = _drawn(uow)
    uow.sql.run(
        "INSERT INTO payments_number (number, kid, jti, frame, expires_at)"
        " VALUES (:number, :kid, :jti, :frame, :expires_at)",
        number=number,
        kid=opened.kid_hex,
        jti=jti,
        frame=opened.frame,
        expires_at=expires_at,
    )
    return Number(number, expires_at)


def frame_of(reader: Reader, *, number: str) -> bytes:
    """The payer code of a number, also of one that is over by now; `unknown_number` otherwise."""
    rows = reader.sql.rows("SELECT frame FROM payments_number WHERE number = :number", number=number)
    if not rows:
        raise UnknownNumber()
    return bytes(rows[0][0])


def _drawn(uow: UnitOfWork) -> str:
    """A number that no code has."""
    while True:
        body = PREFIX + f"{secrets.randbelow(10**15):015d}"
        number = body + _check_digit(body)
        if not uow.sql.rows("SELECT 1 FROM payments_number WHERE number = :number", number=number):
            return number


def _check_digit(body: str) -> str:
    """The digit that makes the whole pass Luhn's check."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    return str(-sum(value - 9 * (value > 9) for value in doubled) % 10)
