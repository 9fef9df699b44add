"""What shops' programs keep with their payment intents."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "api_metadata",
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["payments_intent.id"], name="fk_api_metadata_intent_id_payments_intent"
        ),
        sa.PrimaryKeyConstraint("intent_id", name="pk_api_metadata"),
    )
