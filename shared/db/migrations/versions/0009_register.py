"""Sales as the register makes them: lines, discount, tip, note, tenders, and what is parked."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "register_sale",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("goods_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tip_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_bp", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("capture_method", sa.Text(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=True),
        sa.Column("terminal_id", sa.Text(), nullable=True),
        sa.Column("shift_id", sa.Text(), nullable=True),
        sa.Column("holds_stock", sa.BigInteger(), nullable=False),
        sa.Column("is_stopped", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'paid', 'part_paid', 'unpaid')", name="ck_register_sale_state"),
        sa.CheckConstraint("discount_minor BETWEEN 0 AND goods_minor", name="ck_register_sale_discount_in_range"),
        sa.CheckConstraint("holds_stock IN (0, 1) AND is_stopped IN (0, 1)", name="ck_register_sale_flags"),
        sa.CheckConstraint(
            "tax_minor BETWEEN 0 AND goods_minor - discount_minor", name="ck_register_sale_tax_in_range"
        ),
        sa.CheckConstraint(
            "tip_minor BETWEEN 0 AND goods_minor - discount_minor", name="ck_register_sale_tip_in_range"
        ),
        sa.CheckConstraint(
            "total_minor = goods_minor - discount_minor + tip_minor", name="ck_register_sale_figures_add_up"
        ),
        sa.CheckConstraint("total_minor BETWEEN 1 AND 1000000000000", name="ck_register_sale_total_in_range"),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_register_sale_shop_id_identity_party"),
        sa.PrimaryKeyConstraint("id", name="pk_register_sale"),
        sa.UniqueConstraint("shop_id", "number", name="uq_register_sale_shop_id_number"),
    )
    op.create_index("ix_register_sale_shop", "register_sale", ["shop_id", "created_at", "id"], unique=False)
    op.create_table(
        "register_line",
        sa.Column("sale_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_minor", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("off_minor", sa.BigInteger(), nullable=False),
        sa.Column("share_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_bp", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("gross_minor = unit_minor * quantity", name="ck_register_line_gross"),
        sa.CheckConstraint(
            "net_minor = gross_minor - off_minor - share_minor AND net_minor >= 0", name="ck_register_line_net"
        ),
        sa.CheckConstraint("quantity BETWEEN 1 AND 999", name="ck_register_line_quantity_in_range"),
        sa.CheckConstraint("returned BETWEEN 0 AND quantity", name="ck_register_line_returned_in_range"),
        sa.CheckConstraint("tax_bp BETWEEN 0 AND 10000", name="ck_register_line_tax_rate_in_range"),
        sa.CheckConstraint("tax_minor BETWEEN 0 AND net_minor", name="ck_register_line_tax_in_range"),
        sa.ForeignKeyConstraint(["sale_id"], ["register_sale.id"], name="fk_register_line_sale_id_register_sale"),
        sa.PrimaryKeyConstraint("sale_id", "position", name="pk_register_line"),
    )
    op.create_table(
        "register_tender",
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("sale_id", sa.Text(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_settled", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="ck_register_tender_amount_in_range"),
        sa.CheckConstraint("is_settled IN (0, 1)", name="ck_register_tender_is_settled"),
        sa.CheckConstraint("part BETWEEN 0 AND 19", name="ck_register_tender_part_in_range"),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payments_intent.id"], name="fk_register_tender_intent_id_payments_intent"
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["register_sale.id"], name="fk_register_tender_sale_id_register_sale"),
        sa.PrimaryKeyConstraint("intent_id", name="pk_register_tender"),
    )
    op.create_index("ix_register_tender_due", "register_tender", ["is_settled"], unique=False)
    op.create_index("ix_register_tender_sale", "register_tender", ["sale_id", "part"], unique=False)
    op.create_table(
        "register_parked",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cart", sa.Text(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_register_parked_shop_id_identity_party"),
        sa.PrimaryKeyConstraint("id", name="pk_register_parked"),
    )
    op.create_index("ix_register_parked_shop", "register_parked", ["shop_id", "created_at"], unique=False)
