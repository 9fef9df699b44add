"""Sessions, counted attempts, and what crossed the wire: both services keep theirs here."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import SEQ, Base


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


class WireRow(Base):
    """One request of a program or a phone, with its answer; without secrets, and forgotten after a while."""

    __tablename__ = "web_wire"
    __table_args__ = (Index("ix_web_wire_shop", "shop_id", "seq"),)

    seq: Mapped[int] = mapped_column(SEQ, primary_key=True, autoincrement=False)
    at: Mapped[int]
    took_us: Mapped[int]
    service: Mapped[str]
    method: Mapped[str]
    path: Mapped[str]
    status: Mapped[int]
    shop_id: Mapped[str]
    """The shop that it concerns; empty where nobody could be told by it, as with a wrong key."""
    intent_id: Mapped[str] = mapped_column(index=True)
    """The payment intent that it is about; empty where it is about none, or about several."""
    subject: Mapped[str] = mapped_column(index=True)
    """What a refused order named its intent by, in hex; empty otherwise."""
    request_id: Mapped[str]
    asked_headers: Mapped[str]
    """JSON object."""
    asked: Mapped[str]
    answered_headers: Mapped[str]
    """JSON object."""
    answered: Mapped[str]
    missed: Mapped[int]
    """Calls just before this one that were not kept, because too many came at once."""
