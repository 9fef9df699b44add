"""A shop's API keys."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class ApiKey(Base):
    """A bearer key of the merchant API; only its hash is stored, and its last four characters to tell it by."""

    __tablename__ = "keys_key"
    __table_args__ = (Index("ix_keys_key_shop", "shop_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    name: Mapped[str]
    """What the shop calls it: where it is used."""
    key_hash: Mapped[str] = mapped_column(unique=True)
    last_four: Mapped[str]
    """Empty for a key that is older than this column."""
    scopes: Mapped[str | None]
    """JSON array of what a restricted key may; None: a full key."""
    created_by: Mapped[str | None] = mapped_column(ForeignKey("staff_member.id"))
    """Who made it; None for one that was made from the command line."""
    created_at: Mapped[int]
    expires_at: Mapped[int | None]
    """From when on it opens nothing; set when it is made, or when another one takes its place."""
    rotated_to: Mapped[str | None]
    """The key that takes its place."""
    revoked_at: Mapped[int | None]
    last_used_at: Mapped[int | None]
    """To a few minutes: it is noted behind the requests, not in their way."""
