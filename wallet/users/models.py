"""What the wallet keeps of a person beyond their name and keys: the PIN, the confirmations given."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class Profile(Base):
    """A person's settings."""

    __tablename__ = "users_profile"

    party_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), primary_key=True)
    pin_hash: Mapped[str]
    """argon2id; empty while no PIN is set."""
    created_at: Mapped[int]


class Confirmation(Base):
    """A right PIN, good for one payment within two minutes."""

    __tablename__ = "users_confirmation"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    party_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    expires_at: Mapped[int]
    used_at: Mapped[int | None]
