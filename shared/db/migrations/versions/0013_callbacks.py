"""Callbacks on their way out, webhook endpoints, what became of each attempt."""

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    pass
