"""Requests for money between people, and static receive codes."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Filled in with its tables."""
