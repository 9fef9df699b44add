"""Settlement's tables: batches, and which sale went into which."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class BatchRow(Base):
    """One shop's captured sales up to a cut-off, paid out together."""

    __tablename__ = "settlement_batch"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed', 'in_transit', 'paid', 'returned')", name="state"),
        CheckConstraint("gross_minor > 0", name="gross_positive"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), index=True)
    state: Mapped[str]
    cutoff_at: Mapped[int]
    sales: Mapped[int]
    gross_minor: Mapped[int]
    currency: Mapped[str]
    transfer_id: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[int]


class LineRow(Base):
    """A sale in a batch; a sale is settled once."""

    __tablename__ = "settlement_line"

    intent_id: Mapped[str] = mapped_column(ForeignKey("payments_intent.id"), primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("settlement_batch.id"), index=True)
