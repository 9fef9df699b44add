"""The people of a shop."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base

_HERE = text("removed_at IS NULL")


class StaffMember(Base):
    """Somebody who may sign in at a shop's till. Rows stay when people go: the log and the reports name them."""

    __tablename__ = "staff_member"
    __table_args__ = (
        CheckConstraint("role IN ('cashier', 'manager', 'owner')", name="role"),
        Index("ix_staff_member_name", "shop_id", "name", unique=True, sqlite_where=_HERE, postgresql_where=_HERE),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    name: Mapped[str]
    role: Mapped[str]
    pin_hash: Mapped[str]
    """argon2id."""
    created_at: Mapped[int]
    removed_at: Mapped[int | None]
