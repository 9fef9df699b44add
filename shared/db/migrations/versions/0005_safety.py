"""Keys and safety: devices by name, sessions, sign-in by another phone."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("identity_party", sa.Column("self_frozen_at", sa.BigInteger(), nullable=True))
    for name in ("device", "address"):
        op.add_column("web_session", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("web_session", sa.Column("seen_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE web_session SET seen_at = created_at")
    _know_the_keys_there_are()
    op.create_table(
        "logins_request",
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("browser_hash", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("party_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'scanned', 'approved', 'refused', 'used')", name="ck_logins_request_state"
        ),
        sa.CheckConstraint("(state = 'waiting') = (party_id IS NULL)", name="ck_logins_request_scanned_by_somebody"),
        sa.ForeignKeyConstraint(["party_id"], ["identity_party.id"], name="fk_logins_request_party_id_identity_party"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_logins_request"),
        sa.UniqueConstraint("browser_hash", name="uq_logins_request_browser_hash"),
    )
    op.create_index("ix_logins_request_expires_at", "logins_request", ["expires_at"], unique=False)


def _know_the_keys_there_are() -> None:
    """Each contact's keys count as known from today on, so that a later one is noticed."""
    op.add_column("contacts_contact", sa.Column("known_kids", sa.Text(), nullable=False, server_default=""))
    connection = op.get_bind()
    kids: dict[str, list[str]] = {}
    good = "SELECT party_id, kid FROM identity_key WHERE revoked_at IS NULL ORDER BY kid"
    for party_id, kid in connection.execute(sa.text(good)):
        kids.setdefault(party_id, []).append(kid)
    known = sa.text("UPDATE contacts_contact SET known_kids = :kids WHERE party_id = :party_id")
    for (party_id,) in connection.execute(sa.text("SELECT DISTINCT party_id FROM contacts_contact")).all():
        connection.execute(known, {"kids": " ".join(kids.get(party_id, [])), "party_id": party_id})
