"""The scheme's tables: what shops want to be paid, the signed orders that paid it, and what was spent by them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class Intent(Base):
    """What a shop wants to be paid, from its code to its capture."""

    __tablename__ = "payments_intent"
    __table_args__ = (
        UniqueConstraint("kid", "jti"),
        CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="amount_in_range"),
        CheckConstraint("(state = 'captured') = (transfer_id IS NOT NULL)", name="captured_by_a_transfer"),
        CheckConstraint("capture_method IN ('automatic', 'manual')", name="capture_method"),
        CheckConstraint(
            "0 <= refunded_minor AND refunded_minor <= captured_minor AND captured_minor <= amount_minor",
            name="refunded_captured_asked",
        ),
        CheckConstraint("state <> 'authorized' OR hold_id IS NOT NULL", name="authorized_by_a_hold"),
        Index("ix_payments_intent_shop", "shop_id", "created_at", "id"),
        Index("ix_payments_intent_due", "state", "expires_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    reference: Mapped[str]
    memo: Mapped[str]
    state: Mapped[str]
    kid: Mapped[str]
    """The key that sealed its code; with `jti` the name under which a scanned code finds it."""
    jti: Mapped[str] = mapped_column(index=True)
    code: Mapped[bytes] = mapped_column(LargeBinary)
    """The sealed payment request; empty when the payer typed the amount at a static code."""
    created_at: Mapped[int]
    expires_at: Mapped[int]
    payer_id: Mapped[str | None]
    transfer_id: Mapped[str | None] = mapped_column(unique=True)
    closed_at: Mapped[int | None]
    """When it reached a final state."""
    capture_method: Mapped[str] = mapped_column(default="automatic")
    """`automatic`: paying captures. `manual`: paying authorizes, and the shop captures or voids later."""
    hold_id: Mapped[str | None] = mapped_column(unique=True)
    """The pending transfer that authorized it."""
    authorized_until: Mapped[int | None]
    """When the hold ends by itself."""
    captured_minor: Mapped[int] = mapped_column(default=0)
    refunded_minor: Mapped[int] = mapped_column(default=0)


class RefundRow(Base):
    """Money given back for a captured intent; several may be, up to what was captured."""

    __tablename__ = "payments_refund"
    __table_args__ = (
        CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="amount_in_range"),
        CheckConstraint("state IN ('pending', 'succeeded', 'failed')", name="state"),
        CheckConstraint("(state = 'succeeded') = (transfer_id IS NOT NULL)", name="succeeded_by_a_transfer"),
        Index("ix_payments_refund_shop", "shop_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    intent_id: Mapped[str] = mapped_column(ForeignKey("payments_intent.id"), index=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]
    state: Mapped[str]
    transfer_id: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[int]


class ScanRow(Base):
    """Somebody opened an intent's code. Reserves nothing; several may."""

    __tablename__ = "payments_scan"

    intent_id: Mapped[str] = mapped_column(ForeignKey("payments_intent.id"), primary_key=True)
    party_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), primary_key=True)
    scanned_at: Mapped[int]


class OrderRow(Base):
    """A signed order beside the transfer it caused: the proof of the debit."""

    __tablename__ = "payments_order"

    id: Mapped[str] = mapped_column(primary_key=True)
    """kid and jti in hex: an order is executed once."""
    kind: Mapped[int]
    frame: Mapped[bytes] = mapped_column(LargeBinary)
    presented: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The peer request that the payer answered, as scanned."""
    transfer_id: Mapped[str] = mapped_column(unique=True)
    executed_at: Mapped[int]


class SpentRow(Base):
    """A peer request that was paid: it cannot be paid again."""

    __tablename__ = "payments_spent"

    payee_id: Mapped[str] = mapped_column(primary_key=True)
    jti: Mapped[str] = mapped_column(primary_key=True, index=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("payments_order.id"))


class LimitRow(Base):
    """What a person lets go without being asked, and in a day. Nobody who has no row is paid without being asked."""

    __tablename__ = "payments_limit"
    __table_args__ = (
        CheckConstraint("no_pin_minor BETWEEN 0 AND 1000000000000", name="no_pin_in_range"),
        CheckConstraint("daily_minor BETWEEN 0 AND 1000000000000", name="daily_in_range"),
        CheckConstraint("ceiling_minor BETWEEN 0 AND 1000000000000", name="ceiling_in_range"),
    )

    party_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), primary_key=True)
    no_pin_minor: Mapped[int]
    """Payments above this ask for the PIN; charges above it ask the phone."""
    daily_minor: Mapped[int | None]
    """The most that leaves in a day (UTC); None: no such limit."""
    updated_at: Mapped[int]
    ceiling_minor: Mapped[int | None]
    """The most that the operator lets leave in a day, whatever the person says; None: as much as they say."""


class PresentedRow(Base):
    """A payer code that a shop took: it cannot be taken again, and none of its key with a lower counter."""

    __tablename__ = "payments_presented"
    __table_args__ = (UniqueConstraint("kid", "counter"),)

    kid: Mapped[str] = mapped_column(primary_key=True)
    jti: Mapped[str] = mapped_column(primary_key=True, index=True)
    counter: Mapped[int]
    intent_id: Mapped[str] = mapped_column(ForeignKey("payments_intent.id"))
    order_id: Mapped[str | None] = mapped_column(ForeignKey("payments_order.id"), unique=True)
    """The order that charged it; None where the payer was asked and pays with an order of their own."""
    frame: Mapped[bytes] = mapped_column(LargeBinary)
    presented_at: Mapped[int]


class NumberRow(Base):
    """The 18 digits under a payer code that a phone has uploaded, for a cashier to type."""

    __tablename__ = "payments_number"
    __table_args__ = (UniqueConstraint("kid", "jti"),)

    number: Mapped[str] = mapped_column(primary_key=True)
    kid: Mapped[str]
    jti: Mapped[str]
    frame: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[int] = mapped_column(index=True)


class UndecidedRow(Base):
    """A signed order that was taken in and not executed yet: its intent is `unknown` until this is resolved."""

    __tablename__ = "payments_undecided"
    __table_args__ = (Index("ix_payments_undecided_due", "resolved_at", "due_at"),)

    order_id: Mapped[str] = mapped_column(primary_key=True)
    """kid and jti in hex."""
    intent_id: Mapped[str] = mapped_column(ForeignKey("payments_intent.id"), unique=True)
    frame: Mapped[bytes] = mapped_column(LargeBinary)
    presented: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The payer code that a shop charged."""
    outcome: Mapped[str]
    """How it ends (outcomes.py)."""
    accepted_at: Mapped[int]
    """When it was judged good."""
    due_at: Mapped[int]
    resolved_at: Mapped[int | None]
