"""Requests for money between people: who asked whom for what, who takes none, and from whom one takes none."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "asking_request",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("asker_id", sa.Text(), nullable=False),
        sa.Column("payer_id", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="ck_asking_request_amount_in_range"),
        sa.CheckConstraint("state IN ('open', 'declined', 'withdrawn')", name="ck_asking_request_state"),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="ck_asking_request_closed_at_a_time"),
        sa.CheckConstraint("asker_id <> payer_id", name="ck_asking_request_not_oneself"),
        sa.ForeignKeyConstraint(["asker_id"], ["identity_party.id"], name="fk_asking_request_asker_id_identity_party"),
        sa.ForeignKeyConstraint(["payer_id"], ["identity_party.id"], name="fk_asking_request_payer_id_identity_party"),
        sa.PrimaryKeyConstraint("id", name="pk_asking_request"),
        sa.UniqueConstraint("asker_id", "jti", name="uq_asking_request_asker_id_jti"),
    )
    op.create_index("ix_asking_request_payer", "asking_request", ["payer_id", "created_at", "id"], unique=False)
    op.create_index("ix_asking_request_asker", "asking_request", ["asker_id", "created_at", "id"], unique=False)
    op.create_table(
        "asking_preference",
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("takes_requests", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("takes_requests IN (0, 1)", name="ck_asking_preference_takes_requests"),
        sa.ForeignKeyConstraint(
            ["party_id"], ["identity_party.id"], name="fk_asking_preference_party_id_identity_party"
        ),
        sa.PrimaryKeyConstraint("party_id", name="pk_asking_preference"),
    )
    op.create_table(
        "asking_block",
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["identity_party.id"], name="fk_asking_block_owner_id_identity_party"),
        sa.ForeignKeyConstraint(["party_id"], ["identity_party.id"], name="fk_asking_block_party_id_identity_party"),
        sa.PrimaryKeyConstraint("owner_id", "party_id", name="pk_asking_block"),
    )
