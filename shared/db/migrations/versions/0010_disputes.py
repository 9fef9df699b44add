"""Disputes between payers and shops, and what a shop owes to its next batch."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Nothing yet."""
