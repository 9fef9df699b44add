"""What a shop sells: items with price, tax, stock, options and a picture."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Nothing yet."""
