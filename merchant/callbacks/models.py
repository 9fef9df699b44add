"""What the till keeps of its callbacks: deliveries, each try of one, how far the journal was read, faults on order."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base

_IS_PENDING = text("state = 'pending'")
_HAS_ENDED = text("ended_at IS NOT NULL")


class DeliveryRow(Base):
    """One message to one address, until it was taken, given up or dropped."""

    __tablename__ = "callbacks_delivery"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'delivered', 'failed', 'dropped')", name="state_known"),
        Index(
            "ix_callbacks_delivery_pending",
            "destination",
            "next_at",
            "number",
            sqlite_where=_IS_PENDING,
            postgresql_where=_IS_PENDING,
        ),
        Index("ix_callbacks_delivery_ended", "ended_at", sqlite_where=_HAS_ENDED, postgresql_where=_HAS_ENDED),
        Index("ix_callbacks_delivery_shop", "shop_id", "number"),
        Index("ix_callbacks_delivery_endpoint", "endpoint_id", "number"),
        Index("ix_callbacks_delivery_subject", "subject", "number"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    """Its place: they are asked for several at one moment, and sent in order."""
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"))
    kind: Mapped[str]
    endpoint_id: Mapped[str | None]
    destination: Mapped[str]
    """What shares the few connections to one receiver: the endpoint, or else the address."""
    subject: Mapped[str]
    """What it is about, most often a payment intent's id."""
    event_id: Mapped[str]
    """The message's own name, the same at each try."""
    event_type: Mapped[str]
    url: Mapped[str]
    payload: Mapped[str]
    state: Mapped[str]
    fault: Mapped[str | None]
    attempts: Mapped[int]
    tries: Mapped[int]
    """Attempts since it was asked for: at first, or again by hand."""
    due_at: Mapped[int]
    next_at: Mapped[int]
    claimed_until: Mapped[int]
    """Until when somebody is at it, by the machine's own clock: the other times are Saoma's, which tests may move."""
    created_at: Mapped[int]
    ended_at: Mapped[int | None]


class AttemptRow(Base):
    """One try: what was sent, what came back."""

    __tablename__ = "callbacks_attempt"

    delivery_id: Mapped[str] = mapped_column(ForeignKey("callbacks_delivery.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[int]
    status: Mapped[int | None]
    error: Mapped[str | None]
    took_ms: Mapped[int]
    fault: Mapped[str | None]
    sent_headers: Mapped[str]
    """JSON object."""
    sent_body: Mapped[str | None]
    """None where it was the delivery's payload."""
    answer: Mapped[str]
    """The beginning of the answer's body."""


class CursorRow(Base):
    """How far a follower has read the journal; `start` is where those begin who have not read any of it."""

    __tablename__ = "callbacks_cursor"

    name: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]


class FaultRow(Base):
    """A fault that a shop ordered for its own callbacks."""

    __tablename__ = "callbacks_fault"

    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    fault: Mapped[str] = mapped_column(primary_key=True)
    remaining: Mapped[int | None]
    """For so many more callbacks; None until it is switched off."""
    delay_s: Mapped[int]
    set_at: Mapped[int]
