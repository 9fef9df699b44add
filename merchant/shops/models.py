"""What the till keeps of a shop: its cashiers, its API keys."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class Cashier(Base):
    """Somebody who may sign in at a shop's till."""

    __tablename__ = "shops_cashier"
    __table_args__ = (UniqueConstraint("shop_id", "name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    name: Mapped[str]
    pin_hash: Mapped[str]
    """argon2id."""
    created_at: Mapped[int]


class ApiKey(Base):
    """A bearer key of the merchant API; only its hash is stored."""

    __tablename__ = "shops_api_key"

    key_hash: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    label: Mapped[str]
    created_at: Mapped[int]
    revoked_at: Mapped[int | None]
