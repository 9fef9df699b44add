"""Models and migrations agree on both engines; a database of another kind is refused with a sentence."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from shared.db import engine as engines
from shared.db.base import Base
from shared.db.engine import UnfitDatabase, migration_engine
from shared.db.migrate import migrate, upgrade
from tests.conftest import REALM
from tests.house.plan import files


def test_models_and_migrations_agree(database_url: str) -> None:
    for file in files():
        if file.path.name == "models.py":
            importlib.import_module(file.module)
    with migration_engine(database_url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_checks_of_the_models_stand_in_the_database(sqlite_url: str) -> None:
    """Alembic does not compare CHECKs: each one's name must be found in the schema."""
    with migration_engine(sqlite_url).connect() as connection:
        schema = " ".join(connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")).scalars())
    names = [
        constraint.name
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if type(constraint).__name__ == "CheckConstraint"
    ]
    assert names
    assert not [name for name in names if str(name) not in schema]


def test_migrating_again_changes_nothing_and_keeps_the_realm(database_url: str) -> None:
    assert migrate(database_url, realm=REALM) is False
    with pytest.raises(UnfitDatabase, match="SAOMA_REALM"):
        migrate(database_url, realm="another")


def test_a_newer_database_is_refused(sqlite_url: str) -> None:
    with migration_engine(sqlite_url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnfitDatabase, match="newer Saoma"):
        migrate(sqlite_url)


def test_an_old_sqlite_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "OLDEST_SQLITE", (99, 0, 0))
    with pytest.raises(UnfitDatabase, match="pysqlite3"):
        engines.sqlite_driver()


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(UnfitDatabase, match="memory"):
        migrate("sqlite://")


def test_sqlite_is_durable_and_strict(sqlite_url: str) -> None:
    with engines.writer_engine(sqlite_url).connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert tuple(map(int, str(version).split("."))) >= engines.OLDEST_SQLITE


@pytest.mark.parametrize("table", ["ledger_transfer", "payments_order"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET kind = kind", "DELETE FROM {}"])
def test_the_database_itself_keeps_transfers_and_orders_unchanged(world, table: str, verb: str) -> None:  # type: ignore[no-untyped-def]
    world.person("ana")
    with (
        migration_engine(world.store._writer.url.render_as_string(hide_password=False)).connect() as connection,
        pytest.raises(Exception, match="never change"),
    ):
        connection.execute(text(verb.format(table)))


def test_the_database_itself_refuses_an_overdraft(world) -> None:  # type: ignore[no-untyped-def]
    ana = world.person("ana")
    url = world.store._writer.url.render_as_string(hide_password=False)
    with migration_engine(url).connect() as connection, pytest.raises(Exception, match="no_overdraft"):
        connection.execute(
            text("UPDATE ledger_account SET debits_posted = credits_posted + 1 WHERE code = :code"),
            {"code": f"user:{ana.id}"},
        )


def test_migration_scripts_leave_no_file_behind(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "folder" / "saoma.db"
    assert migrate(f"sqlite:///{path}") is True
    with create_engine(f"sqlite:///{path}").connect() as connection:
        realm = connection.execute(text("SELECT realm FROM db_head")).scalar()
    assert str(realm).startswith("saoma-")


def test_the_limit_that_a_person_had_stays_theirs(tmp_path: Path) -> None:
    with migration_engine(f"sqlite:///{tmp_path}/saoma.db").connect() as connection, connection.begin():
        upgrade(connection, to="0003")
        connection.execute(
            text(
                "INSERT INTO identity_party (id, kind, handle, display_name, created_at)"
                " VALUES ('usr_1', 'user', 'ana', 'Ana', 5)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO users_profile (party_id, pin_hash, no_pin_limit_minor, created_at)"
                " VALUES ('usr_1', '', 12345, 7)"
            )
        )
        upgrade(connection)
        rows = connection.execute(text("SELECT party_id, no_pin_minor, daily_minor, updated_at FROM payments_limit"))
        assert [tuple(row) for row in rows] == [("usr_1", 12_345, None, 7)]


def test_the_goods_that_a_shop_sold_became_items(tmp_path: Path) -> None:
    with migration_engine(f"sqlite:///{tmp_path}/saoma.db").connect() as connection, connection.begin():
        upgrade(connection, to="0007")
        connection.execute(
            text(
                "INSERT INTO identity_party (id, kind, handle, display_name, created_at)"
                " VALUES ('shp_1', 'shop', 'tea', 'Tea', 5)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO shops_good (id, shop_id, name, price_minor, position)"
                " VALUES ('gd_01', 'shp_1', 'Bun', 650, 3)"
            )
        )
        upgrade(connection)
        rows = connection.execute(
            text("SELECT id, shop_id, name, price_minor, position, version, stock, created_at FROM catalog_item")
        )
        assert [tuple(row) for row in rows] == [("itm_01", "shp_1", "Bun", 650, 3, 1, None, 5)]


def test_the_cashiers_there_were_go_on_with_the_first_as_owner(tmp_path: Path) -> None:
    with migration_engine(f"sqlite:///{tmp_path}/saoma.db").connect() as connection, connection.begin():
        upgrade(connection, to="0006")
        shop = "shp_01jd9k6y0afx3rg4m8m3cfvq2h"
        connection.execute(
            text(
                "INSERT INTO identity_party (id, kind, handle, display_name, created_at)"
                " VALUES (:shop, 'shop', 'tea', 'Tea', 5)"
            ),
            {"shop": shop},
        )
        for id, name, at in (("csh_2", "Lin", 9), ("csh_1", "May", 7)):
            connection.execute(
                text(
                    "INSERT INTO shops_cashier (id, shop_id, name, pin_hash, created_at)"
                    " VALUES (:id, :shop, :name, '', :at)"
                ),
                {"id": id, "shop": shop, "name": name, "at": at},
            )
        upgrade(connection)
        people = connection.execute(text("SELECT id, name, role FROM staff_member ORDER BY created_at")).all()
        assert [tuple(row) for row in people] == [("csh_1", "May", "owner"), ("csh_2", "Lin", "cashier")]
        [terminal] = connection.execute(text("SELECT id, name, kid, token_hash FROM terminals_terminal")).all()
        assert (terminal.name, terminal.kid, terminal.token_hash) == ("Till 1", None, None)
        shifts = connection.execute(text("SELECT terminal_id, closed_at FROM shifts_shift")).all()
        assert [tuple(row) for row in shifts] == [(terminal.id, None)]
