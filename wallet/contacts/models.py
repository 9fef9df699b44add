"""Who knows whom."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class Contact(Base):
    """One person in another's list. A friendship is two rows, one for each side."""

    __tablename__ = "contacts_contact"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'incoming', 'accepted')", name="state"),
        CheckConstraint("owner_id <> party_id", name="not_oneself"),
    )

    owner_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), primary_key=True)
    party_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), primary_key=True)
    state: Mapped[str]
    """requested: asked by the owner · incoming: asked by the other · accepted: both said yes."""
    alias: Mapped[str]
    """The name that the owner gave; empty for none."""
    pinned_kid: Mapped[str]
    """The key of the card that was scanned; empty when no card was."""
    known_kids: Mapped[str]
    """The contact's keys, by name and separated by spaces, that the owner has accepted or checked; others are new."""
    created_at: Mapped[int]
