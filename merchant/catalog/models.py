"""The catalogue's tables: items, and the pictures on them as they are shown."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class Item(Base):
    """Something a shop sells. It is archived and never deleted: sales and reports name it."""

    __tablename__ = "catalog_item"
    __table_args__ = (
        UniqueConstraint("shop_id", "sku"),
        ForeignKeyConstraint(["shop_id", "picture"], ["catalog_picture.shop_id", "catalog_picture.hash"]),
        CheckConstraint("price_minor BETWEEN 1 AND 1000000000000", name="price_in_range"),
        CheckConstraint("tax_bp BETWEEN 0 AND 10000", name="tax_in_range"),
        CheckConstraint("stock >= 0", name="stock_in_range"),
        CheckConstraint("version >= 1", name="version_counts"),
        Index("ix_catalog_item_shop", "shop_id", "position", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    name: Mapped[str]
    category: Mapped[str]
    """What it stands under on the till; empty when under nothing."""
    price_minor: Mapped[int]
    """What one costs, tax included, without options."""
    tax_bp: Mapped[int]
    """The tax that the price includes, in basis points: 600 is 6 %."""
    sku: Mapped[str | None]
    """The shop's own number or the barcode's digits; once per shop."""
    stock: Mapped[int | None]
    """How many are left; None when nobody counts."""
    options: Mapped[str]
    """JSON: the groups of choices, as `options.as_json` writes them."""
    picture: Mapped[str | None]
    position: Mapped[int]
    version: Mapped[int]
    """Counts edits, so that of two people who edit at once one is told. Selling is no edit."""
    created_at: Mapped[int]
    updated_at: Mapped[int]
    archived_at: Mapped[int | None]


class Picture(Base):
    """A picture as it is shown: checked, cropped to a square, without what the camera wrote into it."""

    __tablename__ = "catalog_picture"

    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(primary_key=True)
    """Of its bytes: a picture's address never shows another picture."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """WebP."""
    created_at: Mapped[int]
