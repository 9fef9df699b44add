"""Merchants and transactions of WeChat Pay API v3."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "wechatpay_platform",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("public_key_id", sa.Text(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("locked_private", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_wechatpay_platform_only_one"),
        sa.PrimaryKeyConstraint("id", name="pk_wechatpay_platform"),
    )
    op.create_table(
        "wechatpay_merchant",
        sa.Column("mchid", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("appid", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("locked_api_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["identity_party.id"], name="fk_wechatpay_merchant_shop_id_identity_party"
        ),
        sa.PrimaryKeyConstraint("mchid", name="pk_wechatpay_merchant"),
        sa.UniqueConstraint("shop_id", name="uq_wechatpay_merchant_shop_id"),
        sa.UniqueConstraint("appid", name="uq_wechatpay_merchant_appid"),
    )
    op.create_table(
        "wechatpay_trade",
        sa.Column("transaction_id", sa.Text(), nullable=False),
        sa.Column("mchid", sa.Text(), nullable=False),
        sa.Column("out_trade_no", sa.Text(), nullable=False),
        sa.Column("trade_type", sa.Text(), nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("notify_url", sa.Text(), nullable=True),
        sa.Column("is_by_public_key", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("trade_type IN ('NATIVE', 'MICROPAY')", name="ck_wechatpay_trade_trade_type"),
        sa.CheckConstraint("ended IN ('CLOSED', 'REVOKED')", name="ck_wechatpay_trade_ended"),
        sa.CheckConstraint("(ended IS NULL) = (ended_at IS NULL)", name="ck_wechatpay_trade_ended_at_a_time"),
        sa.ForeignKeyConstraint(
            ["mchid"], ["wechatpay_merchant.mchid"], name="fk_wechatpay_trade_mchid_wechatpay_merchant"
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payments_intent.id"], name="fk_wechatpay_trade_intent_id_payments_intent"
        ),
        sa.PrimaryKeyConstraint("transaction_id", name="pk_wechatpay_trade"),
        sa.UniqueConstraint("mchid", "out_trade_no", name="uq_wechatpay_trade_mchid_out_trade_no"),
        sa.UniqueConstraint("intent_id", name="uq_wechatpay_trade_intent_id"),
    )
    op.create_table(
        "wechatpay_refund",
        sa.Column("refund_number", sa.Text(), nullable=False),
        sa.Column("mchid", sa.Text(), nullable=False),
        sa.Column("out_refund_no", sa.Text(), nullable=False),
        sa.Column("transaction_id", sa.Text(), nullable=False),
        sa.Column("refund_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("notify_url", sa.Text(), nullable=True),
        sa.Column("is_by_public_key", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mchid"], ["wechatpay_merchant.mchid"], name="fk_wechatpay_refund_mchid_wechatpay_merchant"
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["wechatpay_trade.transaction_id"],
            name="fk_wechatpay_refund_transaction_id_wechatpay_trade",
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["payments_refund.id"], name="fk_wechatpay_refund_refund_id_payments_refund"
        ),
        sa.PrimaryKeyConstraint("refund_number", name="pk_wechatpay_refund"),
        sa.UniqueConstraint("mchid", "out_refund_no", name="uq_wechatpay_refund_mchid_out_refund_no"),
        sa.UniqueConstraint("refund_id", name="uq_wechatpay_refund_refund_id"),
    )
    op.create_index("ix_wechatpay_refund_transaction_id", "wechatpay_refund", ["transaction_id"], unique=False)
