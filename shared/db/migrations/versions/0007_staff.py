"""People and places of a shop: roles, terminals with keys of their own, shifts, and the log of who did what."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _staff()
    _terminals()
    _shifts()
    _activity()
    _know_who_is_there()
    op.drop_table("shops_cashier")


def _text(name: str, *, is_optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=is_optional)


def _number(name: str, *, is_optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=is_optional)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}_{to}")


def _one_each(name: str, table: str, columns: list[str], only: str) -> None:
    """An index that is unique among the rows for which `only` holds."""
    condition = sa.text(only)
    op.create_index(name, table, columns, unique=True, sqlite_where=condition, postgresql_where=condition)


def _staff() -> None:
    op.create_table(
        "staff_member",
        _text("id"),
        _text("shop_id"),
        _text("name"),
        _text("role"),
        _text("pin_hash"),
        _number("created_at"),
        _number("removed_at", is_optional=True),
        sa.CheckConstraint("role IN ('cashier', 'manager', 'owner')", name="ck_staff_member_role"),
        _refers("staff_member", "shop_id", "identity_party"),
        sa.PrimaryKeyConstraint("id", name="pk_staff_member"),
    )
    _one_each("ix_staff_member_name", "staff_member", ["shop_id", "name"], "removed_at IS NULL")


def _terminals() -> None:
    op.create_table(
        "terminals_terminal",
        _text("id"),
        _text("shop_id"),
        _text("name"),
        _text("kid", is_optional=True),
        _text("token_hash", is_optional=True),
        _text("created_by", is_optional=True),
        _number("created_at"),
        _text("revoked_by", is_optional=True),
        _number("revoked_at", is_optional=True),
        sa.CheckConstraint(
            "revoked_at IS NOT NULL OR revoked_by IS NULL", name="ck_terminals_terminal_revoked_by_somebody"
        ),
        _refers("terminals_terminal", "shop_id", "identity_party"),
        sa.ForeignKeyConstraint(["kid"], ["identity_key.kid"], name="fk_terminals_terminal_kid_identity_key"),
        _refers("terminals_terminal", "created_by", "staff_member"),
        _refers("terminals_terminal", "revoked_by", "staff_member"),
        sa.PrimaryKeyConstraint("id", name="pk_terminals_terminal"),
        sa.UniqueConstraint("kid", name="uq_terminals_terminal_kid"),
    )
    _one_each("ix_terminals_terminal_name", "terminals_terminal", ["shop_id", "name"], "revoked_at IS NULL")
    _one_each("ix_terminals_terminal_browser", "terminals_terminal", ["shop_id", "token_hash"], "revoked_at IS NULL")
    op.create_index("ix_terminals_terminal_shop", "terminals_terminal", ["shop_id", "created_at", "id"], unique=False)
    op.create_index("ix_terminals_terminal_token", "terminals_terminal", ["token_hash"], unique=False)


def _shifts() -> None:
    op.create_table(
        "shifts_shift",
        _text("id"),
        _text("shop_id"),
        _text("terminal_id"),
        _text("opened_by", is_optional=True),
        _number("opened_at"),
        _number("float_minor"),
        _number("since_seq"),
        _text("closed_by", is_optional=True),
        _number("closed_at", is_optional=True),
        _number("counted_minor", is_optional=True),
        _number("until_seq", is_optional=True),
        _number("number", is_optional=True),
        _text("report", is_optional=True),
        sa.CheckConstraint("float_minor BETWEEN 0 AND 1000000000000", name="ck_shifts_shift_float_in_range"),
        sa.CheckConstraint("counted_minor BETWEEN 0 AND 1000000000000", name="ck_shifts_shift_counted_in_range"),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (number IS NULL) AND (closed_at IS NULL) = (report IS NULL)"
            " AND (closed_at IS NULL) = (counted_minor IS NULL) AND (closed_at IS NULL) = (until_seq IS NULL)",
            name="ck_shifts_shift_closed_with_its_report",
        ),
        _refers("shifts_shift", "shop_id", "identity_party"),
        _refers("shifts_shift", "terminal_id", "terminals_terminal"),
        _refers("shifts_shift", "opened_by", "staff_member"),
        _refers("shifts_shift", "closed_by", "staff_member"),
        sa.PrimaryKeyConstraint("id", name="pk_shifts_shift"),
        sa.UniqueConstraint("shop_id", "number", name="uq_shifts_shift_shop_id_number"),
    )
    _one_each("ix_shifts_shift_open", "shifts_shift", ["terminal_id"], "closed_at IS NULL")
    op.create_table(
        "shifts_cash",
        _text("id"),
        _text("shift_id"),
        _text("member_id"),
        _number("amount_minor"),
        _text("reason"),
        _number("created_at"),
        sa.CheckConstraint(
            "amount_minor <> 0 AND amount_minor BETWEEN -1000000000000 AND 1000000000000",
            name="ck_shifts_cash_amount_in_range",
        ),
        _refers("shifts_cash", "shift_id", "shifts_shift"),
        _refers("shifts_cash", "member_id", "staff_member"),
        sa.PrimaryKeyConstraint("id", name="pk_shifts_cash"),
    )
    op.create_index("ix_shifts_cash_shift_id", "shifts_cash", ["shift_id"], unique=False)
    op.create_table(
        "shifts_refund",
        _text("refund_id"),
        _text("terminal_id"),
        _text("member_id"),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["payments_refund.id"], name="fk_shifts_refund_refund_id_payments_refund"
        ),
        _refers("shifts_refund", "terminal_id", "terminals_terminal"),
        _refers("shifts_refund", "member_id", "staff_member"),
        sa.PrimaryKeyConstraint("refund_id", name="pk_shifts_refund"),
    )
    _keep_closed_shifts()


def _keep_closed_shifts() -> None:
    """A closed shift never changes: the database refuses to update or delete it."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER shifts_shift_no_{verb.lower()} BEFORE {verb} ON shifts_shift"
                " WHEN OLD.closed_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'closed shifts never change'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER shifts_shift_never_changes BEFORE UPDATE OR DELETE ON shifts_shift"
        " FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION saoma_never_changes()"
    )


