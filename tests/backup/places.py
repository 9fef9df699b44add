"""An installation's place for tests: a data folder with its secret, and the URL of its database."""

from __future__ import annotations

from pathlib import Path

from shared.backup import restoring, writing
from shared.backup.restoring import Restored, Wanted
from shared.config import Config, from_environment
from shared.db.archive import Manifest
from tests.world import SECRET


def place(folder: Path, *, url: str | None = None, secret: bytes | None = SECRET, **environ: str) -> Config:
    """The settings of an installation in `folder`; without a URL its database is SQLite's file there."""
    folder.mkdir(exist_ok=True)
    if secret is not None:
        (folder / "secret").write_text(secret.hex())
    return from_environment({"SAOMA_DATA_DIR": str(folder), "SAOMA_DATABASE_URL": url or "", **environ})


def database_file(config: Config) -> Path:
    """Where the database of a place without a URL lies."""
    return config.data_dir / "saoma.db"


def back_up(config: Config, file: Path, *, is_replacing: bool = False, with_secret: bool = False) -> Manifest:
    """A backup without a word on the way."""
    return writing.back_up(config, file, is_replacing=is_replacing, with_secret=with_secret, progress=silently)


def restore(config: Config, file: Path, **wanted: bool) -> Restored:
    """A restore without a word on the way."""
    return restoring.restore(file, config=config, wanted=Wanted(**wanted), progress=silently)


def silently(_table: str, _rows: int) -> None:
    """Progress that nobody is told of."""
