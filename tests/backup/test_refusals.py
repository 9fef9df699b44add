"""What backup and restore refuse, what they leave alone, and what they keep of what was there before."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from shared.backup import writing
from shared.backup.restoring import AnotherRealm, AnotherSecret, CannotReplace
from shared.backup.writing import BackupExists, NotABackup, SecretMissing
from shared.config import Config
from shared.db import presence
from shared.db.archive import Archive, ArchiveDamaged
from shared.db.engine import UnfitDatabase, sqlite_driver
from shared.db.migrate import migrate
from shared.db.presence import DatabaseInUse
from shared.db.store import Store
from shared.db.target import DatabaseNotEmpty
from shared.payments import audit
from tests.backup.places import back_up, database_file, place, restore
from tests.backup.test_damage import rewritten
from tests.services import ROOT
from tests.world import World

OTHER = b"another secret, not the world's."


# Making a backup


def test_only_its_owner_can_read_a_backup(lived: Config, tmp_path: Path) -> None:
    backup = tmp_path / "mine.zip"
    back_up(lived, backup)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_an_older_backup_is_replaced_only_when_that_is_asked_for(lived: Config, backup: Path) -> None:
    before = backup.read_bytes()
    with pytest.raises(BackupExists):
        back_up(lived, backup)
    assert backup.read_bytes() == before
    again = back_up(lived, backup, is_replacing=True)
    with closing(Archive(backup)) as archive:
        assert archive.manifest == again


def test_what_is_no_backup_is_never_overwritten(lived: Config) -> None:
    database = database_file(lived)
    before = database.read_bytes()
    with pytest.raises(NotABackup):
        back_up(lived, database, is_replacing=True)
    assert database.read_bytes() == before


def test_a_backup_that_fails_on_the_way_leaves_the_older_one_and_nothing_else(lived: Config, backup: Path) -> None:
    before, folder = backup.read_bytes(), sorted(backup.parent.iterdir())

    def no_room(_table: str, _rows: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match="space"):
        writing.back_up(lived, backup, is_replacing=True, with_secret=False, progress=no_room)
    assert (backup.read_bytes(), sorted(backup.parent.iterdir())) == (before, folder)


@pytest.mark.parametrize("secret", [None, OTHER])
def test_without_the_secret_of_its_keys_a_database_is_not_backed_up(
    world: World, tmp_path: Path, database_url: str, secret: bytes | None
) -> None:
    with pytest.raises(SecretMissing):
        back_up(place(tmp_path / "odd", url=database_url, secret=secret), tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()
    assert (tmp_path / "odd" / "secret").exists() is (secret is not None), "none is made up on the way"


def test_where_there_is_no_database_nothing_is_written(tmp_path: Path, empty_postgres_url: str) -> None:
    nowhere, empty = place(tmp_path / "nowhere"), place(tmp_path / "empty", url=empty_postgres_url)
    for config in (nowhere, empty):
        with pytest.raises(UnfitDatabase, match="nothing was backed up"):
            back_up(config, tmp_path / "b.zip")
        assert not (tmp_path / "b.zip").exists()
    assert not database_file(nowhere).exists()


# What a restore may overwrite


def test_a_database_that_is_not_empty_is_not_overwritten(world: World, home: Config, backup: Path) -> None:
    """Although nobody uses it any more."""
    world.person("zoe")
    world.store.close()
    with pytest.raises(DatabaseNotEmpty):
        restore(home, backup)
    with closing(Store(home.database_url)) as store:
        assert World(store).realm == world.realm
        assert store.read(audit.run).transfers == 1


def test_a_migrated_database_is_not_empty(tmp_path: Path, backup: Path) -> None:
    there = place(tmp_path / "there")
    migrate(there.database_url, realm="mine")
    with pytest.raises(DatabaseNotEmpty):
        restore(there, backup)


def test_a_file_that_is_no_database_is_not_overwritten(tmp_path: Path, backup: Path) -> None:
    there = place(tmp_path / "there")
    for content in (b"letters to a friend", b"x" * 10_000):
        database_file(there).write_bytes(content)
        with pytest.raises(DatabaseNotEmpty):
            restore(there, backup)
        assert database_file(there).read_bytes() == content


def test_a_log_left_alone_is_never_read_into_the_restored_file(tmp_path: Path, backup: Path) -> None:
    """SQLite would take the WAL of the lost file for the new one's."""
    there = place(tmp_path / "there")
    log = database_file(there).with_name("saoma.db-wal")
    log.write_bytes(b"what the old file had not taken over yet")
    with pytest.raises(DatabaseNotEmpty):
        restore(there, backup)
    assert not database_file(there).exists()
    done = restore(there, backup, is_replacing=True, is_verifying=True)
    assert done.replaced
    assert (
        done.replaced.with_name(done.replaced.name + "-wal").read_bytes() == b"what the old file had not taken over yet"
    )


