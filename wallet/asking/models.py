"""Who asked whom for money, and who takes no such requests."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class MoneyRequestRow(Base):
    """A sealed request for money that was sent to one person. Whether it was paid is the scheme's to say
    (`payments_spent`), whether its time is over the clock's: neither is written here.
    """

    __tablename__ = "asking_request"
    __table_args__ = (
        UniqueConstraint("asker_id", "jti"),
        CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="amount_in_range"),
        CheckConstraint("state IN ('open', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at_a_time"),
        CheckConstraint("asker_id <> payer_id", name="not_oneself"),
        Index("ix_asking_request_payer", "payer_id", "created_at", "id"),
        Index("ix_asking_request_asker", "asker_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    asker_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    payer_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    kid: Mapped[str]
    """The key that sealed it."""
    jti: Mapped[str]
    """The sealed request's own number in hex: an order that pays it names it as its subject."""
    code: Mapped[bytes] = mapped_column(LargeBinary)
    amount_minor: Mapped[int]
    currency: Mapped[str]
    memo: Mapped[str]
    state: Mapped[str]
    """open · declined by the one who was asked · withdrawn by the one who asked."""
    created_at: Mapped[int]
    expires_at: Mapped[int]
    closed_at: Mapped[int | None]


class Preference(Base):
    """Whether somebody takes requests for money at all; who has no row does."""

    __tablename__ = "asking_preference"
    __table_args__ = (CheckConstraint("takes_requests IN (0, 1)", name="takes_requests"),)

    party_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), primary_key=True)
    takes_requests: Mapped[int]
    updated_at: Mapped[int]


class Block(Base):
    """The owner takes no requests from this one person."""

    __tablename__ = "asking_block"

    owner_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), primary_key=True)
    party_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), primary_key=True)
    created_at: Mapped[int]
