"""People and places of a shop: roles, terminals with keys of their own, shifts, and the log of who did what."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Nothing yet."""
