"""The ledger's tables. The database itself carries the rules: no overdraft, one row per id, a hold ends once, rows
never change.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import SEQ, Base


def _where_given(name: str, column: str, *, unique: bool = False) -> Index:
    """An index of the rows that have a value there: the others are not in it, and do not pay for it."""
    is_given = text(f"{column} IS NOT NULL")
    return Index(name, column, unique=unique, sqlite_where=is_given, postgresql_where=is_given)


class Account(Base):
    """What somebody owns or owes. The sums are kept with each transfer and re-computed by the audit."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        CheckConstraint("may_overdraw = 1 OR credits_posted >= debits_posted + debits_pending", name="no_overdraft"),
        CheckConstraint(
            "debits_posted >= 0 AND credits_posted >= 0 AND debits_pending >= 0 AND credits_pending >= 0",
            name="sums_not_negative",
        ),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    """Its name in the chart of accounts: `user:usr_…`, `shop:shp_…`, `bank` (see chart.py)."""
    owner_id: Mapped[str | None] = mapped_column(index=True)
    currency: Mapped[str]
    may_overdraw: Mapped[int]
    """1 for the bank and other accounts of the house, 0 for a person's or a shop's."""
    debits_posted: Mapped[int] = mapped_column(default=0)
    credits_posted: Mapped[int] = mapped_column(default=0)
    debits_pending: Mapped[int] = mapped_column(default=0)
    """Held: still the owner's, and not to be spent."""
    credits_pending: Mapped[int] = mapped_column(default=0)
    """Held for this account: not its own yet."""
    opened_at: Mapped[int]


class TransferRow(Base):
    """One double entry. Inserted once, never updated or deleted (triggers refuse it)."""

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="amount_in_range"),
        CheckConstraint("debit_account <> credit_account", name="two_accounts"),
        CheckConstraint("phase IN ('posted', 'pending', 'voided', 'expired')", name="phase"),
        CheckConstraint("(phase = 'pending') = (expires_at IS NOT NULL)", name="a_hold_expires"),
        CheckConstraint(
            "CASE phase WHEN 'pending' THEN pending_id IS NULL WHEN 'posted' THEN 1 = 1"
            " ELSE pending_id IS NOT NULL END",
            name="ends_a_hold",
        ),
        Index("ix_ledger_transfer_debit", "debit_account", "seq"),
        Index("ix_ledger_transfer_credit", "credit_account", "seq"),
        _where_given("uq_ledger_transfer_pending_id", "pending_id", unique=True),
        _where_given("ix_ledger_transfer_group_id", "group_id"),
        _where_given("ix_ledger_transfer_expires_at", "expires_at"),
    )

    seq: Mapped[int] = mapped_column(SEQ, primary_key=True, autoincrement=False)
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
    phase: Mapped[str]
    """`posted` moves money; `pending` holds it; `voided` and `expired` release a hold."""
    pending_id: Mapped[str | None] = mapped_column(ForeignKey("ledger_transfer.id"))
    """The hold that this row ends: a hold ends once."""
    group_id: Mapped[str | None]
    """Transfers of one group were posted together."""
    expires_at: Mapped[int | None]
    """When a hold ends by itself."""


class Checkpoint(Base):
    """The signed head of the audit chain after its first `size` transfers."""

    __tablename__ = "ledger_checkpoint"

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    """The Merkle tree's root (RFC 6962, SHA-256) over those transfers."""
    peaks: Mapped[bytes] = mapped_column(LargeBinary)
    """The roots of its complete subtrees, largest first: what is needed to go on from here."""
    created_at: Mapped[int]
    kid: Mapped[str]
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class Discontinuity(Base):
    """A signed statement that the database was taken back on purpose: from an old head to a new one."""

    __tablename__ = "ledger_discontinuity"

    id: Mapped[str] = mapped_column(primary_key=True)
    old_size: Mapped[int]
    old_root: Mapped[bytes] = mapped_column(LargeBinary)
    new_size: Mapped[int]
    new_root: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str]
    created_at: Mapped[int]
    kid: Mapped[str]
    signature: Mapped[bytes] = mapped_column(LargeBinary)
