"""Shop groups, and what the operator decides."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "operating_password",
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_id"], ["identity_party.id"], name="fk_operating_password_party_id_identity_party"
        ),
        sa.PrimaryKeyConstraint("party_id", name="pk_operating_password"),
    )
    op.create_table(
        "operating_deed",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_operating_deed"),
    )
    op.create_index("ix_operating_deed_subject", "operating_deed", ["subject_id", "id"], unique=False)
    op.create_table(
        "groups_group",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_groups_group"),
    )
    op.create_table(
        "groups_place",
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_groups_place_shop_id_identity_party"),
        sa.ForeignKeyConstraint(["group_id"], ["groups_group.id"], name="fk_groups_place_group_id_groups_group"),
        sa.PrimaryKeyConstraint("shop_id", name="pk_groups_place"),
        sa.UniqueConstraint("member_id", name="uq_groups_place_member_id"),
    )
    op.create_index("ix_groups_place_group_id", "groups_place", ["group_id"], unique=False)
    op.execute(
        "ALTER TABLE payments_limit ADD COLUMN ceiling_minor BIGINT CONSTRAINT ck_payments_limit_ceiling_in_range"
        " CHECK (ceiling_minor BETWEEN 0 AND 1000000000000)"
    )
