"""Merchants and transactions of WeChat Pay API v3."""

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    pass
