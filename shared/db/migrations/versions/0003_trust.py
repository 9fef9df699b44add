"""Holds and groups, captures and refunds, fees and payouts, checkpoints of the audit chain, names of commits."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "db_commit",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("commits", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_db_commit"),
    )
    op.create_index("ix_db_commit_commits", "db_commit", ["commits"], unique=False)
    _ledger()
    _chain()
    _payments()
    _settlement()


def _ledger() -> None:
    with op.batch_alter_table("ledger_account") as table:
        for name in ("debits_pending", "credits_pending"):
            table.add_column(sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
        for name in ("sums_not_negative", "no_overdraft"):
            table.drop_constraint(f"ck_ledger_account_{name}", type_="check")
        table.create_check_constraint(
            "ck_ledger_account_sums_not_negative",
            "debits_posted >= 0 AND credits_posted >= 0 AND debits_pending >= 0 AND credits_pending >= 0",
        )
        table.create_check_constraint(
            "ck_ledger_account_no_overdraft", "may_overdraw = 1 OR credits_posted >= debits_posted + debits_pending"
        )
    with op.batch_alter_table("ledger_account") as table:
        for name in ("debits_pending", "credits_pending"):
            table.alter_column(name, existing_type=sa.BigInteger(), existing_nullable=False, server_default=None)

    with op.batch_alter_table("ledger_transfer") as table:
        table.add_column(sa.Column("phase", sa.Text(), nullable=False, server_default="posted"))
        table.add_column(sa.Column("pending_id", sa.Text(), nullable=True))
        table.add_column(sa.Column("group_id", sa.Text(), nullable=True))
        table.add_column(sa.Column("expires_at", sa.BigInteger(), nullable=True))
        table.create_foreign_key(
            "fk_ledger_transfer_pending_id_ledger_transfer", "ledger_transfer", ["pending_id"], ["id"]
        )
        table.create_check_constraint("ck_ledger_transfer_phase", "phase IN ('posted', 'pending', 'voided', 'expired')")
        table.create_check_constraint(
            "ck_ledger_transfer_a_hold_expires", "(phase = 'pending') = (expires_at IS NOT NULL)"
        )
        table.create_check_constraint(
            "ck_ledger_transfer_ends_a_hold",
            "CASE phase WHEN 'pending' THEN pending_id IS NULL WHEN 'posted' THEN 1 = 1"
            " ELSE pending_id IS NOT NULL END",
        )
    with op.batch_alter_table("ledger_transfer") as table:
        table.alter_column("phase", existing_type=sa.Text(), existing_nullable=False, server_default=None)
    for name, column, is_unique in (
        ("uq_ledger_transfer_pending_id", "pending_id", True),
        ("ix_ledger_transfer_group_id", "group_id", False),
        ("ix_ledger_transfer_expires_at", "expires_at", False),
    ):  # of the few rows that have a value: most transfers are not in these indexes, and do not pay for them
        is_given = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            name, "ledger_transfer", [column], unique=is_unique, sqlite_where=is_given, postgresql_where=is_given
        )
    _protect("ledger_transfer", is_rebuilt=True)


def _chain() -> None:
    op.create_table(
        "ledger_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_ledger_checkpoint"),
    )
    op.create_table(
        "ledger_discontinuity",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("old_size", sa.BigInteger(), nullable=False),
        sa.Column("old_root", sa.LargeBinary(), nullable=False),
        sa.Column("new_size", sa.BigInteger(), nullable=False),
        sa.Column("new_root", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_discontinuity"),
    )
    _protect("ledger_checkpoint")
    _protect("ledger_discontinuity")


def _payments() -> None:
    with op.batch_alter_table("payments_intent") as table:
        table.add_column(sa.Column("capture_method", sa.Text(), nullable=False, server_default="automatic"))
        table.add_column(sa.Column("hold_id", sa.Text(), nullable=True))
        table.add_column(sa.Column("authorized_until", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("captured_minor", sa.BigInteger(), nullable=False, server_default="0"))
        table.add_column(sa.Column("refunded_minor", sa.BigInteger(), nullable=False, server_default="0"))
        table.create_unique_constraint("uq_payments_intent_hold_id", ["hold_id"])
    op.execute("UPDATE payments_intent SET captured_minor = amount_minor WHERE state = 'captured'")
    op.drop_index("ix_payments_intent_shop", "payments_intent")
    op.create_index("ix_payments_intent_shop", "payments_intent", ["shop_id", "created_at", "id"], unique=False)
    op.create_index("ix_payments_spent_jti", "payments_spent", ["jti"], unique=False)
    with op.batch_alter_table("payments_intent") as table:
        table.alter_column("capture_method", existing_type=sa.Text(), existing_nullable=False, server_default=None)
        for name in ("captured_minor", "refunded_minor"):
            table.alter_column(name, existing_type=sa.BigInteger(), existing_nullable=False, server_default=None)
        table.create_check_constraint("ck_payments_intent_capture_method", "capture_method IN ('automatic', 'manual')")
        table.create_check_constraint(
            "ck_payments_intent_refunded_captured_asked",
            "0 <= refunded_minor AND refunded_minor <= captured_minor AND captured_minor <= amount_minor",
        )
        table.create_check_constraint(
            "ck_payments_intent_authorized_by_a_hold", "state <> 'authorized' OR hold_id IS NOT NULL"
        )
    op.create_table(
        "payments_refund",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="ck_payments_refund_amount_in_range"),
        sa.CheckConstraint("state IN ('pending', 'succeeded', 'failed')", name="ck_payments_refund_state"),
        sa.CheckConstraint(
            "(state = 'succeeded') = (transfer_id IS NOT NULL)", name="ck_payments_refund_succeeded_by_a_transfer"
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payments_intent.id"], name="fk_payments_refund_intent_id_payments_intent"
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_payments_refund_shop_id_identity_party"),
        sa.PrimaryKeyConstraint("id", name="pk_payments_refund"),
        sa.UniqueConstraint("transfer_id", name="uq_payments_refund_transfer_id"),
    )
    op.create_index("ix_payments_refund_intent_id", "payments_refund", ["intent_id"], unique=False)
    op.create_index("ix_payments_refund_shop_id", "payments_refund", ["shop_id"], unique=False)


def _settlement() -> None:
    """Batches get new sums: what there is is copied into the new shape, with no fees, since none were taken."""
    op.drop_index("ix_settlement_line_batch_id", "settlement_line")
    op.drop_index("ix_settlement_batch_shop_id", "settlement_batch")
    op.rename_table("settlement_line", "old_line")
    op.rename_table("settlement_batch", "old_batch")
    if op.get_bind().dialect.name == "postgresql":  # whose names of constraints are the schema's, not the table's
        for name in ("pk_settlement_line", "fk_settlement_line_batch_id_settlement_batch"):
            op.execute(f"ALTER TABLE old_line DROP CONSTRAINT {name}")
        for name in ("pk_settlement_batch", "uq_settlement_batch_transfer_id"):
            op.execute(f"ALTER TABLE old_batch DROP CONSTRAINT {name}")
    _settlement_tables()
    op.execute(
        "INSERT INTO settlement_batch (id, shop_id, state, cutoff_at, currency, sales, refunds, basis_points,"
        " fixed_minor, gross_minor, refunds_minor, fee_minor, carried_in_minor, net_minor, payout_transfer_id,"
        " created_at) SELECT id, shop_id, state, cutoff_at, currency, sales, 0, 0, 0, gross_minor, 0, 0, 0,"
        " gross_minor, transfer_id, created_at FROM old_batch"
    )
    op.execute(
        "INSERT INTO settlement_line (source_id, batch_id, kind, transfer_id, amount_minor, fee_minor, happened_at)"
        " SELECT l.intent_id, l.batch_id, 'sale', i.transfer_id, i.amount_minor, 0, i.closed_at"
        " FROM old_line AS l JOIN payments_intent AS i ON i.id = l.intent_id"
    )
    op.drop_table("old_line")
    op.drop_table("old_batch")


def _settlement_tables() -> None:
    op.create_table(
        "settlement_rate",
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("basis_points", sa.BigInteger(), nullable=False),
        sa.Column("fixed_minor", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name="ck_settlement_rate_basis_points"),
        sa.CheckConstraint("fixed_minor BETWEEN 0 AND 1000000000000", name="ck_settlement_rate_fixed"),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_settlement_rate_shop_id_identity_party"),
        sa.PrimaryKeyConstraint("shop_id", name="pk_settlement_rate"),
    )
    numbers = (
        "sales",
        "refunds",
        "basis_points",
        "fixed_minor",
        "gross_minor",
        "refunds_minor",
        "fee_minor",
        "carried_in_minor",
        "net_minor",
    )
    op.create_table(
        "settlement_batch",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cutoff_at", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in numbers),
        sa.Column("fee_transfer_id", sa.Text(), nullable=True),
        sa.Column("payout_transfer_id", sa.Text(), nullable=True),
        sa.Column("end_transfer_id", sa.Text(), nullable=True),
        sa.Column("carried_to", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'closed', 'in_transit', 'paid', 'returned')", name="ck_settlement_batch_state"
        ),
        sa.CheckConstraint(
            "gross_minor >= 0 AND refunds_minor >= 0 AND fee_minor >= 0", name="ck_settlement_batch_sums_not_negative"
        ),
        sa.CheckConstraint(
            "net_minor = gross_minor - refunds_minor - fee_minor + carried_in_minor", name="ck_settlement_batch_net"
        ),
        sa.CheckConstraint(
            "(net_minor > 0) = (payout_transfer_id IS NOT NULL)", name="ck_settlement_batch_positive_net_is_paid_out"
        ),
        sa.CheckConstraint(
            "(state IN ('paid', 'returned')) = (end_transfer_id IS NOT NULL)",
            name="ck_settlement_batch_ended_by_a_transfer",
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_settlement_batch_shop_id_identity_party"),
        sa.ForeignKeyConstraint(
            ["carried_to"], ["settlement_batch.id"], name="fk_settlement_batch_carried_to_settlement_batch"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_settlement_batch"),
        sa.UniqueConstraint("fee_transfer_id", name="uq_settlement_batch_fee_transfer_id"),
        sa.UniqueConstraint("payout_transfer_id", name="uq_settlement_batch_payout_transfer_id"),
        sa.UniqueConstraint("end_transfer_id", name="uq_settlement_batch_end_transfer_id"),
    )
    op.create_index("ix_settlement_batch_shop_id", "settlement_batch", ["shop_id"], unique=False)
    op.create_index("ix_settlement_batch_carried_to", "settlement_batch", ["carried_to"], unique=False)
    op.create_table(
        "settlement_line",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('sale', 'refund')", name="ck_settlement_line_kind"),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["settlement_batch.id"], name="fk_settlement_line_batch_id_settlement_batch"
        ),
        sa.PrimaryKeyConstraint("source_id", name="pk_settlement_line"),
        sa.UniqueConstraint("transfer_id", name="uq_settlement_line_transfer_id"),
    )
    op.create_index("ix_settlement_line_batch_id", "settlement_line", ["batch_id"], unique=False)


def _protect(table: str, *, is_rebuilt: bool = False) -> None:
    """Rows of this table never change. SQLite rebuilt a table that was altered, without its triggers."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} rows never change'); END"
            )
    elif not is_rebuilt:
        op.execute(
            f"CREATE TRIGGER {table}_never_changes BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION saoma_never_changes()"
        )
