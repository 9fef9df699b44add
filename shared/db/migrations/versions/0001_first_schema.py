"""The first schema: store, ledger, identity, payments, settlement, sessions, wallet, till."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:  # one long list of tables, frozen as it was made
    op.create_table(
        "db_event",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_db_event"),
        sa.UniqueConstraint("id", name="uq_db_event_id"),
    )
    op.create_table(
        "db_head",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("realm", sa.Text(), nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=False),
        sa.Column("transfer_seq", sa.BigInteger(), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("commits", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_db_head_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_db_head"),
    )
    op.create_table(
        "db_once",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_db_once"),
    )
    op.create_index("ix_db_once_created_at", "db_once", ["created_at"], unique=False)

    op.create_table(
        "identity_party",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("frozen_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('user', 'shop', 'operator')", name="ck_identity_party_kind"),
        sa.PrimaryKeyConstraint("id", name="pk_identity_party"),
        sa.UniqueConstraint("handle", name="uq_identity_party_handle"),
    )
    op.create_table(
        "ledger_account",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("may_overdraw", sa.BigInteger(), nullable=False),
        sa.Column("debits_posted", sa.BigInteger(), nullable=False),
        sa.Column("credits_posted", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("debits_posted >= 0 AND credits_posted >= 0", name="ck_ledger_account_sums_not_negative"),
        sa.CheckConstraint(
            "may_overdraw = 1 OR credits_posted >= debits_posted", name="ck_ledger_account_no_overdraft"
        ),
        sa.PrimaryKeyConstraint("code", name="pk_ledger_account"),
    )
    op.create_index("ix_ledger_account_owner_id", "ledger_account", ["owner_id"], unique=False)

    op.create_table(
        "payments_order",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.BigInteger(), nullable=False),
        sa.Column("frame", sa.LargeBinary(), nullable=False),
        sa.Column("presented", sa.LargeBinary(), nullable=True),
        sa.Column("transfer_id", sa.Text(), nullable=False),
        sa.Column("executed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payments_order"),
        sa.UniqueConstraint("transfer_id", name="uq_payments_order_transfer_id"),
    )
    op.create_table(
        "web_attempt",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("blocked_until", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name="pk_web_attempt"),
    )
    op.create_table(
        "contacts_contact",
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("pinned_kid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('requested', 'incoming', 'accepted')", name="ck_contacts_contact_state"),
        sa.CheckConstraint("owner_id <> party_id", name="ck_contacts_contact_not_oneself"),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["identity_party.id"], name="fk_contacts_contact_owner_id_identity_party"
        ),
        sa.ForeignKeyConstraint(
            ["party_id"], ["identity_party.id"], name="fk_contacts_contact_party_id_identity_party"
        ),
        sa.PrimaryKeyConstraint("owner_id", "party_id", name="pk_contacts_contact"),
    )
    op.create_table(
        "identity_key",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("may_seal", sa.Text(), nullable=False),
        sa.Column("custody", sa.Text(), nullable=False),
        sa.Column("locked_private", sa.LargeBinary(), nullable=True),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("custody IN ('device', 'server')", name="ck_identity_key_custody"),
        sa.ForeignKeyConstraint(["party_id"], ["identity_party.id"], name="fk_identity_key_party_id_identity_party"),
        sa.PrimaryKeyConstraint("kid", name="pk_identity_key"),
    )
    op.create_index("ix_identity_key_party_id", "identity_key", ["party_id"], unique=False)

    op.create_table(
        "ledger_transfer",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("debit_account", sa.Text(), nullable=False),
        sa.Column("credit_account", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="ck_ledger_transfer_amount_in_range"),
        sa.CheckConstraint("debit_account <> credit_account", name="ck_ledger_transfer_two_accounts"),
        sa.ForeignKeyConstraint(
            ["credit_account"], ["ledger_account.code"], name="fk_ledger_transfer_credit_account_ledger_account"
        ),
        sa.ForeignKeyConstraint(
            ["debit_account"], ["ledger_account.code"], name="fk_ledger_transfer_debit_account_ledger_account"
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_ledger_transfer"),
        sa.UniqueConstraint("id", name="uq_ledger_transfer_id"),
    )
    op.create_index("ix_ledger_transfer_credit", "ledger_transfer", ["credit_account", "seq"], unique=False)
    op.create_index("ix_ledger_transfer_debit", "ledger_transfer", ["debit_account", "seq"], unique=False)

    op.create_table(
        "payments_intent",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("payer_id", sa.Text(), nullable=True),
        sa.Column("transfer_id", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state = 'captured') = (transfer_id IS NOT NULL)", name="ck_payments_intent_captured_by_a_transfer"
        ),
        sa.CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000", name="ck_payments_intent_amount_in_range"),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_payments_intent_shop_id_identity_party"),
        sa.PrimaryKeyConstraint("id", name="pk_payments_intent"),
        sa.UniqueConstraint("kid", "jti", name="uq_payments_intent_kid_jti"),
        sa.UniqueConstraint("transfer_id", name="uq_payments_intent_transfer_id"),
    )
    op.create_index("ix_payments_intent_due", "payments_intent", ["state", "expires_at"], unique=False)
    op.create_index("ix_payments_intent_jti", "payments_intent", ["jti"], unique=False)
    op.create_index("ix_payments_intent_shop", "payments_intent", ["shop_id", "created_at"], unique=False)

    op.create_table(
        "payments_spent",
        sa.Column("payee_id", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["payments_order.id"], name="fk_payments_spent_order_id_payments_order"),
        sa.PrimaryKeyConstraint("payee_id", "jti", name="pk_payments_spent"),
    )
    op.create_table(
        "settlement_batch",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cutoff_at", sa.BigInteger(), nullable=False),
        sa.Column("sales", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'closed', 'in_transit', 'paid', 'returned')", name="ck_settlement_batch_state"
        ),
        sa.CheckConstraint("gross_minor > 0", name="ck_settlement_batch_gross_positive"),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_settlement_batch_shop_id_identity_party"),
        sa.PrimaryKeyConstraint("id", name="pk_settlement_batch"),
        sa.UniqueConstraint("transfer_id", name="uq_settlement_batch_transfer_id"),
    )
    op.create_index("ix_settlement_batch_shop_id", "settlement_batch", ["shop_id"], unique=False)

    op.create_table(
        "shops_api_key",
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_shops_api_key_shop_id_identity_party"),
        sa.PrimaryKeyConstraint("key_hash", name="pk_shops_api_key"),
    )
    op.create_table(
        "shops_cashier",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_shops_cashier_shop_id_identity_party"),
        sa.PrimaryKeyConstraint("id", name="pk_shops_cashier"),
        sa.UniqueConstraint("shop_id", "name", name="uq_shops_cashier_shop_id_name"),
    )
    op.create_table(
        "shops_good",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("price_minor BETWEEN 1 AND 1000000000000", name="ck_shops_good_price_in_range"),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_shops_good_shop_id_identity_party"),
        sa.PrimaryKeyConstraint("id", name="pk_shops_good"),
    )
    op.create_index("ix_shops_good_shop_id", "shops_good", ["shop_id"], unique=False)

    op.create_table(
        "users_confirmation",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["party_id"], ["identity_party.id"], name="fk_users_confirmation_party_id_identity_party"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_users_confirmation"),
    )
    op.create_table(
        "users_profile",
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.Column("no_pin_limit_minor", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["identity_party.id"], name="fk_users_profile_party_id_identity_party"),
        sa.PrimaryKeyConstraint("party_id", name="pk_users_profile"),
    )
    op.create_table(
        "web_session",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["identity_party.id"], name="fk_web_session_party_id_identity_party"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_web_session"),
    )
    op.create_index("ix_web_session_party_id", "web_session", ["party_id"], unique=False)

    op.create_table(
        "payments_scan",
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=False),
        sa.Column("scanned_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payments_intent.id"], name="fk_payments_scan_intent_id_payments_intent"
        ),
        sa.ForeignKeyConstraint(["party_id"], ["identity_party.id"], name="fk_payments_scan_party_id_identity_party"),
        sa.PrimaryKeyConstraint("intent_id", "party_id", name="pk_payments_scan"),
    )
    op.create_table(
        "settlement_line",
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["settlement_batch.id"], name="fk_settlement_line_batch_id_settlement_batch"
        ),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payments_intent.id"], name="fk_settlement_line_intent_id_payments_intent"
        ),
        sa.PrimaryKeyConstraint("intent_id", name="pk_settlement_line"),
    )
    op.create_index("ix_settlement_line_batch_id", "settlement_line", ["batch_id"], unique=False)
