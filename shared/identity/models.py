"""Who is who: parties and their keys. Other rooms read names here and keep their own data by party id."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base

_OPERATOR = text("kind = 'operator'")
"""There is one, who is asked for at every receipt, among however many people."""


class Party(Base):
    """A person, a shop, or the operator of this installation."""

    __tablename__ = "identity_party"
    __table_args__ = (
        CheckConstraint("kind IN ('user', 'shop', 'operator')", name="kind"),
        Index("ix_identity_party_operator", "kind", sqlite_where=_OPERATOR, postgresql_where=_OPERATOR),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    handle: Mapped[str] = mapped_column(unique=True)
    """Unique name within the realm, `[a-z0-9._-]`, at most 32."""
    display_name: Mapped[str]
    verified_at: Mapped[int | None]
    """When the operator checked who this is; None = nobody did."""
    frozen_at: Mapped[int | None]
    """Since when the operator lets them neither pay nor be paid."""
    self_frozen_at: Mapped[int | None]
    """Since when a person has stopped their own outgoing money; what comes in still arrives."""
    created_at: Mapped[int]


class Key(Base):
    """A public key, what it may seal, and (for a server-held one) its locked private half."""

    __tablename__ = "identity_key"
    __table_args__ = (CheckConstraint("custody IN ('device', 'server')", name="custody"),)

    kid: Mapped[str] = mapped_column(primary_key=True)
    """The 8 bytes of the key's name, in hex."""
    party_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), index=True)
    algorithm: Mapped[str]
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    may_seal: Mapped[str]
    """The code types it may seal, comma-separated."""
    custody: Mapped[str]
    locked_private: Mapped[bytes | None] = mapped_column(LargeBinary)
    card: Mapped[str]
    """The contact card that the key sealed of itself at enrolment, as digits; empty for shops and the operator."""
    created_at: Mapped[int]
    revoked_at: Mapped[int | None]
