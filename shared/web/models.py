"""Sessions and counted attempts: both services keep theirs here."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class SessionRow(Base):
    """A signed-in browser, phone or till. Only the hash of its token is stored."""

    __tablename__ = "web_session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str]
    party_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), index=True)
    holder: Mapped[str]
    """Who holds it on the party's behalf: the key of a phone (kid), the cashier of a till."""
    created_at: Mapped[int]
    expires_at: Mapped[int]
    ended_at: Mapped[int | None]
    device: Mapped[str] = mapped_column(default="")
    """What its browser calls itself, in short; empty until it was first seen."""
    address: Mapped[str] = mapped_column(default="")
    """The network address that it was last seen at."""
    seen_at: Mapped[int]


class AttemptRow(Base):
    """Wrong tries against one account or from one address, and until when further ones are refused."""

    __tablename__ = "web_attempt"

    scope: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    blocked_until: Mapped[int]
    last_at: Mapped[int]
