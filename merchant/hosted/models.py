"""What a hosted checkout page was asked to do beyond showing its payment intent."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class Page(Base):
    """The page of one payment intent, kept only where its shop asked for more than the plain one."""

    __tablename__ = "hosted_page"

    intent_id: Mapped[str] = mapped_column(ForeignKey("payments_intent.id"), primary_key=True)
    return_url: Mapped[str | None]
    """Where the payer goes from here, once they have paid or cannot any more."""
    embed_origin: Mapped[str | None]
    """The one origin whose pages may show this one in a frame."""
