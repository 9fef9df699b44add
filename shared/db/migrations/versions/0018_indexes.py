"""Indexes for what is asked often: who the operator is, a shop's refunds in order, what a shop's log holds."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    only = sa.text("kind = 'operator'")
    op.create_index("ix_identity_party_operator", "identity_party", ["kind"], sqlite_where=only, postgresql_where=only)
    op.drop_index("ix_payments_refund_shop_id", "payments_refund")
    op.create_index("ix_payments_refund_shop", "payments_refund", ["shop_id", "created_at", "id"])
    op.create_index("ix_activity_entry_what", "activity_entry", ["shop_id", "what"])
