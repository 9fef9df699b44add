"""Settlement's tables: what a shop pays for its sales, its batches, and what went into which."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class RateRow(Base):
    """A shop's merchant discount rate (MDR). A shop without a row pays nothing."""

    __tablename__ = "settlement_rate"
    __table_args__ = (
        CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points"),
        CheckConstraint("fixed_minor BETWEEN 0 AND 1000000000000", name="fixed"),
    )

    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), primary_key=True)
    basis_points: Mapped[int]
    """Hundredths of a percent of a sale."""
    fixed_minor: Mapped[int]
    """And so much for each sale."""
    updated_at: Mapped[int]


class BatchRow(Base):
    """One shop's sales up to a cut-off, with what was refunded and what it pays, and the payout of the rest."""

    __tablename__ = "settlement_batch"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed', 'in_transit', 'paid', 'returned')", name="state"),
        CheckConstraint("gross_minor >= 0 AND refunds_minor >= 0 AND fee_minor >= 0", name="sums_not_negative"),
        CheckConstraint(
            "net_minor = gross_minor - refunds_minor - adjustments_minor - fee_minor + carried_in_minor", name="net"
        ),
        CheckConstraint("adjustments >= 0 AND adjustments_minor >= 0", name="adjustments_not_negative"),
        CheckConstraint("(net_minor > 0) = (payout_transfer_id IS NOT NULL)", name="positive_net_is_paid_out"),
        CheckConstraint("(state IN ('paid', 'returned')) = (end_transfer_id IS NOT NULL)", name="ended_by_a_transfer"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), index=True)
    state: Mapped[str]
    """`closed`: nothing to pay out. `in_transit` until the bank says `paid` or `returned`."""
    cutoff_at: Mapped[int]
    currency: Mapped[str]
    sales: Mapped[int]
    refunds: Mapped[int]
    basis_points: Mapped[int]
    """The shop's rate as the batch was closed; `fixed_minor` too."""
    fixed_minor: Mapped[int]
    gross_minor: Mapped[int]
    refunds_minor: Mapped[int]
    fee_minor: Mapped[int]
    carried_in_minor: Mapped[int]
    """From earlier batches: what they still owed (negative), and payouts that came back (positive)."""
    net_minor: Mapped[int]
    """Paid out when positive, carried to a later batch when negative."""
    fee_transfer_id: Mapped[str | None] = mapped_column(unique=True)
    payout_transfer_id: Mapped[str | None] = mapped_column(unique=True)
    end_transfer_id: Mapped[str | None] = mapped_column(unique=True)
    """The transfer by which the payout reached the bank, or came back."""
    carried_to: Mapped[str | None] = mapped_column(ForeignKey("settlement_batch.id"), index=True)
    """The batch that took over what this one left: a negative net, or a payout that came back."""
    created_at: Mapped[int]
    ended_at: Mapped[int | None]
    return_reason: Mapped[str | None]
    """Why the bank sent the payout back, in its words."""
    adjustments: Mapped[int]
    """How many lost disputes it pays for, and what they come to."""
    adjustments_minor: Mapped[int]
    clawback_transfer_id: Mapped[str | None] = mapped_column(unique=True)
    """The transfer that took what the shop owes for them."""


class LineRow(Base):
    """A sale, a refund or a lost dispute in a batch; each is settled once."""

    __tablename__ = "settlement_line"
    __table_args__ = (CheckConstraint("kind IN ('sale', 'refund', 'dispute')", name="kind"),)

    source_id: Mapped[str] = mapped_column(primary_key=True)
    """The intent's id, the refund's, or the dispute's."""
    batch_id: Mapped[str] = mapped_column(ForeignKey("settlement_batch.id"), index=True)
    kind: Mapped[str]
    transfer_id: Mapped[str] = mapped_column(unique=True)
    amount_minor: Mapped[int]
    fee_minor: Mapped[int]
    happened_at: Mapped[int]


class AdjustmentRow(Base):
    """What a shop owes beside its fees: a dispute that it lost, and that the house has paid to the payer."""

    __tablename__ = "settlement_adjustment"
    __table_args__ = (CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="amount_in_range"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    """The dispute's id."""
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), index=True)
    intent_id: Mapped[str] = mapped_column(ForeignKey("payments_intent.id"))
    transfer_id: Mapped[str] = mapped_column(unique=True)
    """The transfer that gave the payer the money."""
    amount_minor: Mapped[int]
    currency: Mapped[str]
    created_at: Mapped[int]
