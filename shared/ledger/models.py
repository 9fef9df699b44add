"""The ledger's two tables. The database itself carries the rules: no overdraft, one row per id, rows never change."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class Account(Base):
    """What somebody owns or owes. The sums are kept with each transfer and re-computed by the audit."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        CheckConstraint("may_overdraw = 1 OR credits_posted >= debits_posted", name="no_overdraft"),
        CheckConstraint("debits_posted >= 0 AND credits_posted >= 0", name="sums_not_negative"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    """Its name in the chart of accounts: `user:usr_…`, `shop:shp_…`, `bank` (see chart.py)."""
    owner_id: Mapped[str | None] = mapped_column(index=True)
    currency: Mapped[str]
    may_overdraw: Mapped[int]
    """1 for the bank and other accounts of the house, 0 for a person's or a shop's."""
    debits_posted: Mapped[int] = mapped_column(default=0)
    credits_posted: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[int]


class TransferRow(Base):
    """One double entry. Inserted once, never updated or deleted (triggers refuse it)."""

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="amount_in_range"),
        CheckConstraint("debit_account <> credit_account", name="two_accounts"),
        Index("ix_ledger_transfer_debit", "debit_account", "seq"),
        Index("ix_ledger_transfer_credit", "credit_account", "seq"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Dense and in commit order, over all accounts."""
    id: Mapped[str] = mapped_column(unique=True)
    """The caller's: posting it again with the same content returns the first result."""
    debit_account: Mapped[str] = mapped_column(ForeignKey("ledger_account.code"))
    credit_account: Mapped[str] = mapped_column(ForeignKey("ledger_account.code"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    kind: Mapped[str]
    reference: Mapped[str]
    """What caused it: an intent, a batch, or empty."""
    created_at: Mapped[int]
