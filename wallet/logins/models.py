"""Browsers that ask to be signed in by another phone."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class LoginRequest(Base):
    """A code that a browser shows, for two minutes. Neither of its two secrets is stored, only their hashes."""

    __tablename__ = "logins_request"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'scanned', 'approved', 'refused', 'used')", name="state"),
        CheckConstraint("(state = 'waiting') = (party_id IS NULL)", name="scanned_by_somebody"),
    )

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    """Of the secret in the code: whoever scans it may approve."""
    browser_hash: Mapped[str] = mapped_column(unique=True)
    """Of the secret in the asking browser's cookie: nobody else may come in."""
    device: Mapped[str]
    address: Mapped[str]
    created_at: Mapped[int]
    expires_at: Mapped[int] = mapped_column(index=True)
    party_id: Mapped[str | None] = mapped_column(ForeignKey("identity_party.id"))
    """Whose phone scanned it: the first one that did."""
    state: Mapped[str]
