"""Restoring a backup: into an empty database, all of it or nothing, and on no account under a running service.

A file is filled beside its place and moved there when it is whole; a server's database is filled in one transaction.
So whatever goes wrong on the way, nothing is changed.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError

from shared import clock
from shared.backup.writing import archive_key, sync_folder
from shared.config import Config
from shared.db import engine, migrate, presence, target
from shared.db.archive import Archive, ArchiveDamaged, Manifest, Progress, read_heads
from shared.db.refusals import StoreUnavailable
from shared.db.store import Store, open_turns
from shared.db.unit import Reader
from shared.errors import Conflict, DomainError
from shared.ledger.checkpoints import Discontinuity
from shared.payments import audit, sealing
from shared.web.secrets import kept_secret, put_secret, secret_file


class AnotherSecret(Conflict):
    """The archive's keys are locked with a secret that is not here."""

    code = "backup_of_another_secret"


class AnotherRealm(Conflict):
    """The archive is another installation's than SAOMA_REALM names."""

    code = "backup_of_another_realm"


class CannotReplace(Conflict):
    """A server's database is not moved aside by us."""

    code = "cannot_replace"


class RestoredFaulty(DomainError):
    """The audit of what was restored found a fault."""

    code = "restored_faulty"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a restore is asked to do besides."""

    is_verifying: bool = False
    is_replacing: bool = False
    may_lack_secret: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and where to."""

    manifest: Manifest
    database: str
    report: audit.Report | None
    """The audit's, when it was asked for."""
    replaced: Path | None
    """Where the database lies that was there before."""
    discontinuity: Discontinuity | None
    """The signed statement that this database went back; None when it did not."""
    has_secret: bool


def restore(file: Path, *, config: Config, wanted: Wanted, progress: Progress) -> Restored:
    """Put the backup in `file` into the configured database."""
    with closing(Archive(file)) as archive:
        if config.realm and config.realm != archive.manifest.realm:
            raise AnotherRealm(file=str(file), realm=archive.manifest.realm, configured=config.realm)
        return _Restore(archive, file, config, wanted, progress).run()


class _Restore:
    """One restore under way."""

    def __init__(self, archive: Archive, file: Path, config: Config, wanted: Wanted, progress: Progress) -> None:
        self._archive = archive
        self._file = str(file)
        self._config = config
        self._wanted = wanted
        self._progress = progress
        self._aside = "replaced-" + re.sub("[-:.]", "", clock.rfc3339(clock.system_now()))
        path = engine.sqlite_path(config.database_url)
        self._shown = str(path or make_url(config.database_url).render_as_string(hide_password=True))
        self._secret, self._puts_secret = self._right_secret()

    def run(self) -> Restored:
        path = engine.sqlite_path(self._config.database_url)
        report, replaced, made = self._into_file(path) if path else self._into_server()
        has_secret = self._secret is not None
        return Restored(self._archive.manifest, self._shown, report, replaced, made, has_secret)

    def _right_secret(self) -> tuple[bytes | None, bool]:
        """The secret that fits the archive, and whether it is the archive's own and has to be put in place."""
        archive, kept = self._archive, kept_secret(self._config)
        if kept is not None and archive.is_sealed_with(archive_key(kept)):
            return kept, False
        if archive.secret is not None and not archive.is_sealed_with(archive_key(archive.secret)):
            raise ArchiveDamaged(file=self._file, why="the secret in it is another one than it was sealed with")
        may_put = kept is None or (self._wanted.is_replacing and not os.environ.get("SAOMA_SECRET"))
        if archive.secret is not None and may_put:
            return archive.secret, True
        if not self._wanted.may_lack_secret:
            raise AnotherSecret(file=self._file, path=str(secret_file(self._config)))
        return None, False

    def _into_file(self, path: Path) -> tuple[audit.Report | None, Path | None, Discontinuity | None]:
        """Fill a file beside `path`, then move it there; what was there is moved aside, never deleted."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".restoring")
        with presence.alone(path), open_turns(path) as turns:
            fcntl.flock(turns, fcntl.LOCK_EX)  # whoever migrates at this moment goes first, or waits
            if not (self._wanted.is_replacing or target.is_empty_file(path)):
                raise target.DatabaseNotEmpty(database=self._shown)
            try:
                _remove(fresh)
                report = self._fill(target.url_of(fresh), lambda _: None)
                made = self._accept(target.url_of(fresh))
                self._put_secret()
                replaced = self._set_aside(path)
                os.replace(fresh, path)
                sync_folder(path.parent)
            finally:
                _remove(fresh)
        return report, replaced, made

    def _into_server(self) -> tuple[audit.Report | None, Path | None, Discontinuity | None]:
        if self._wanted.is_replacing:
            raise CannotReplace(database=self._shown)
        url = self._config.database_url
        report = self._fill(url, lambda connection: target.check_server(connection, shown=self._shown))
        return report, None, self._accept(url)

    def _fill(self, url: str, check: Callable[[Connection], None]) -> audit.Report | None:
        """Make the archive's schema, load it, bring it up to date, verify it: in one transaction."""
        manifest, used = self._archive.manifest, engine.migration_engine(url)
        try:
            with used.connect() as connection, connection.begin():
                check(connection)
                migrate.upgrade(connection, to=manifest.revision)
                target.load(connection, self._archive, shown=self._file, progress=self._progress)
                migrate.upgrade(connection)
                self._compare_heads(connection)
                report = self._verified(connection) if self._wanted.is_verifying else None
                if connection.dialect.name == "postgresql":
                    self._put_secret()
            return report
        except (DBAPIError, used.dialect.loaded_dbapi.Error) as error:
            raise StoreUnavailable() from error
        finally:
            used.dispose()

    def _compare_heads(self, connection: Connection) -> None:
        last = connection.execute(
            text("SELECT (SELECT max(seq) FROM ledger_transfer), (SELECT max(seq) FROM db_event)")
        ).one()
        heads = self._archive.manifest.heads
        if read_heads(connection) != heads or [seq or 0 for seq in last] != [heads["transfer_seq"], heads["event_seq"]]:
            raise ArchiveDamaged(file=self._file, why="its last transfer or event is not the one it names")

    def _verified(self, connection: Connection) -> audit.Report:
        report = audit.run(Reader(connection))
        if report.faults:
            first = report.faults[0]
            raise RestoredFaulty(
                file=self._file, count=len(report.faults), fault=first.code, subject=first.subject, detail=first.detail
            )
        return report

    def _accept(self, url: str) -> Discontinuity | None:
        """Say, signed, that this database went back, where a newer head was filed than it has."""
        if self._secret is None:
            return None
        reason = f"restored from a backup of {clock.rfc3339(self._archive.manifest.created_at)}"
        with closing(Store(url)) as store:
            return sealing.accept_head(store, config=self._config, secret=self._secret, reason=reason)

    def _put_secret(self) -> None:
        if self._puts_secret and self._secret is not None:
            put_secret(self._config, self._secret, aside=f"secret-{self._aside}")

    def _set_aside(self, path: Path) -> Path | None:
        if not self._wanted.is_replacing:
            return None
        aside = path.with_name(f"{path.name}-{self._aside}")
        files = target.files_of(path)
        for file in files:
            file.rename(aside.with_name(aside.name + file.name.removeprefix(path.name)))
        return aside if files else None


def _remove(fresh: Path) -> None:
    """Take away what this restore, or one that was killed, has put beside the database's place."""
    beside = [fresh.with_name(fresh.name + end) for end in (".lock", ".users")]
    target.remove([*target.files_of(fresh), *beside])
