"""The head file: the newest signed head, kept outside the database, so that a database which went back is noticed.

It lies beside SQLite's file, or in the data folder for a server. It is replaced whole (written aside, synced, renamed,
the folder synced), after the checkpoint's commit and before anybody is shown the head; under a lock, and never to a
smaller head unless somebody asked for that.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from shared.config import Config
from shared.db.engine import UnfitDatabase, sqlite_path
from shared.ledger.checkpoints import Checkpoint
from shared.ledger.merkle import HASH_BYTES

_LARGEST = 4096


class DamagedHead(UnfitDatabase):
    """The head file is there and says nothing that can be used."""


@dataclass(frozen=True, slots=True)
class FiledHead:
    """The head as it lies in the file: of an installation (`realm`), after `size` transfers; `created_at` in ms."""

    realm: str
    size: int
    root: bytes
    created_at: int
    kid: str
    signature: bytes

    @classmethod
    def of(cls, realm: str, checkpoint: Checkpoint) -> FiledHead:
        """A checkpoint as it is filed."""
        return cls(realm, checkpoint.size, checkpoint.root, checkpoint.created_at, checkpoint.kid, checkpoint.signature)

    def as_text(self) -> str:
        """The file's content: one JSON object, bytes in hex."""
        return json.dumps(
            {
                "realm": self.realm,
                "size": self.size,
                "root": self.root.hex(),
                "created_at": self.created_at,
                "kid": self.kid,
                "signature": self.signature.hex(),
            },
            indent=1,
        )


class HeadFile:
    """The file at `path`, and the lock beside it that its writers take turns by."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, config: Config, realm: str) -> HeadFile:
        """Where the head of this installation's database lies."""
        database = sqlite_path(config.database_url)
        if database:
            return cls(database.with_name(database.name + ".head"))
        return cls(config.data_dir / (quote(realm, safe="") + ".head"))

    def read(self) -> FiledHead | None:
        """The filed head; None when there is no file, `DamagedHead` when it is none that we wrote."""
        try:
            with open(self.path, "rb") as file:
                text = file.read(_LARGEST)
        except FileNotFoundError:
            return None
        try:
            said = json.loads(text)
            head = FiledHead(
                said["realm"],
                said["size"],
                bytes.fromhex(said["root"]),
                said["created_at"],
                said["kid"],
                bytes.fromhex(said["signature"]),
            )
        except (ValueError, KeyError, TypeError):
            raise DamagedHead(self._damaged()) from None
        types = [type(value) for value in (head.realm, head.size, head.created_at, head.kid)]
        if types != [str, int, int, str] or head.size < 1 or len(head.root) != HASH_BYTES:
            raise DamagedHead(self._damaged())
        return head

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock of its writers: threads and processes wait for each other. Take it before the store's turn."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path.with_name(self.path.name + ".lock"), "ab") as turns:
            fcntl.flock(turns, fcntl.LOCK_EX)
            yield

    def write(self, head: FiledHead | None) -> None:
        """Replace the file, durably; None takes it away. The caller holds the lock."""
        if head is None:
            self.path.unlink(missing_ok=True)
        else:
            aside = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
            with open(aside, "w", encoding="utf-8") as file:
                file.write(head.as_text())
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _damaged(self) -> str:
        return (
            f"The head file {self.path} is damaged, so nobody can tell whether the database is the newest: put the file"
            " back from a backup, or accept the database as it is: python3 run.py migrate --accept-head"
        )
