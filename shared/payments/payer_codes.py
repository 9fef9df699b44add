"""Payer codes: what a charge must find in one, and that each is taken once.

A payer code binds neither payee nor amount. So the shop's order names the code by its hash, the code is stored beside
the order, and both are held against each other here: when an order is opened and again by the audit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shared.codes import payloads, seal
from shared.db.many import insert_into
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, Conflict
from shared.payments.models import PresentedRow


class NotAPayerCode(BadInput):
    """A code where a payer code was expected, but of another type."""

    code = "not_a_payer_code"


class CodeDoesNotMatch(BadInput):
    """The order names another payer code than the one presented, another person, or another currency."""

    code = "code_mismatch"


class AmountAboveCap(BadInput):
    """More than the phone said that its code is good for. `cap_minor` is that."""

    code = "amount_above_cap"


class CodeSpent(Conflict):
    """The payer code was taken before, for another sale: a picture of it, or the same screen twice."""

    code = "code_spent"


class PayerShort(Conflict):
    """The person whose code was presented has less than the amount."""

    code = "payer_insufficient_funds"


class CounterWentBack(Conflict):
    """A newer code of the same phone was taken already."""

    code = "counter_went_back"


class Presented(NamedTuple):
    """A payer code that was taken: for which intent, and by which order, if not by one of the payer's own."""

    kid: str
    jti: str
    counter: int
    intent_id: str
    order_id: str | None
    frame: bytes
    presented_at: int


_COLUMNS = ", ".join(Presented._fields)
_INSERT = insert_into(PresentedRow.__table__, Presented._fields)


def subject_of(frame: bytes) -> bytes:
    """How an order names a payer code: the first 8 bytes of the SHA-256 of its frame."""
    return hashlib.sha256(frame).digest()[:8]


def payer_code(opened: seal.Opened) -> payloads.PayerCode:
    """The payer code in an opened frame; `not_a_payer_code` in others."""
    if not isinstance(opened.payload, payloads.PayerCode) or opened.sealed_by is None:
        raise NotAPayerCode()
    return opened.payload


def check(order: payloads.Order, opened: seal.Opened) -> None:
    """Refuse an order that goes beyond the payer code it comes with."""
    code = payer_code(opened)
    assert opened.sealed_by is not None
    said = (order.subject, order.payee, order.currency)
    if said != (subject_of(opened.frame), opened.sealed_by.handle, code.currency):
        raise CodeDoesNotMatch()
    if order.amount_minor > code.cap_minor:
        raise AmountAboveCap(cap_minor=code.cap_minor)


def taken(opened: seal.Opened, *, intent_id: str, order_id: str | None, at: int) -> Presented:
    """The row that says that this code was taken at `at` (ms)."""
    code = payer_code(opened)
    return Presented(opened.kid_hex, code.jti.hex(), code.counter, intent_id, order_id, opened.frame, at)


def spend(uow: UnitOfWork, rows: Sequence[Presented]) -> None:
    """Store codes as taken; UNIQUE is the backstop behind `refuse_spent`."""
    uow.sql.run_many(_INSERT, rows)


def give_back(uow: UnitOfWork, *, opened: seal.Opened) -> None:
    """Forget that a code was taken by no order: for the very action that takes it by one."""
    uow.sql.run(
        "DELETE FROM payments_presented WHERE kid = :kid AND jti = :jti AND order_id IS NULL",
        kid=opened.kid_hex,
        jti=payer_code(opened).jti.hex(),
    )


def find(reader: Reader, *, opened: seal.Opened) -> Presented | None:
    """What this code was taken for; None while it is good."""
    return by_jtis(reader, jtis=[payer_code(opened).jti.hex()]).get((opened.kid_hex, payer_code(opened).jti.hex()))


def by_jtis(reader: Reader, *, jtis: Iterable[str]) -> dict[tuple[str, str], Presented]:
    """Those of the codes that were taken, by (kid, jti)."""
    rows = reader.sql.rows(f"SELECT {_COLUMNS} FROM payments_presented WHERE jti IN :jtis", jtis=sorted(set(jtis)))
    return {(row[0], row[1]): Presented._make(row) for row in rows}


def last_counters(reader: Reader, *, kids: Iterable[str]) -> dict[str, int]:
    """The highest counter taken from each of these keys; a key that no code was taken from is not there."""
    rows = reader.sql.rows(
        "SELECT kid, max(counter) FROM payments_presented WHERE kid IN :kids GROUP BY kid", kids=sorted(set(kids))
    )
    return {row[0]: int(row[1]) for row in rows}


def of_order(reader: Reader, *, order_id: str) -> Presented | None:
    """The code that an order took."""
    rows = reader.sql.rows(f"SELECT {_COLUMNS} FROM payments_presented WHERE order_id = :id", id=order_id)
    return Presented._make(rows[0]) if rows else None
