"""The addresses that a shop wants to be told at."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class EndpointRow(Base):
    """One address of a shop's own server. Its secret is derived from the installation's, so it lies nowhere."""

    __tablename__ = "webhooks_endpoint"
    __table_args__ = (Index("ix_webhooks_endpoint_shop", "shop_id", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    url: Mapped[str]
    description: Mapped[str]
    events: Mapped[str]
    """JSON array of event names; `*` is all of them."""
    generation: Mapped[int]
    """Which secret signs: one more at each rotation."""
    old_generation: Mapped[int | None]
    """The secret before it, which signs beside it until `old_until`."""
    old_until: Mapped[int | None]
    since_seq: Mapped[int]
    """The journal's number when it was made: what happened before is not told."""
    created_at: Mapped[int]
    disabled_at: Mapped[int | None]
    disabled_why: Mapped[str | None]
    failing_since: Mapped[int | None]
    last_success_at: Mapped[int | None]
    deleted_at: Mapped[int | None]
