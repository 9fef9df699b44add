"""Disputes between payers and shops, and what a shop owes to its next batch."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_PARTIES = ("shop_id", "payer_id")
_UNDECIDED = "state IN ('open', 'answered')"


def upgrade() -> None:
    _settlement()
    _adjustments()
    _disputes()
    _pictures()


def _settlement() -> None:
    """Batches learn to pay for lost disputes; those that there are have none."""
    with op.batch_alter_table("settlement_batch") as table:
        for name in ("adjustments", "adjustments_minor"):
            table.add_column(sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
        table.add_column(sa.Column("clawback_transfer_id", sa.Text(), nullable=True))
        table.create_unique_constraint("uq_settlement_batch_clawback_transfer_id", ["clawback_transfer_id"])
        table.drop_constraint("ck_settlement_batch_net", type_="check")
        table.create_check_constraint(
            "ck_settlement_batch_net",
            "net_minor = gross_minor - refunds_minor - adjustments_minor - fee_minor + carried_in_minor",
        )
        table.create_check_constraint(
            "ck_settlement_batch_adjustments_not_negative", "adjustments >= 0 AND adjustments_minor >= 0"
        )
    with op.batch_alter_table("settlement_batch") as table:
        for name in ("adjustments", "adjustments_minor"):
            table.alter_column(name, existing_type=sa.BigInteger(), existing_nullable=False, server_default=None)
    with op.batch_alter_table("settlement_line") as table:
        table.drop_constraint("ck_settlement_line_kind", type_="check")
        table.create_check_constraint("ck_settlement_line_kind", "kind IN ('sale', 'refund', 'dispute')")


def _adjustments() -> None:
    op.create_table(
        "settlement_adjustment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="ck_settlement_adjustment_amount_in_range"),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["identity_party.id"], name="fk_settlement_adjustment_shop_id_identity_party"
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payments_intent.id"], name="fk_settlement_adjustment_intent_id_payments_intent"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_settlement_adjustment"),
        sa.UniqueConstraint("transfer_id", name="uq_settlement_adjustment_transfer_id"),
    )
    op.create_index("ix_settlement_adjustment_shop_id", "settlement_adjustment", ["shop_id"], unique=False)


def _disputes() -> None:
    op.create_table(
        "disputes_dispute",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*_PARTIES, "reason", "words")),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("given_before_minor", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("answer_by", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("transfer_id", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="ck_disputes_dispute_amount_in_range"),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'won', 'lost', 'withdrawn', 'refunded')", name="ck_disputes_dispute_state"
        ),
        sa.CheckConstraint(
            "(state IN ('open', 'answered')) = (closed_at IS NULL)", name="ck_disputes_dispute_closed_at_a_time"
        ),
        sa.CheckConstraint("(state = 'lost') = (transfer_id IS NOT NULL)", name="ck_disputes_dispute_lost_is_paid"),
        sa.CheckConstraint("paid_minor BETWEEN 0 AND amount_minor", name="ck_disputes_dispute_paid_at_most_asked"),
        sa.CheckConstraint(
            "decided_by IN ('', 'shop', 'operator', 'silence')", name="ck_disputes_dispute_decided_by_somebody"
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payments_intent.id"], name="fk_disputes_dispute_intent_id_payments_intent"
        ),
        *(
            sa.ForeignKeyConstraint([name], ["identity_party.id"], name=f"fk_disputes_dispute_{name}_identity_party")
            for name in _PARTIES
        ),
        sa.PrimaryKeyConstraint("id", name="pk_disputes_dispute"),
        sa.UniqueConstraint("transfer_id", name="uq_disputes_dispute_transfer_id"),
    )
    for name in _PARTIES:
        op.create_index(f"ix_disputes_dispute_{name.removesuffix('_id')}", "disputes_dispute", [name, "id"])
    op.create_index("ix_disputes_dispute_intent_id", "disputes_dispute", ["intent_id"], unique=False)
    op.create_index(
        "uq_disputes_dispute_undecided", "disputes_dispute", ["intent_id"], unique=True,
        sqlite_where=sa.text(_UNDECIDED), postgresql_where=sa.text(_UNDECIDED),
    )  # fmt: skip


def _pictures() -> None:
    op.create_table(
        "disputes_picture",
        sa.Column("dispute_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("position BETWEEN 1 AND 3", name="ck_disputes_picture_three_at_most"),
        sa.CheckConstraint("length(content) BETWEEN 1 AND 1000000", name="ck_disputes_picture_not_too_large"),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["disputes_dispute.id"], name="fk_disputes_picture_dispute_id_disputes_dispute"
        ),
        sa.PrimaryKeyConstraint("dispute_id", "position", name="pk_disputes_picture"),
    )
