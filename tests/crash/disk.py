"""A disk between SQLite and the real one: it notes every write and every sync, and fails when it is told to.

From the notes come *images*: what a power cut would have left. Whatever was synced is there; of what was written since,
each sector of 512 bytes is there or not, as chance has it.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that happened: `write` of `content` at `offset`, `truncate` to `offset`, `sync`, `delete`, or `ack`.

    An `ack` is the test's own: `file` names what was acknowledged to a caller just now.
    """

    what: str
    file: str
    offset: int = 0
    content: bytes = b""


class Disk(apsw.VFS):
    """A disk for `Driver(disk.name)`. `trouble(what, file)` may raise instead of a `write` or a `sync`."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "")
        self.name = name
        self.notes: list[Note] = []
        self.one_at_a_time = threading.Lock()
        """What is done and its note belong together: a sync counts for what was noted before it."""
        self.trouble: Callable[[str, str], None] | None = None

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        if not name:
            return super().xOpen(name, flags)  # a temporary file: nothing of it is meant to last
        return _File(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        self.notes.append(Note("delete", os.path.basename(filename)))

    def acknowledge(self, what: str) -> None:
        """Note that a caller has been told that this is done."""
        self.notes.append(Note("ack", what))

    def strike(self, what: str, file: str) -> None:
        """Let the trouble happen, when there is any."""
        if self.trouble:
            self.trouble(what, file)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self._disk = disk
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = os.path.basename(path or "")
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.strike("write", self._name)
        with self._disk.one_at_a_time:
            super().xWrite(data, offset)
            self._disk.notes.append(Note("write", self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:
        self._disk.strike("write", self._name)
        with self._disk.one_at_a_time:
            super().xTruncate(newsize)
            self._disk.notes.append(Note("truncate", self._name, newsize))

    def xSync(self, flags: int) -> None:
        self._disk.strike("sync", self._name)
        with self._disk.one_at_a_time:
            super().xSync(flags)
            self._disk.notes.append(Note("sync", self._name))


def full(_what: str = "write", _file: str = "") -> None:
    """The trouble of a full disk."""
    if _what == "write":
        raise _failure(apsw.FullError, apsw.SQLITE_FULL)


def broken(what: str = "write", _file: str = "") -> None:
    """The trouble of a broken disk: neither writes nor syncs work."""
    raise _failure(apsw.IOError, apsw.SQLITE_IOERR_FSYNC if what == "sync" else apsw.SQLITE_IOERR_WRITE)


def _failure(kind: type[apsw.Error], code: int) -> apsw.Error:
    error = kind("made by the test")
    error.result, error.extendedresult = code & 255, code
    return error


@dataclass
class _Contents:
    """A file as it is known to lie on the disk, and what was written since the last sync."""

    synced: bytearray | None = None
    waiting: list[Note] = field(default_factory=list)

    def sync(self) -> None:
        self.synced = self.after(self.waiting)
        self.waiting = []

    def after(self, notes: Iterable[Note]) -> bytearray:
        content = bytearray(self.synced or b"")
        for note in notes:
            if note.what == "truncate":
                del content[note.offset :]
            else:
                end = note.offset + len(note.content)
                if len(content) < end:
                    content.extend(bytes(end - len(content)))
                content[note.offset : end] = note.content
        return content


@dataclass(frozen=True)
class Image:
    """What a power cut after the first `cut` notes left behind, and what had been acknowledged by then."""

    cut: int
    files: dict[str, bytes]
    acknowledged: frozenset[str]

    def lay(self, folder: Path) -> None:
        """Write the files into an empty folder."""
        for name, content in self.files.items():
            (folder / name).write_bytes(content)


def images(
    notes: list[Note],
    start: dict[str, bytes],
    cuts: Iterable[int],
    chance: random.Random,
    *,
    kept: float | None = None,
) -> Iterator[Image]:
    """An image for each of the cuts (positions in `notes`), in their order, from files that held `start` at first.

    `kept` is the share of the sectors that were not synced and are there all the same; None: another for each image.
    """
    files = {name: _Contents(bytearray(content)) for name, content in start.items()}
    acknowledged: set[str] = set()
    done = 0
    for cut in sorted(cuts):
        for note in notes[done:cut]:
            if note.what == "ack":
                acknowledged.add(note.file)
            elif note.what == "delete":
                files.pop(note.file, None)
            elif note.what == "sync":
                files.setdefault(note.file, _Contents()).sync()
            else:
                files.setdefault(note.file, _Contents()).waiting.append(note)
        done = cut
        share = chance.choice((0.0, 0.5, 1.0, chance.random())) if kept is None else kept
        yield Image(cut, dict(_left(files, chance, share)), frozenset(acknowledged))


def _left(files: dict[str, _Contents], chance: random.Random, share: float) -> Iterator[tuple[str, bytes]]:
    for name, contents in files.items():
        kept = [piece for note in contents.waiting for piece in _sectors(note) if chance.random() < share]
        if kept or contents.synced is not None:
            yield name, bytes(contents.after(kept))


def _sectors(note: Note) -> Iterator[Note]:
    """The note in pieces that lie in one sector each."""
    if note.what != "write":
        yield note
        return
    at, end = note.offset, note.offset + len(note.content)
    while at < end:
        upto = min(end, (at // SECTOR + 1) * SECTOR)
        yield Note("write", note.file, at, note.content[at - note.offset : upto - note.offset])
        at = upto
