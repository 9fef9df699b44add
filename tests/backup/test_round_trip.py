"""What was backed up is what is restored: on the same engine, on the other, under a newer schema, and it lives on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from shared.config import Config
from shared.db import migrate
from shared.db.archive import Archive
from shared.db.engine import migration_engine
from shared.db.store import Store
from shared.db.unit import Reader
from shared.payments import audit, sealing
from tests.backup.life import answer_once, live
from tests.backup.places import back_up, place, restore
from tests.world import SECRET, World

NEVER_CHANGE = ("ledger_transfer", "payments_order", "ledger_checkpoint")


@pytest.fixture
def sealed(lived: Config) -> Config:
    """A home with much in it, all of it under a checkpoint: a restore of that has nothing to add."""
    store = Store(lived.database_url)
    sealing.seal_due(store, config=lived, secret=SECRET)
    store.close()
    return lived


@pytest.fixture
def opened(open_store: Callable[[str], Store]) -> Callable[[Config], World]:
    """`opened(config)`: the world in a restored database."""
    return lambda config: World(open_store(config.database_url))


def test_from_sqlite_to_postgresql_and_back_every_sum_is_the_same(
    sealed: Config, empty_postgres_url: str, tmp_path: Path
) -> None:
    server = place(tmp_path / "server", url=empty_postgres_url)
    again = place(tmp_path / "again")
    first = back_up(sealed, tmp_path / "1.zip")
    restore(server, tmp_path / "1.zip", is_verifying=True)
    second = back_up(server, tmp_path / "2.zip")
    restore(again, tmp_path / "2.zip", is_verifying=True)
    third = back_up(again, tmp_path / "3.zip")
    assert first.tables == second.tables == third.tables
    assert (first.heads, first.realm, first.revision) == (third.heads, third.realm, third.revision)
    filled = {name for name, part in first.tables.items() if part.rows}
    assert filled >= {"ledger_transfer", "payments_refund", "settlement_batch", "db_once", "identity_key", "db_event"}


def test_what_is_restored_passes_the_audit_and_lives_on(
    world: World, home: Config, away: Config, tmp_path: Path, opened: Callable[[Config], World]
) -> None:
    """From each engine to each."""
    live(world)
    ana, bo = world.person("cy"), world.person("di")
    order = world.transfer(ana, bo, 123)
    paid = world.execute(order)
    kept, now = answer_once(world), world.now()
    manifest = back_up(home, tmp_path / "b.zip")
    world.execute(world.transfer(ana, bo, 1))

    done = restore(away, tmp_path / "b.zip", is_verifying=True)
    assert done.report
    assert (done.report.faults, done.report.transfers) == ([], manifest.heads["transfer_seq"])
    there = opened(away)
    assert there.realm == world.realm
    assert abs(there.now() - now) < 60_000, "the clock of the installation stands two minutes ahead here, too"
    assert there.execute(order).transfer == paid.transfer, "an order that was executed is answered, not repeated"
    assert answer_once(there) == kept
    assert there.balance(bo) == world.balance(bo) - 1
    following = there.execute(there.transfer(ana, bo, 5)).transfer
    assert following.seq == manifest.heads["transfer_seq"] + 1
    assert there.store.read(audit.run).faults == []


def test_the_restored_database_still_refuses_to_change_what_never_changes(
    sealed: Config, away: Config, tmp_path: Path
) -> None:
    back_up(sealed, tmp_path / "b.zip")
    restore(away, tmp_path / "b.zip")
    for table in NEVER_CHANGE:
        for statement in (f"UPDATE {table} SET created_at = created_at", f"DELETE FROM {table}"):
            statement = statement.replace("created_at = created_at", "kind = kind") if "order" in table else statement
            with migration_engine(away.database_url).connect() as connection:
                assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()
                with pytest.raises(Exception, match="never change"):
                    connection.execute(text(statement))


def test_the_restored_database_has_the_same_constraints_as_a_fresh_one(sealed: Config, tmp_path: Path) -> None:
    there = place(tmp_path / "there")
    back_up(sealed, tmp_path / "b.zip")
    restore(there, tmp_path / "b.zip")
    fresh = tmp_path / "fresh.db"
    migrate.migrate(f"sqlite:///{fresh}")
    assert _schema(there.database_url) == _schema(f"sqlite:///{fresh}")


def _schema(url: str) -> list[tuple[str, list[str]]]:
    """Every table, index and trigger with its lines; those of constraints come in any order."""
    with migration_engine(url).connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"))
        return [(row.name, sorted(line.strip(" ,\t") for line in row.sql.splitlines())) for row in rows]


def test_going_back_behind_the_filed_head_is_said_in_a_signed_statement(
    lived: Config, tmp_path: Path, opened: Callable[[Config], World]
) -> None:
    manifest = back_up(lived, tmp_path / "b.zip")
    store = Store(lived.database_url)
    world = World(store)
    world.execute(world.transfer(world.person("eva"), world.person("finn"), 10))
    sealing.seal_due(store, config=lived, secret=SECRET)
    newest = sealing.head_file(store, lived).read()
    store.close()
    assert newest

    made = restore(lived, tmp_path / "b.zip", is_replacing=True, is_verifying=True).discontinuity
    assert made
    assert (made.old_size, made.new_size) == (newest.size, manifest.heads["transfer_seq"])
    assert made.reason.startswith("restored from a backup of 20")
    there = opened(lived)
    sealing.guard(there.store, config=lived)
    assert there.store.read(audit.run).faults == []


def test_on_a_server_too_going_back_is_said(
    postgres_url: str, empty_postgres_url: str, tmp_path: Path, opened: Callable[[Config], World]
) -> None:
    """The head lies in the data folder there, so another database of the same installation is held against it."""
    home = place(tmp_path / "home", url=postgres_url)
    world = World.install(opened(home).store)
    ana, bo = world.person("ana"), world.person("bo")
    back_up(home, tmp_path / "b.zip")
    world.execute(world.transfer(ana, bo, 10))
    sealing.seal_due(world.store, config=home, secret=SECRET)

    back = place(tmp_path / "home", url=empty_postgres_url)
    made = restore(back, tmp_path / "b.zip", is_verifying=True).discontinuity
    assert made
    assert (made.old_size, made.new_size) == (3, 2)
    there = opened(back)
    sealing.guard(there.store, config=back)
    assert there.store.read(audit.run, config=back).faults == []


def test_a_backup_of_an_older_schema_is_restored_and_brought_up_to_date(tmp_path: Path, away: Config) -> None:
    old = place(tmp_path / "old")
    engine = migration_engine(old.database_url)
    with engine.connect() as connection, connection.begin():
        migrate.upgrade(connection, to="0001")
        connection.execute(text("INSERT INTO db_head VALUES (1, 'saoma-old', 0, 0, 0, 3)"))
        connection.execute(text("INSERT INTO ledger_account VALUES ('bank', NULL, 'CNY', 1, 0, 0, 5)"))
    engine.dispose()
    manifest = back_up(old, tmp_path / "b.zip")
    assert manifest.revision == "0001"

    done = restore(away, tmp_path / "b.zip")
    assert (done.manifest.realm, done.manifest.heads["commits"]) == ("saoma-old", 3)
    assert migrate.migrate(away.database_url) is False, "it is up to date already"
    with migration_engine(away.database_url).connect() as connection:
        rows = connection.execute(text("SELECT code, opened_at, debits_pending FROM ledger_account")).all()
    assert [tuple(row) for row in rows] == [("bank", 5, 0)]


def test_an_archive_of_many_pages_is_whole(sqlite_world: World, sqlite_home: Config, tmp_path: Path) -> None:
    there = place(tmp_path / "there")
    sqlite_world.store.run(_emit_many)
    manifest = back_up(sqlite_home, tmp_path / "b.zip")
    restore(there, tmp_path / "b.zip")
    archive = Archive(tmp_path / "b.zip")
    try:
        sizes = [len(page) for page in archive.pages("db_event")]
    finally:
        archive.close()
    assert (len(sizes), sum(sizes)) == (3, manifest.tables["db_event"].rows)
    store = Store(there.database_url)
    try:
        assert store.read(_events) == sqlite_world.store.read(_events)
    finally:
        store.close()


def _emit_many(uow) -> None:  # type: ignore[no-untyped-def]
    for number in range(2_500):
        uow.emit("intent.scanned", ["intent:pi_1"], number=number, text='\u2028\x7f\\"\n 茶')


def _events(reader: Reader) -> list[tuple[object, ...]]:
    return reader.sql.rows("SELECT seq, id, name, created_at, topics, body FROM db_event ORDER BY seq")
