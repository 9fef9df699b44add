"""The archive: one file that holds a whole database, alike for both engines.

A zip of one JSON-lines file for each table and a manifest. A row is a JSON array in the manifest's order of columns
(by name); integers are exact, bytes are base64. Rows stand in the order of their primary key, byte by byte, so two
databases with the same content have the same sums. The manifest is written last, because it counts and sums what went
before, and is sealed with a key of the installation: who changes a row must change the manifest, and cannot.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, text

from shared.db import migrate, schema
from shared.db.engine import UnfitDatabase
from shared.db.unit import Reader
from shared.errors import DomainError

FORMAT = 1
_MANIFEST, _SEAL, _SECRET = "manifest.json", "manifest.seal", "secret"
_PAGE = 1000
_LONGEST_LINE = 1 << 24
_COMPRESSION = 3

Progress = Callable[[str, int], None]
"""Told a table's name and how many of its rows are done, after each page."""


class ArchiveDamaged(DomainError):
    """Not an archive, or one that was cut short or changed."""

    code = "archive_damaged"


class ArchiveTooNew(DomainError):
    """A newer Saoma wrote this archive."""

    code = "archive_too_new"


@dataclass(frozen=True, slots=True)
class Part:
    """One table in an archive: its columns with their kinds, its number of rows, the SHA-256 of its lines."""

    columns: Mapping[str, str]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself."""

    format: int
    revision: str
    """The schema's."""
    realm: str
    created_at: int
    """The machine's time, in milliseconds."""
    heads: Mapping[str, int]
    """`transfer_seq`, `event_seq` and `commits` of the head row."""
    key_id: str
    """By which the installation's key is recognised."""
    tables: Mapping[str, Part]

    @property
    def rows(self) -> int:
        """The number of rows in all."""
        return sum(part.rows for part in self.tables.values())


def write(
    reader: Reader, file: IO[bytes], *, key: bytes, created_at: int, progress: Progress, secret: bytes | None = None
) -> Manifest:
    """Write the reader's picture of the database as an archive, a page of rows at a time."""
    connection = reader.connection
    revision = known_revision(connection)
    tables, found = schema.tables_at(revision), schema.tables_of(connection)
    changed = [name for name, table in tables.items() if table != found.get(name)]
    if changed:
        raise UnfitDatabase(f"The table {changed[0]} was changed by hand: what is written could not be restored.")
    heads = read_heads(connection)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:
        parts = {name: _write_table(connection, archive, name, tables[name], progress) for name in sorted(tables)}
        [(realm,)] = reader.sql.rows("SELECT realm FROM db_head WHERE id = 1")
        manifest = Manifest(FORMAT, revision, realm, created_at, heads, key_id(key), parts)
        told = json.dumps(asdict(manifest), indent=1, ensure_ascii=False).encode()
        archive.writestr(_MANIFEST, told)
        archive.writestr(_SEAL, _seal(key, told))
        if secret is not None:
            archive.writestr(_SECRET, secret.hex())
    return manifest


def known_revision(connection: Connection) -> str:
    """The revision of a database's schema; `UnfitDatabase` when it has none that this version can write."""
    revision = migrate.revision_of(connection)
    if revision is None or not migrate.is_known(revision):
        raise UnfitDatabase("This database has no schema that this version of Saoma knows: nothing was backed up.")
    return revision


def read_heads(connection: Connection) -> dict[str, int]:
    """The counters of a database's head row."""
    row = connection.execute(text("SELECT transfer_seq, event_seq, commits FROM db_head WHERE id = 1")).one()
    return {name: int(value) for name, value in row._mapping.items()}


def key_id(key: bytes) -> str:
    """What a key is recognised by, and that does not give it away."""
    return hmac.new(key, b"saoma-archive-key", hashlib.sha256).hexdigest()[:16]


def _seal(key: bytes, manifest: bytes) -> str:
    return hmac.new(key, b"saoma-archive" + manifest, hashlib.sha256).hexdigest()


def _write_table(
    connection: Connection, archive: zipfile.ZipFile, name: str, table: schema.Table, progress: Progress
) -> Part:
    sums, rows = hashlib.sha256(), 0
    kinds = list(table.columns.values())
    result = connection.execute(
        text(f"SELECT {', '.join(table.columns)} FROM {name} ORDER BY {_order(connection, table)}"),
        execution_options={"stream_results": True, "yield_per": _PAGE},
    )
    with archive.open(_member(name), "w", force_zip64=True) as out:
        for page in result.partitions():
            lines = b"".join(_line(name, kinds, row) for row in page)
            sums.update(lines)
            out.write(lines)
            rows += len(page)
            progress(name, rows)
    return Part(dict(table.columns), rows, sums.hexdigest())


