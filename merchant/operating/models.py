"""What the console keeps: what opens it, and everything that was done in it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class Password(Base):
    """What opens the console; only its argon2id hash is stored."""

    __tablename__ = "operating_password"

    party_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), primary_key=True)
    """The operator."""
    password_hash: Mapped[str]
    changed_at: Mapped[int]


class Deed(Base):
    """Something that the operator did, kept in the transaction that did it. Never changed."""

    __tablename__ = "operating_deed"
    __table_args__ = (Index("ix_operating_deed_subject", "subject_id", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    what: Mapped[str]
    """`noun.past_verb`: `shop.verified`, `user.frozen`, `settlement.run`."""
    subject_id: Mapped[str]
    """The party, batch or dispute that it was done to; empty where it concerns the whole installation."""
    details: Mapped[str]
    """JSON object: what its sentence names besides, such as the reason."""
    done_at: Mapped[int]