def _activity() -> None:
    op.create_table(
        "activity_entry",
        _text("id"),
        _text("shop_id"),
        _text("member_id", is_optional=True),
        _text("terminal_id", is_optional=True),
        _text("what"),
        _text("subject"),
        _text("details"),
        _number("created_at"),
        _refers("activity_entry", "shop_id", "identity_party"),
        _refers("activity_entry", "member_id", "staff_member"),
        _refers("activity_entry", "terminal_id", "terminals_terminal"),
        sa.PrimaryKeyConstraint("id", name="pk_activity_entry"),
    )
    op.create_index("ix_activity_entry_shop", "activity_entry", ["shop_id", "created_at", "id"], unique=False)


def _know_who_is_there() -> None:
    """A shop's first cashier becomes its owner; its till goes on as its first terminal, with its shift open.

    An id is made of another of the shop's: `trm_` and `shf_` with the same digits.
    """
    op.execute(
        "INSERT INTO staff_member (id, shop_id, name, role, pin_hash, created_at)"
        " SELECT c.id, c.shop_id, c.name, CASE WHEN EXISTS (SELECT 1 FROM shops_cashier AS b"
        " WHERE b.shop_id = c.shop_id AND (b.created_at < c.created_at OR b.created_at = c.created_at AND b.id < c.id))"
        " THEN 'cashier' ELSE 'owner' END, c.pin_hash, c.created_at FROM shops_cashier AS c"
    )
    op.execute(
        "INSERT INTO terminals_terminal (id, shop_id, name, created_at)"
        " SELECT 'trm_' || substr(id, 5), id, 'Till 1', created_at FROM identity_party WHERE kind = 'shop'"
    )
    op.execute(
        "INSERT INTO shifts_shift (id, shop_id, terminal_id, opened_at, float_minor, since_seq)"
        " SELECT 'shf_' || substr(id, 5), shop_id, id, created_at, 0, 0 FROM terminals_terminal"
    )
