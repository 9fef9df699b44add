"""Disputes' tables: a payer's complaint about a payment, what became of it, and the pictures in the shop's answer."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base

_UNDECIDED = text("state IN ('open', 'answered')")


class DisputeRow(Base):
    """A complaint about a captured intent. An intent has one that is not decided yet at most."""

    __tablename__ = "disputes_dispute"
    __table_args__ = (
        CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="amount_in_range"),
        CheckConstraint("state IN ('open', 'answered', 'won', 'lost', 'withdrawn', 'refunded')", name="state"),
        CheckConstraint("(state IN ('open', 'answered')) = (closed_at IS NULL)", name="closed_at_a_time"),
        CheckConstraint("(state = 'lost') = (transfer_id IS NOT NULL)", name="lost_is_paid"),
        CheckConstraint("paid_minor BETWEEN 0 AND amount_minor", name="paid_at_most_asked"),
        CheckConstraint("decided_by IN ('', 'shop', 'operator', 'silence')", name="decided_by_somebody"),
        Index("ix_disputes_dispute_shop", "shop_id", "id"),
        Index("ix_disputes_dispute_payer", "payer_id", "id"),
        Index(
            "uq_disputes_dispute_undecided",
            "intent_id",
            unique=True,
            sqlite_where=_UNDECIDED,
            postgresql_where=_UNDECIDED,
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    intent_id: Mapped[str] = mapped_column(ForeignKey("payments_intent.id"), index=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    payer_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    reason: Mapped[str]
    words: Mapped[str]
    amount_minor: Mapped[int]
    """What the payer wants back."""
    currency: Mapped[str]
    given_before_minor: Mapped[int]
    """What had been given back of the intent as the dispute was opened: what is given after that counts for it."""
    state: Mapped[str]
    opened_at: Mapped[int]
    answer_by: Mapped[int]
    """Until when the shop may answer; its silence loses."""
    answer: Mapped[str]
    answered_at: Mapped[int | None]
    decided_by: Mapped[str]
    """`shop` accepted, the `operator` decided, or the shop's `silence` did; empty before that."""
    note: Mapped[str]
    """The operator's words about the decision."""
    paid_minor: Mapped[int]
    """What the payer got; less than was asked where the shop had given back a part meanwhile."""
    transfer_id: Mapped[str | None] = mapped_column(unique=True)
    closed_at: Mapped[int | None]


class PictureRow(Base):
    """A picture of the shop's evidence: a JPEG that was made here from what was sent."""

    __tablename__ = "disputes_picture"
    __table_args__ = (
        CheckConstraint("position BETWEEN 1 AND 3", name="three_at_most"),
        CheckConstraint("length(content) BETWEEN 1 AND 1000000", name="not_too_large"),
    )

    dispute_id: Mapped[str] = mapped_column(ForeignKey("disputes_dispute.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
