"""Payer codes: what a person may spend without being asked, numbers under codes, codes that were presented."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Filled in with its tables."""
