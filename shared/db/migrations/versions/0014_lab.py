"""What the lab decides: outcomes that come later, and switches for callbacks."""

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    pass
