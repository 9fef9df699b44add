"""Callbacks on their way out, webhook endpoints, what became of each attempt."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    _deliveries()
    _attempts()
    op.create_table(
        "callbacks_cursor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_callbacks_cursor"),
    )
    op.execute("INSERT INTO callbacks_cursor (name, seq) SELECT 'start', event_seq FROM db_head WHERE id = 1")
    op.create_table(
        "callbacks_fault",
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=True),
        sa.Column("delay_s", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_callbacks_fault_shop_id_identity_party"),
        sa.PrimaryKeyConstraint("shop_id", "kind", "fault", name="pk_callbacks_fault"),
    )
    _endpoints()


def _deliveries() -> None:
    op.create_table(
        "callbacks_delivery",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("endpoint_id", sa.Text(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_until", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'delivered', 'failed', 'dropped')", name="ck_callbacks_delivery_state_known"
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["identity_party.id"], name="fk_callbacks_delivery_shop_id_identity_party"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_callbacks_delivery"),
        sa.UniqueConstraint("number", name="uq_callbacks_delivery_number"),
    )
    for name, columns, where in (
        ("pending", ["destination", "next_at", "number"], "state = 'pending'"),
        ("ended", ["ended_at"], "ended_at IS NOT NULL"),
        ("shop", ["shop_id", "number"], None),
        ("endpoint", ["endpoint_id", "number"], None),
        ("subject", ["subject", "number"], None),
    ):
        only: dict[str, Any] = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)} if where else {}
        op.create_index(f"ix_callbacks_delivery_{name}", "callbacks_delivery", columns, unique=False, **only)


def _attempts() -> None:
    op.create_table(
        "callbacks_attempt",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("took_ms", sa.BigInteger(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("sent_headers", sa.Text(), nullable=False),
        sa.Column("sent_body", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["callbacks_delivery.id"], name="fk_callbacks_attempt_delivery_id_callbacks_delivery"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name="pk_callbacks_attempt"),
    )


def _endpoints() -> None:
    op.create_table(
        "webhooks_endpoint",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("old_generation", sa.BigInteger(), nullable=True),
        sa.Column("old_until", sa.BigInteger(), nullable=True),
        sa.Column("since_seq", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("disabled_why", sa.Text(), nullable=True),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("last_success_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_webhooks_endpoint_shop_id_identity_party"),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks_endpoint"),
    )
    op.create_index("ix_webhooks_endpoint_shop", "webhooks_endpoint", ["shop_id", "id"], unique=False)
