"""Shifts, the cash that was put into a drawer or taken out of it meanwhile, and the refunds given at a terminal."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base

_OPEN = text("closed_at IS NULL")


class Shift(Base):
    """The time between opening a terminal's drawer and counting it. Once closed it never changes."""

    __tablename__ = "shifts_shift"
    __table_args__ = (
        CheckConstraint("float_minor BETWEEN 0 AND 1000000000000", name="float_in_range"),
        CheckConstraint("counted_minor BETWEEN 0 AND 1000000000000", name="counted_in_range"),
        CheckConstraint(
            "(closed_at IS NULL) = (number IS NULL) AND (closed_at IS NULL) = (report IS NULL)"
            " AND (closed_at IS NULL) = (counted_minor IS NULL) AND (closed_at IS NULL) = (until_seq IS NULL)",
            name="closed_with_its_report",
        ),
        UniqueConstraint("shop_id", "number"),
        Index("ix_shifts_shift_open", "terminal_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    terminal_id: Mapped[str] = mapped_column(ForeignKey("terminals_terminal.id"))
    opened_by: Mapped[str | None] = mapped_column(ForeignKey("staff_member.id"))
    """None: it was open when the shop was."""
    opened_at: Mapped[int]
    float_minor: Mapped[int]
    """The cash that the drawer began with."""
    since_seq: Mapped[int]
    """The last transfer that the terminal's shift before counted: what comes after it is this one's."""
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("staff_member.id"))
    closed_at: Mapped[int | None]
    counted_minor: Mapped[int | None]
    """The cash that was counted at the end."""
    until_seq: Mapped[int | None]
    """The last transfer that this one counted."""
    number: Mapped[int | None]
    """The number of its Z report: 1, 2, 3 … of the shop, without a gap."""
    report: Mapped[str | None]
    """Its Z report as JSON, as it was when the shift was closed."""


class CashMove(Base):
    """Cash that went into a drawer (more than 0) or out of it (less than 0) for another reason than a sale."""

    __tablename__ = "shifts_cash"
    __table_args__ = (
        CheckConstraint(
            "amount_minor <> 0 AND amount_minor BETWEEN -1000000000000 AND 1000000000000", name="amount_in_range"
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    shift_id: Mapped[str] = mapped_column(ForeignKey("shifts_shift.id"), index=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("staff_member.id"))
    amount_minor: Mapped[int]
    reason: Mapped[str]
    created_at: Mapped[int]


class RefundHere(Base):
    """A refund that was given at a terminal: its shift's report counts it, whichever till had sold."""

    __tablename__ = "shifts_refund"

    refund_id: Mapped[str] = mapped_column(ForeignKey("payments_refund.id"), primary_key=True)
    terminal_id: Mapped[str] = mapped_column(ForeignKey("terminals_terminal.id"))
    member_id: Mapped[str] = mapped_column(ForeignKey("staff_member.id"))