def open_and_close(path: Path) -> None:
    """What a look at a database that is not there leaves: a file with a header and no table."""
    with closing(sqlite_driver().connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


@pytest.mark.parametrize("make", [Path.touch, open_and_close])
def test_a_file_without_a_table_is_empty(tmp_path: Path, backup: Path, make: Callable[[Path], object]) -> None:
    there = place(tmp_path / "there")
    make(database_file(there))
    assert restore(there, backup, is_verifying=True).replaced is None


def test_what_is_replaced_is_moved_aside_and_still_whole(lived: Config, backup: Path) -> None:
    store = Store(lived.database_url)
    World(store).person("late")
    before = store.read(audit.run)
    store.close()
    assert before.faults == []

    done = restore(lived, backup, is_replacing=True)
    assert done.replaced
    with closing(Store(f"sqlite:///{done.replaced}")) as store:
        aside = store.read(audit.run)
    assert (aside.transfers, aside.faults) == (before.transfers, [])
    with closing(Store(lived.database_url)) as store:
        assert store.read(audit.run).transfers == before.transfers - 1
    again = restore(lived, backup, is_replacing=True).replaced
    assert again
    assert again != done.replaced
    assert done.replaced.exists()


def test_a_servers_database_is_not_moved_aside(backup: Path, tmp_path: Path, empty_postgres_url: str) -> None:
    with pytest.raises(CannotReplace):
        restore(place(tmp_path / "server", url=empty_postgres_url), backup, is_replacing=True)


# Who uses the database


def test_a_database_that_is_open_somewhere_is_not_replaced(lived: Config, backup: Path) -> None:
    with closing(Store(lived.database_url)) as store:
        with pytest.raises(DatabaseInUse):
            restore(lived, backup, is_replacing=True)
        assert store.read(audit.run).faults == []
    restore(lived, backup, is_replacing=True)


def test_a_user_that_was_killed_is_no_user(lived: Config, backup: Path) -> None:
    script = (
        "import sys; from shared.db.store import Store; store = Store(sys.argv[1]);"
        " print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, lived.database_url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"open\n"
        with pytest.raises(DatabaseInUse):
            restore(lived, backup, is_replacing=True)
        process.kill()
    restore(lived, backup, is_replacing=True)


def test_while_a_restore_is_under_way_nobody_opens_the_database(lived: Config) -> None:
    with presence.alone(database_file(lived)), pytest.raises(UnfitDatabase, match="restore"):
        Store(lived.database_url)
    Store(lived.database_url).close()


def test_a_server_where_somebody_is_connected_is_left_alone(
    backup: Path, tmp_path: Path, empty_postgres_url: str
) -> None:
    server = place(tmp_path / "server", url=empty_postgres_url)
    with psycopg.connect(empty_postgres_url) as _other, pytest.raises(DatabaseInUse):
        restore(server, backup)


# The secret and the realm


def test_where_the_secret_is_missing_nothing_is_restored_unless_that_is_accepted(tmp_path: Path, backup: Path) -> None:
    for secret in (None, OTHER):
        there = place(tmp_path / f"there{bool(secret)}", secret=secret)
        with pytest.raises(AnotherSecret):
            restore(there, backup)
        assert not database_file(there).exists()
        done = restore(there, backup, may_lack_secret=True, is_verifying=True)
        assert (done.has_secret, done.discontinuity) == (False, None)
        assert (there.data_dir / "secret").exists() is (secret is not None)


def test_a_backup_with_the_secret_is_enough_alone(lived: Config, tmp_path: Path) -> None:
    back_up(lived, tmp_path / "b.zip", with_secret=True)
    there = place(tmp_path / "there", secret=None)
    assert restore(there, tmp_path / "b.zip", is_verifying=True).has_secret
    secret = there.data_dir / "secret"
    assert secret.read_text() == (lived.data_dir / "secret").read_text()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    with closing(Store(there.database_url)) as store:
        World(store).top_up("ana", 100)


def test_another_secret_is_moved_aside_with_the_database_that_it_belongs_to(lived: Config, tmp_path: Path) -> None:
    back_up(lived, tmp_path / "b.zip", with_secret=True)
    there = place(tmp_path / "there", secret=OTHER)
    migrate(there.database_url)
    with pytest.raises(AnotherSecret):
        restore(there, tmp_path / "b.zip")
    done = restore(there, tmp_path / "b.zip", is_replacing=True)
    assert done.replaced
    aside = there.data_dir / done.replaced.name.replace("saoma.db", "secret")
    assert bytes.fromhex(aside.read_text()) == OTHER
    assert (there.data_dir / "secret").read_text() == (lived.data_dir / "secret").read_text()


def test_the_environments_secret_is_never_overruled(
    lived: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(lived, tmp_path / "b.zip", with_secret=True)
    there = place(tmp_path / "there", secret=None)
    monkeypatch.setenv("SAOMA_SECRET", OTHER.decode())
    with pytest.raises(AnotherSecret):
        restore(there, tmp_path / "b.zip", is_replacing=True)
    assert not database_file(there).exists()


def test_another_installations_backup_is_refused_where_the_realm_is_named(tmp_path: Path, backup: Path) -> None:
    there = place(tmp_path / "there", SAOMA_REALM="saoma-mine")
    with pytest.raises(AnotherRealm):
        restore(there, backup)
    assert not database_file(there).exists()


def test_a_secret_that_was_changed_in_the_archive_is_damage(lived: Config, tmp_path: Path) -> None:
    back_up(lived, tmp_path / "b.zip", with_secret=True)
    changed = rewritten(tmp_path / "b.zip", lambda members: members.update(secret=OTHER.hex().encode()))
    with pytest.raises(ArchiveDamaged):
        restore(place(tmp_path / "there", secret=None), changed)
