"""Keys and safety: devices by name, sessions, sign-in by another phone."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Filled in with its tables."""
