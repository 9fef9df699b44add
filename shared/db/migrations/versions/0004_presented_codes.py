"""Payer codes: what a person may spend without being asked, numbers under codes, codes that were presented."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "payments_limit",
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("no_pin_minor", sa.BigInteger(), nullable=False),
        sa.Column("daily_minor", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("no_pin_minor BETWEEN 0 AND 1000000000000", name="ck_payments_limit_no_pin_in_range"),
        sa.CheckConstraint("daily_minor BETWEEN 0 AND 1000000000000", name="ck_payments_limit_daily_in_range"),
        sa.ForeignKeyConstraint(["party_id"], ["identity_party.id"], name="fk_payments_limit_party_id_identity_party"),
        sa.PrimaryKeyConstraint("party_id", name="pk_payments_limit"),
    )
    op.execute(
        "INSERT INTO payments_limit (party_id, no_pin_minor, daily_minor, updated_at)"
        " SELECT party_id, no_pin_limit_minor, NULL, created_at FROM users_profile"
    )
    op.execute("ALTER TABLE users_profile DROP COLUMN no_pin_limit_minor")
    op.create_table(
        "payments_presented",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("frame", sa.LargeBinary(), nullable=False),
        sa.Column("presented_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payments_intent.id"], name="fk_payments_presented_intent_id_payments_intent"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["payments_order.id"], name="fk_payments_presented_order_id_payments_order"
        ),
        sa.PrimaryKeyConstraint("kid", "jti", name="pk_payments_presented"),
        sa.UniqueConstraint("kid", "counter", name="uq_payments_presented_kid_counter"),
        sa.UniqueConstraint("order_id", name="uq_payments_presented_order_id"),
    )
    op.create_index("ix_payments_presented_jti", "payments_presented", ["jti"], unique=False)
    op.create_table(
        "payments_number",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("frame", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_payments_number"),
        sa.UniqueConstraint("kid", "jti", name="uq_payments_number_kid_jti"),
    )
    op.create_index("ix_payments_number_expires_at", "payments_number", ["expires_at"], unique=False)
