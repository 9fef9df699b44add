"""What the WeChat Pay doors keep: the platform's own key, the merchants, their orders and their refunds by number."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class Platform(Base):
    """The platform that answers: one key and certificate for the whole installation."""

    __tablename__ = "wechatpay_platform"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    serial: Mapped[str]
    """The certificate's serial number, 40 hexadecimal digits."""
    public_key_id: Mapped[str]
    """`PUB_KEY_ID_` and digits: the same key's name for those who verify without a certificate."""
    certificate: Mapped[str]
    """PEM."""
    locked_private: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[int]


class Merchant(Base):
    """A shop as the WeChat Pay doors know it. Its private key was shown once and is its own."""

    __tablename__ = "wechatpay_merchant"

    mchid: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(ForeignKey("identity_party.id"), unique=True)
    appid: Mapped[str] = mapped_column(unique=True)
    serial: Mapped[str]
    certificate: Mapped[str]
    """PEM: what the merchant's requests are verified with."""
    locked_api_key: Mapped[bytes] = mapped_column(LargeBinary)
    """The API v3 key: 32 characters that notices and certificates are encrypted with."""
    created_at: Mapped[int]


class Trade(Base):
    """A merchant's order, under the merchant's own number. Its money is a payment intent's."""

    __tablename__ = "wechatpay_trade"
    __table_args__ = (
        UniqueConstraint("mchid", "out_trade_no"),
        CheckConstraint("trade_type IN ('NATIVE', 'MICROPAY')", name="trade_type"),
        CheckConstraint("ended IN ('CLOSED', 'REVOKED')", name="ended"),
        CheckConstraint("(ended IS NULL) = (ended_at IS NULL)", name="ended_at_a_time"),
    )

    transaction_id: Mapped[str] = mapped_column(primary_key=True)
    """28 digits; told to the merchant once the order is paid."""
    mchid: Mapped[str] = mapped_column(ForeignKey("wechatpay_merchant.mchid"))
    out_trade_no: Mapped[str]
    trade_type: Mapped[str]
    intent_id: Mapped[str] = mapped_column(ForeignKey("payments_intent.id"), unique=True)
    """The newest of the intents behind it: a code lives for minutes, the order for hours."""
    asked: Mapped[str]
    """JSON of the request that placed it."""
    fingerprint: Mapped[str]
    notify_url: Mapped[str | None]
    is_by_public_key: Mapped[int]
    """1: the merchant verifies by the platform's public key, 0: by its certificate."""
    created_at: Mapped[int]
    expires_at: Mapped[int]
    ended: Mapped[str | None]
    """`CLOSED` or `REVOKED` by the merchant."""
    ended_at: Mapped[int | None]


class TradeRefund(Base):
    """A refund of an order, under the merchant's own number."""

    __tablename__ = "wechatpay_refund"
    __table_args__ = (UniqueConstraint("mchid", "out_refund_no"),)

    refund_number: Mapped[str] = mapped_column(primary_key=True)
    """29 digits: what WeChat Pay's users call `refund_id`."""
    mchid: Mapped[str] = mapped_column(ForeignKey("wechatpay_merchant.mchid"))
    out_refund_no: Mapped[str]
    transaction_id: Mapped[str] = mapped_column(ForeignKey("wechatpay_trade.transaction_id"), index=True)
    refund_id: Mapped[str] = mapped_column(ForeignKey("payments_refund.id"), unique=True)
    fingerprint: Mapped[str]
    notify_url: Mapped[str | None]
    is_by_public_key: Mapped[int]
    created_at: Mapped[int]
