"""API keys with ids, names, scopes and ends; where a hosted checkout page leads back to and who may frame it."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def upgrade() -> None:
    op.create_table(
        "keys_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("last_four", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("rotated_to", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["identity_party.id"], name="fk_keys_key_shop_id_identity_party"),
        sa.ForeignKeyConstraint(["created_by"], ["staff_member.id"], name="fk_keys_key_created_by_staff_member"),
        sa.PrimaryKeyConstraint("id", name="pk_keys_key"),
        sa.UniqueConstraint("key_hash", name="uq_keys_key_key_hash"),
    )
    op.create_index("ix_keys_key_shop", "keys_key", ["shop_id", "created_at", "id"], unique=False)
    _move_keys(op.get_bind())
    op.drop_table("shops_api_key")
    op.create_table(
        "hosted_page",
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("return_url", sa.Text(), nullable=True),
        sa.Column("embed_origin", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["intent_id"], ["payments_intent.id"], name="fk_hosted_page_intent_id_payments_intent"),
        sa.PrimaryKeyConstraint("intent_id", name="pk_hosted_page"),
    )


def _move_keys(connection: sa.Connection) -> None:
    """Each key that there was stays good, under an id of its own."""
    rows = connection.execute(
        sa.text("SELECT key_hash, shop_id, label, created_at, revoked_at FROM shops_api_key")
    ).fetchall()
    for hash, shop_id, label, created_at, revoked_at in rows:
        connection.execute(
            sa.text(
                "INSERT INTO keys_key (id, shop_id, name, key_hash, last_four, created_at, revoked_at)"
                " VALUES (:id, :shop, :name, :hash, '', :created_at, :revoked_at)"
            ),
            {
                "id": _id(created_at), "shop": shop_id, "name": label, "hash": hash, "created_at": created_at,
                "revoked_at": revoked_at,
            },
        )  # fmt: skip


def _id(made_at: int) -> str:
    """`key_` and a UUIDv7 in base 32."""
    raw = bytearray(made_at.to_bytes(6, "big") + secrets.token_bytes(10))
    raw[6] = 0x70 | (raw[6] & 0x0F)
    raw[8] = 0x80 | (raw[8] & 0x3F)
    number = int.from_bytes(raw, "big")
    return "key_" + "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(26)))
