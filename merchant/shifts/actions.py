"""Opening a shift, cash in and out of its drawer, and closing it with what was counted: then its Z report stands."""

from __future__ import annotations

from sqlalchemy import insert, update

from merchant.activity import log
from merchant.shifts import queries, reports
from merchant.shifts.models import CashMove, RefundHere
from merchant.shifts.models import Shift as ShiftRow
from merchant.shifts.queries import Shift, ShiftClosed
from merchant.staff.members import NotYourRole, Role
from merchant.standing import At
from merchant.terminals import queries as terminals
from shared import ids
from shared.db.unit import UnitOfWork
from shared.errors import BadInput, Conflict
from shared.identity import wording

LARGEST = 10**12
REASON_BYTES = 120


class ShiftOpen(Conflict):
    """A shift is open at this terminal already."""

    code = "shift_open"


def begin(uow: UnitOfWork, *, shop_id: str, terminal_id: str, member_id: str | None, float_minor: int = 0) -> Shift:
    """Open a shift at a terminal, with so much cash in its drawer."""
    _check_amount("float_minor", float_minor)
    if queries.open_at(uow, terminal_id=terminal_id) is not None:
        raise ShiftOpen()
    uow.execute(
        insert(ShiftRow).values(
            id=ids.new_id("shf", uow.now),
            shop_id=shop_id,
            terminal_id=terminal_id,
            opened_by=member_id,
            opened_at=uow.now,
            float_minor=float_minor,
            since_seq=queries.counted_until(uow, terminal_id=terminal_id),
        )
    )
    found = queries.open_at(uow, terminal_id=terminal_id)
    assert found is not None, "it was opened just now"
    return found


def open_shift(uow: UnitOfWork, *, at: At, float_minor: int) -> Shift:
    """Open a shift at the terminal that somebody stands at; it may charge from now on."""
    at.terminal.check()
    made = begin(uow, shop_id=at.shop.id, terminal_id=at.terminal.id, member_id=at.member.id, float_minor=float_minor)
    _note(uow, at, made, "shift.opened", float_minor=float_minor)
    return made


def move_cash(uow: UnitOfWork, *, at: At, shift_id: str, amount_minor: int, reason: str) -> None:
    """Write down cash that went into a drawer (more than 0) or out of it (less) for another reason than a sale."""
    shift = _open_one(uow, at, shift_id)
    _check_amount("amount_minor", abs(amount_minor))
    if not amount_minor or not reason or not wording.is_fit(reason, REASON_BYTES):
        raise BadInput(field="reason" if amount_minor else "amount_minor")
    uow.execute(
        insert(CashMove).values(
            id=ids.new_id("csm", uow.now),
            shift_id=shift.id,
            member_id=at.member.id,
            amount_minor=amount_minor,
            reason=reason,
            created_at=uow.now,
        )
    )
    what = "cash.put_in" if amount_minor > 0 else "cash.taken_out"
    _note(uow, at, shift, what, amount_minor=abs(amount_minor), reason=reason)


def close(uow: UnitOfWork, *, at: At, shift_id: str, counted_minor: int) -> Shift:
    """Close a shift with the cash that was counted. Its report is made now, gets the next number, and never changes."""
    shift = _open_one(uow, at, shift_id)
    _check_amount("counted_minor", counted_minor)
    until_seq = queries.last_transfer(uow)
    report = reports.of_shift(uow, shift=shift, until_seq=until_seq, counted_minor=counted_minor)
    number = queries.last_number(uow, shop_id=at.shop.id) + 1
    uow.execute(
        update(ShiftRow)
        .where(ShiftRow.id == shift.id)
        .values(
            closed_by=at.member.id,
            closed_at=uow.now,
            counted_minor=counted_minor,
            until_seq=until_seq,
            number=number,
            report=reports.as_text(report),
        )
    )
    _note(uow, at, shift, "shift.closed", number=number, difference_minor=report.cash.difference_minor or 0)
    return queries.of_shop(uow, id=shift.id, shop_id=at.shop.id)


def took_back(uow: UnitOfWork, *, refund_id: str, shop_id: str, terminal_id: str, member_id: str) -> None:
    """Remember at which terminal a refund was given: called in the refund's own transaction.

    `terminal_revoked` at one that was revoked, once its last report is made: no report would ever count the refund.
    """
    if queries.open_at(uow, terminal_id=terminal_id) is None:
        terminals.at_shop(uow, id=terminal_id, shop_id=shop_id).check()
    uow.execute(insert(RefundHere).values(refund_id=refund_id, terminal_id=terminal_id, member_id=member_id))


def _open_one(uow: UnitOfWork, at: At, shift_id: str) -> Shift:
    """The shift, when it is open and this terminal's, or any of the shop's for a manager."""
    shift = queries.of_shop(uow, id=shift_id, shop_id=at.shop.id)
    check_sight(at, shift)
    if shift.closed_at is not None:
        raise ShiftClosed()
    return shift


def check_sight(at: At, shift: Shift) -> None:
    """Refuse a shift of another terminal (`not_your_role`) to those who are no managers."""
    if shift.terminal_id != at.terminal.id and not at.is_manager:
        raise NotYourRole(role=Role.MANAGER.value)


def _check_amount(field: str, amount_minor: int) -> None:
    if not 0 <= amount_minor <= LARGEST:
        raise BadInput(field=field)


def _note(uow: UnitOfWork, at: At, shift: Shift, what: str, **details: str | int) -> None:
    log.note(
        uow,
        shop_id=at.shop.id,
        member_id=at.member.id,
        terminal_id=shift.terminal_id,
        what=what,
        subject=shift.id,
        details=details,
    )
