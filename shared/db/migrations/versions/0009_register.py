"""Sales as the register makes them: lines, discount, tip, note, tenders, and what is parked."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Nothing yet."""
