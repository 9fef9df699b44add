"""Making a backup: one picture of the database, written while payments go on, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

from sqlalchemy.exc import DBAPIError

from shared import clock
from shared.config import Config
from shared.db import archive, engine, presence
from shared.db.archive import Archive, ArchiveDamaged, ArchiveTooNew, Manifest, Progress
from shared.db.refusals import StoreUnavailable
from shared.db.unit import Reader
from shared.errors import Conflict
from shared.identity import keys, signing
from shared.web.secrets import derived, kept_secret, secret_file

LONGEST_STEP_S = 3600.0
"""A server sorts a table before it gives its first row: that may take longer than a page may wait."""


class BackupExists(Conflict):
    """There is a file of that name already."""

    code = "backup_exists"


class NotABackup(Conflict):
    """The file that should be overwritten is something else."""

    code = "not_a_backup"


class SecretMissing(Conflict):
    """The secret that the database's keys are locked with is not here."""

    code = "secret_missing"


def archive_key(secret: bytes) -> bytes:
    """What an installation's archives are sealed with."""
    return derived(secret, "backup")


def back_up(config: Config, file: Path, *, is_replacing: bool, with_secret: bool, progress: Progress) -> Manifest:
    """Write the database into `file`, durably; an older backup there is only replaced when that is asked for."""
    secret = kept_secret(config)
    if secret is None:
        raise SecretMissing(path=str(secret_file(config)))
    _may_take(file, is_replacing)
    handle, name = tempfile.mkstemp(
        dir=file.parent, prefix=f".{file.name}.", suffix=".partial"
    )  # readable by its owner
    try:
        with os.fdopen(handle, "w+b") as out:
            manifest = _written(config, out, secret, with_secret, progress)
            out.flush()
            os.fsync(out.fileno())
        _may_take(file, is_replacing)
        os.replace(name, file)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
    sync_folder(file.parent)
    return manifest


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _may_take(file: Path, is_replacing: bool) -> None:
    if not os.path.lexists(file):
        return
    if not is_replacing:
        raise BackupExists(file=str(file))
    try:
        Archive(file).close()
    except ArchiveTooNew:
        pass
    except ArchiveDamaged:
        raise NotABackup(file=str(file)) from None


def _written(config: Config, out: IO[bytes], secret: bytes, with_secret: bool, progress: Progress) -> Manifest:
    with ExitStack() as stack:
        path = engine.sqlite_path(config.database_url)
        if path:
            if not path.exists():
                raise engine.UnfitDatabase(f"There is no database at {path}: nothing was backed up.")
            stack.enter_context(presence.enter(path))
        readers = engine.reader_engine(config.database_url, deadline_s=LONGEST_STEP_S)
        stack.callback(readers.dispose)
        try:
            connection = stack.enter_context(readers.connect())
            connection.begin()
            archive.known_revision(connection)
            reader = Reader(connection)
            _check_secret(reader, config, secret)
            return archive.write(
                reader,
                out,
                key=archive_key(secret),
                created_at=clock.system_now(),
                progress=progress,
                secret=secret if with_secret else None,
            )
        except (DBAPIError, readers.dialect.loaded_dbapi.Error) as error:
            raise StoreUnavailable() from error


def _check_secret(reader: Reader, config: Config, secret: bytes) -> None:
    """The secret must open the operator's key: a backup that is sealed with another one could not be used."""
    with suppress(keys.NoServerKey):
        try:
            keys.server_signer(reader, party_id=keys.operator_id(reader), secret=secret)
        except signing.CannotUnlockKey:
            raise SecretMissing(path=str(secret_file(config))) from None
