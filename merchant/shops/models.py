"""What the till keeps of a shop: its API keys."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class ApiKey(Base):
    """A bearer key of the merchant API; only its hash is stored."""

    __tablename__ = "shops_api_key"

    key_hash: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    label: Mapped[str]
    created_at: Mapped[int]
    revoked_at: Mapped[int | None]