def _order(connection: Connection, table: schema.Table) -> str:
    """The primary key, its texts byte by byte, which is SQLite's own order."""
    by_bytes = ' COLLATE "C"' if connection.dialect.name == "postgresql" else ""
    return ", ".join(name + (by_bytes if table.columns[name] == "text" else "") for name in table.key)


def _line(table: str, kinds: Sequence[str], row: Sequence[Any]) -> bytes:
    values = []
    for kind, value in zip(kinds, row, strict=True):
        if kind == "bytes" and value is not None:
            value = base64.b64encode(value).decode()
        elif value is not None and type(value) is not _JSON_TYPES[kind]:
            raise UnfitDatabase(f"The table {table} holds {value!r} where {kind} belongs: run.py audit says more.")
        values.append(value)
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


_JSON_TYPES = {"integer": int, "text": str, "bytes": str}


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


class Archive:
    """An archive, open for reading. Whatever is wrong with it is `ArchiveDamaged`; a file's own trouble is OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._whole():
            self._zip = zipfile.ZipFile(path)
        try:
            with self._whole():
                self._told = self._zip.read(_MANIFEST)
                self.manifest = self._manifest(json.loads(self._told))
                self.secret = self._kept_secret()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the file back."""
        self._zip.close()

    def is_sealed_with(self, key: bytes) -> bool:
        """Whether the installation's key is this one; if it is, its seal must hold."""
        if key_id(key) != self.manifest.key_id:
            return False
        with self._whole():
            if not hmac.compare_digest(self._zip.read(_SEAL), _seal(key, self._told).encode()):
                raise ValueError("its seal does not fit its manifest")
        return True

    def pages(self, table: str) -> Iterator[list[list[Any]]]:
        """The rows of a table, so many at a time; their number and their sum are checked at the end."""
        part = self.manifest.tables[table]
        kinds = list(part.columns.values())
        sums, rows = hashlib.sha256(), 0
        with self._whole(), self._zip.open(_member(table)) as lines:
            while page := _page(lines):
                sums.update(b"".join(page))
                rows += len(page)
                yield [_row(kinds, line) for line in page]
            if (rows, sums.hexdigest()) != (part.rows, part.sha256):
                raise ValueError(f"the rows of {table} are not those that were written")

    def _kept_secret(self) -> bytes | None:
        if _SECRET not in self._zip.namelist():
            return None
        return bytes.fromhex(self._zip.read(_SECRET).decode())

    def _manifest(self, told: Any) -> Manifest:
        if type(told["format"]) is int and told["format"] > FORMAT:
            raise ArchiveTooNew(file=str(self._path))
        tables = {name: Part(**part) for name, part in told["tables"].items()}
        manifest = Manifest(**{**told, "tables": tables})
        expected = {_member(name) for name in tables} | {_MANIFEST, _SEAL}
        if set(self._zip.namelist()) - {_SECRET} != expected or manifest.format != FORMAT:
            raise ValueError("its manifest names other tables than it holds")
        if not migrate.is_known(manifest.revision):
            raise ArchiveTooNew(file=str(self._path))
        return manifest

    @contextmanager
    def _whole(self) -> Iterator[None]:
        try:
            yield
        except _DAMAGE as error:
            raise ArchiveDamaged(file=str(self._path), why=str(error) or type(error).__name__) from error


_DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, ValueError, LookupError, TypeError, AttributeError,
    NotImplementedError, RuntimeError,
)  # fmt: skip
"""What reading a file raises that is not what it says it is."""


def _page(lines: IO[bytes]) -> list[bytes]:
    page: list[bytes] = []
    while len(page) < _PAGE and (line := lines.readline(_LONGEST_LINE)):
        page.append(line)
    return page


def _row(kinds: Sequence[str], line: bytes) -> list[Any]:
    return [_value(kind, told) for kind, told in zip(kinds, json.loads(line), strict=True)]


def _value(kind: str, told: Any) -> Any:
    if told is None:
        return None
    value: Any = told
    if type(told) is not _JSON_TYPES[kind]:
        raise ValueError(f"a row holds {told!r} where {kind} belongs")
    return base64.b64decode(value, validate=True) if kind == "bytes" else value
