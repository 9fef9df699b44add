"""Payments whose outcome is not known yet."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "payments_undecided",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("frame", sa.LargeBinary(), nullable=False),
        sa.Column("presented", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payments_intent.id"], name="fk_payments_undecided_intent_id_payments_intent"
        ),
        sa.PrimaryKeyConstraint("order_id", name="pk_payments_undecided"),
        sa.UniqueConstraint("intent_id", name="uq_payments_undecided_intent_id"),
    )
    op.create_index("ix_payments_undecided_due", "payments_undecided", ["resolved_at", "due_at"], unique=False)
