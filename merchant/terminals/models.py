"""A shop's terminals."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base

_GOOD = text("revoked_at IS NULL")


def _one_each(name: str, column: str) -> Index:
    """One good terminal of a shop for each value of a column."""
    return Index(name, "shop_id", column, unique=True, sqlite_where=_GOOD, postgresql_where=_GOOD)


class Terminal(Base):
    """A till: what it charges is sealed by its own key."""

    __tablename__ = "terminals_terminal"
    __table_args__ = (
        CheckConstraint("revoked_at IS NOT NULL OR revoked_by IS NULL", name="revoked_by_somebody"),
        _one_each("ix_terminals_terminal_name", "name"),
        _one_each("ix_terminals_terminal_browser", "token_hash"),
        Index("ix_terminals_terminal_shop", "shop_id", "created_at", "id"),
        Index("ix_terminals_terminal_token", "token_hash"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    name: Mapped[str]
    """At most 16 characters, unique among the shop's good ones."""
    kid: Mapped[str | None] = mapped_column(ForeignKey("identity_key.kid"), unique=True)
    """Its key, held by this server; None: it seals with the shop's own, as the tills of old did."""
    token_hash: Mapped[str | None]
    """The hash of what its browser's cookie says; None for the first one, which every unknown browser stands at."""
    created_by: Mapped[str | None] = mapped_column(ForeignKey("staff_member.id"))
    created_at: Mapped[int]
    revoked_by: Mapped[str | None] = mapped_column(ForeignKey("staff_member.id"))
    revoked_at: Mapped[int | None]
