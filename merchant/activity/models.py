"""The log's one table."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class Entry(Base):
    """One thing that somebody did at a shop; written in the action's own transaction and never changed."""

    __tablename__ = "activity_entry"
    __table_args__ = (
        Index("ix_activity_entry_shop", "shop_id", "created_at", "id"),
        Index("ix_activity_entry_what", "shop_id", "what"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    member_id: Mapped[str | None] = mapped_column(ForeignKey("staff_member.id"))
    """None: a program with the shop's key, or the operator."""
    terminal_id: Mapped[str | None] = mapped_column(ForeignKey("terminals_terminal.id"))
    what: Mapped[str]
    """`noun.past_verb`; its sentence is `activity.<what>`."""
    subject: Mapped[str]
    """The id of what it was done to; empty where there is none."""
    details: Mapped[str]
    """JSON object: what the sentence names."""
    created_at: Mapped[int]
