"""The register's tables: sales, their lines, the payment intents that pay their parts, and what is parked."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class SaleRow(Base):
    """What the register sold: figures, who sold it and where. How it was paid stands with its tenders' intents."""

    __tablename__ = "register_sale"
    __table_args__ = (
        UniqueConstraint("shop_id", "number"),
        CheckConstraint("state IN ('open', 'paid', 'part_paid', 'unpaid')", name="state"),
        CheckConstraint("total_minor = goods_minor - discount_minor + tip_minor", name="figures_add_up"),
        CheckConstraint("total_minor BETWEEN 1 AND 1000000000000", name="total_in_range"),
        CheckConstraint("discount_minor BETWEEN 0 AND goods_minor", name="discount_in_range"),
        CheckConstraint("tip_minor BETWEEN 0 AND goods_minor - discount_minor", name="tip_in_range"),
        CheckConstraint("tax_minor BETWEEN 0 AND goods_minor - discount_minor", name="tax_in_range"),
        CheckConstraint("holds_stock IN (0, 1) AND is_stopped IN (0, 1)", name="flags"),
        Index("ix_register_sale_shop", "shop_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    number: Mapped[int]
    """The shop's own count of its sales, as it stands on a receipt."""
    state: Mapped[str]
    """As it was last noticed: a sale is as its tenders' intents are (`queries`)."""
    currency: Mapped[str]
    goods_minor: Mapped[int]
    """All lines before any discount, tax included."""
    discount_minor: Mapped[int]
    """What was taken off, from lines and from the whole cart."""
    tip_minor: Mapped[int]
    tax_minor: Mapped[int]
    """The tax inside goods − discount."""
    total_minor: Mapped[int]
    discount_bp: Mapped[int]
    """The cart's discount as it was given, when it was a percentage; 0 otherwise."""
    reference: Mapped[str]
    note: Mapped[str]
    """For the shop's own eyes."""
    capture_method: Mapped[str]
    parts: Mapped[str]
    """The amounts of a split sale's parts, `[500,500]`; `[total]` of one that is paid at once."""
    member_id: Mapped[str | None]
    terminal_id: Mapped[str | None]
    shift_id: Mapped[str | None]
    holds_stock: Mapped[int]
    """1 while its goods are taken out of the stock."""
    is_stopped: Mapped[int]
    """1 when the shop gave up the parts that were not paid."""
    created_at: Mapped[int]
    closed_at: Mapped[int | None]
    """When it was noticed to be paid, or not to be."""


class LineRow(Base):
    """One line of a sale, as it was sold: a later edit of the item changes nothing here."""

    __tablename__ = "register_line"
    __table_args__ = (
        CheckConstraint("quantity BETWEEN 1 AND 999", name="quantity_in_range"),
        CheckConstraint("gross_minor = unit_minor * quantity", name="gross"),
        CheckConstraint("net_minor = gross_minor - off_minor - share_minor AND net_minor >= 0", name="net"),
        CheckConstraint("tax_bp BETWEEN 0 AND 10000", name="tax_rate_in_range"),
        CheckConstraint("tax_minor BETWEEN 0 AND net_minor", name="tax_in_range"),
        CheckConstraint("returned BETWEEN 0 AND quantity", name="returned_in_range"),
    )

    sale_id: Mapped[str] = mapped_column(ForeignKey("register_sale.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str | None]
    """The catalogue's item; none where the amount was typed."""
    name: Mapped[str]
    """Empty where the amount was typed without a name."""
    options: Mapped[str]
    """The chosen options in words: `Large, oat milk`."""
    quantity: Mapped[int]
    unit_minor: Mapped[int]
    """The price of one with its options."""
    gross_minor: Mapped[int]
    off_minor: Mapped[int]
    """The line's own discount."""
    share_minor: Mapped[int]
    """Its share of the cart's discount."""
    net_minor: Mapped[int]
    tax_bp: Mapped[int]
    tax_minor: Mapped[int]
    returned: Mapped[int] = mapped_column(default=0)
    """How many of it came back."""


class TenderRow(Base):
    """One payment intent of a sale: it pays, paid or was to pay `amount_minor` of part number `part`."""

    __tablename__ = "register_tender"
    __table_args__ = (
        CheckConstraint("part BETWEEN 0 AND 19", name="part_in_range"),
        CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="amount_in_range"),
        CheckConstraint("is_settled IN (0, 1)", name="is_settled"),
        Index("ix_register_tender_sale", "sale_id", "part"),
        Index("ix_register_tender_due", "is_settled"),
    )

    intent_id: Mapped[str] = mapped_column(ForeignKey("payments_intent.id"), primary_key=True)
    sale_id: Mapped[str] = mapped_column(ForeignKey("register_sale.id"))
    part: Mapped[int]
    amount_minor: Mapped[int]
    is_settled: Mapped[int]
    """1 once the end of its intent was noticed."""
    created_at: Mapped[int]


class ParkedRow(Base):
    """A cart put aside under a name, as the register's page keeps it."""

    __tablename__ = "register_parked"
    __table_args__ = (Index("ix_register_parked_shop", "shop_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    name: Mapped[str]
    cart: Mapped[str]
    """The cart as JSON: what `POST /api/sales` takes."""
    total_minor: Mapped[int]
    """What it came to when it was parked."""
    member_id: Mapped[str | None]
    created_at: Mapped[int]
