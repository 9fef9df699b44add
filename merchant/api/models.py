"""The one table of the API itself: what programs keep with their payment intents."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class Metadata(Base):
    """A program's own words about an intent. Intents without any have no row."""

    __tablename__ = "api_metadata"

    intent_id: Mapped[str] = mapped_column(ForeignKey("payments_intent.id"), primary_key=True)
    content: Mapped[str]
    """JSON object of texts."""
