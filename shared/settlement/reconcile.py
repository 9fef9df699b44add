"""The three-way match: what was sold and refunded, what the ledger moved, and what the settlement files say.

Nothing that is derived is believed: fees are computed again, sums are added again, every line is held against its sale,
its transfer and its line in the file. Whatever does not agree is named.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.db.store import Store
from shared.db.unit import Reader
from shared.errors import DomainError
from shared.settlement import batches, books, files
from shared.settlement.books import Difference
from shared.settlement.files import Statement


@dataclass(frozen=True, slots=True)
class Report:
    """What was held against each other, and every difference."""

    batches: int
    lines: int
    files: int
    differences: Sequence[Difference]

    def as_json(self) -> dict[str, Any]:
        """The report as the command line prints it."""
        return {"ok": not self.differences, **dataclasses.asdict(self)}


def run(store: Store, *, folder: Path, only: Sequence[Path] = ()) -> Report:
    """Reconcile every batch with its file in `folder`, or only those of the files that are given.

    The database is read in one consistent picture, so payments that go on meanwhile make no difference.
    """
    paths = list(only) or sorted(folder.glob("*.csv"))
    contents = {path: path.read_bytes() for path in paths}
    return store.read(_compare, contents=contents, is_all=not only)


def _compare(reader: Reader, *, contents: dict[Path, bytes], is_all: bool) -> Report:
    found: list[Difference] = []
    said: dict[str, Statement] = {}
    named = {id: files.file_name(shop, id) for id, shop in batches.all_names(reader)}
    for path, content in contents.items():
        try:
            read = files.parse(content, name=path.name)
        except DomainError as refusal:
            found.append(
                Difference("file_damaged", path.name, f"{refusal.code}, line {refusal.params.get('line', '?')}")
            )
            continue
        if read.batch_id not in named:
            found.append(Difference("unknown_batch", path.name, f"there is no batch {read.batch_id}"))
        elif read.batch_id in said or (is_all and path.name != named[read.batch_id]):
            found.append(Difference("extra_file", path.name, f"{read.batch_id} has its file {named[read.batch_id]}"))
        else:
            said[read.batch_id] = read
    lines = 0
    wanted = sorted(named if is_all else said)
    for id in wanted:
        batch = batches.by_id(reader, id=id)
        found += books.differences_of(reader, batch)
        expected = files.statement(reader, batch=batch)
        lines += len(expected.lines)
        found += _against_file(
            named[id], expected, said.get(id), is_there=named[id] in {path.name for path in contents}
        )
    found += books.differences_of_all(reader) if is_all else ()
    return Report(len(wanted), lines, len(contents), found)


def _against_file(name: str, expected: Statement, said: Statement | None, *, is_there: bool) -> Iterator[Difference]:
    """What the file says otherwise than the database; nothing more about a file that is damaged."""
    if said is None:
        if not is_there:
            yield Difference("missing_file", expected.batch_id, f"there is no {name}; settle again to write it")
        return
    ours = {line.source_id: line for line in expected.lines}
    theirs = {line.source_id: line for line in said.lines}
    for id, line in ours.items():
        if id not in theirs:
            yield Difference("missing_in_file", id, f"{name} has no line for this {line.kind} of {line.amount_minor}")
        elif theirs[id] != line:
            yield _changed(name, id, line, theirs[id])
    for id in sorted(theirs.keys() - ours.keys()):
        yield Difference("extra_in_file", id, f"{name} has a line that is not in batch {expected.batch_id}")
    if len(theirs) < len(said.lines):
        yield Difference("extra_in_file", expected.batch_id, f"{name} has a line twice")
    if said.totals != expected.totals:
        yield Difference("totals_differ", expected.batch_id, f"{name} adds up to {said.totals}, not {expected.totals}")
    for field in dataclasses.fields(Statement):
        theirs_says, ours_says = getattr(said, field.name), getattr(expected, field.name)
        if field.name != "lines" and theirs_says != ours_says:
            yield Difference(
                "header_differs", expected.batch_id, f"{name} says {field.name} {theirs_says!r}, not {ours_says!r}"
            )


def _changed(name: str, id: str, ours: batches.Line, theirs: batches.Line) -> Difference:
    differing = [part for part in batches.Line.__slots__ if getattr(ours, part) != getattr(theirs, part)]
    code = "amount_differs" if "amount_minor" in differing else "line_differs"
    told = ", ".join(f"{part} {getattr(theirs, part)!r}, not {getattr(ours, part)!r}" for part in differing)
    return Difference(code, id, f"{name} says {told}")
