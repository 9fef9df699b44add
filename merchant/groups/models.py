"""Which shops belong together, and as whom their owner stands in each."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class Group(Base):
    """Shops of one owner."""

    __tablename__ = "groups_group"

    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[int]


class Place(Base):
    """A shop in its group. A shop is in one group at most, and its owner there is one of its own members."""

    __tablename__ = "groups_place"
    __table_args__ = (UniqueConstraint("member_id"),)

    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("groups_group.id"), index=True)
    member_id: Mapped[str]
    """The owner, as a member of this shop."""
    joined_at: Mapped[int]
