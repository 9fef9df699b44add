"""What a shop sells: items with price, tax, stock, options and a picture. The goods there were become items."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "catalog_picture",
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_catalog_picture_shop_id_identity_party"),
        sa.PrimaryKeyConstraint("shop_id", "hash", name="pk_catalog_picture"),
    )
    op.create_table(
        "catalog_item",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_bp", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("price_minor BETWEEN 1 AND 1000000000000", name="ck_catalog_item_price_in_range"),
        sa.CheckConstraint("tax_bp BETWEEN 0 AND 10000", name="ck_catalog_item_tax_in_range"),
        sa.CheckConstraint("stock >= 0", name="ck_catalog_item_stock_in_range"),
        sa.CheckConstraint("version >= 1", name="ck_catalog_item_version_counts"),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_catalog_item_shop_id_identity_party"),
        sa.ForeignKeyConstraint(
            ["shop_id", "picture"],
            ["catalog_picture.shop_id", "catalog_picture.hash"],
            name="fk_catalog_item_shop_id_catalog_picture",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_catalog_item"),
        sa.UniqueConstraint("shop_id", "sku", name="uq_catalog_item_shop_id_sku"),
    )
    op.create_index("ix_catalog_item_shop", "catalog_item", ["shop_id", "position", "id"], unique=False)
    op.execute(
        "INSERT INTO catalog_item (id, shop_id, name, category, price_minor, tax_bp, sku, stock, options, picture,"
        " position, version, created_at, updated_at, archived_at)"
        " SELECT 'itm_' || substr(g.id, 4), g.shop_id, g.name, '', g.price_minor, 0, NULL, NULL, '[]', NULL,"
        " g.position, 1, p.created_at, p.created_at, NULL"
        " FROM shops_good AS g JOIN identity_party AS p ON p.id = g.shop_id"
    )
    op.drop_table("shops_good")
