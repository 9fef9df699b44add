"""The settlement file: what a shop gets to check a batch against its own books. The layout is in docs/settlement.md.

The same batch always gives the same bytes, so a lost file can be written again and a kept one compared. The reader
takes a file only when writing what it read gives those very bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from shared import clock, money
from shared.db.store import Store
from shared.db.unit import Reader
from shared.errors import BadInput
from shared.identity import parties
from shared.settlement import adjustments, batches
from shared.settlement.batches import Batch, Line

LAYOUT = "saoma-settlement"
VERSION = "1"
FOLDER = "settlements"
"""Its place in the data folder."""
_COLUMNS = (
    "kind", "id", "payment_intent", "transfer", "happened_at", "amount_minor", "fee_minor", "net_minor", "reference",
)  # fmt: skip
_KINDS = ("sale", "refund", "dispute", "carried")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
"""How a cell begins that a spreadsheet might take for a formula, and the mark that keeps it from doing so."""


class FileChanged(BadInput):
    """The file's checksum is not that of its content."""

    code = "settlement_file_changed"


class MalformedFile(BadInput):
    """The file is not what this layout writes; `line` is the first line that is not."""

    code = "settlement_file_malformed"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a settlement file says. Amounts are signed: sales positive, refunds and lost disputes negative, rests either
    way.
    """

    batch_id: str
    shop: str
    shop_id: str
    currency: str
    cutoff_at: int
    closed_at: int
    basis_points: int
    fixed_minor: int
    lines: Sequence[Line]
    fee_transfer: tuple[str, int]
    """The transfer's id and amount; `("", 0)` when there was none. The other two too."""
    payout_transfer: tuple[str, int]
    clawback_transfer: tuple[str, int] = ("", 0)

    @property
    def totals(self) -> tuple[int, ...]:
        """Sales, refunds, gross, refunds' sum, fee, carried in, net; and where there are any, lost disputes' sum."""
        sums = {kind: [line.amount_minor for line in self.lines if line.kind == kind] for kind in _KINDS}
        gross, back, carried = sum(sums["sale"]), -sum(sums["refund"]), sum(sums["carried"])
        fee = sum(line.fee_minor for line in self.lines)
        lost = -sum(sums["dispute"])
        net = gross - back - lost - fee + carried
        return len(sums["sale"]), len(sums["refund"]), gross, back, fee, carried, net, *([lost] if lost else ())


def file_name(shop: str, batch_id: str) -> str:
    """The name of a batch's file. Handles and ids hold no character that a path could mind."""
    return f"{shop}-{batch_id}.csv"


def statement(reader: Reader, *, batch: Batch) -> Statement:
    """What the file of a batch says, from the database: only what was settled when the batch was closed."""
    found = [
        Line("carried", rest.id, "", "", rest.created_at, rest.left_minor, 0)
        for rest in batches.carried_into(reader, batch_id=batch.id)
    ]
    for line in batches.lines(reader, batch_id=batch.id):
        sign = 1 if line.kind == "sale" else -1
        values = {name: getattr(line, name) for name in Line.__slots__} | {"amount_minor": sign * line.amount_minor}
        found.append(Line(**values))
    return Statement(
        batch_id=batch.id,
        shop=parties.by_id(reader, id=batch.shop_id).handle,
        shop_id=batch.shop_id,
        currency=batch.currency,
        cutoff_at=batch.cutoff_at,
        closed_at=batch.created_at,
        basis_points=batch.basis_points,
        fixed_minor=batch.fixed_minor,
        lines=found,
        fee_transfer=(batch.fee_transfer_id or "", batches.collected_fee(reader, batch=batch)),
        payout_transfer=(batch.payout_transfer_id or "", max(0, batch.net_minor)),
        clawback_transfer=(batch.clawback_transfer_id or "", adjustments.taken_by(reader, batch=batch)),
    )


def render(said: Statement) -> bytes:
    """The file's bytes: UTF-8, lines end in a single newline, the last one is the checksum of all before it."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow((LAYOUT, VERSION))
    rows.writerow(("batch", said.batch_id))
    rows.writerow(("shop", said.shop, said.shop_id))
    rows.writerow(("currency", said.currency, money.currency(said.currency).exponent))
    rows.writerow(("cutoff_at", clock.rfc3339(said.cutoff_at)))
    rows.writerow(("closed_at", clock.rfc3339(said.closed_at)))
    rows.writerow(("rate", said.basis_points, said.fixed_minor))
    rows.writerow(("fee_transfer", *said.fee_transfer))
    if said.clawback_transfer[0]:  # a line of its own, so that files without lost disputes stay what they were
        rows.writerow(("clawback_transfer", *said.clawback_transfer))
    rows.writerow(("payout_transfer", *said.payout_transfer))
    rows.writerow(_COLUMNS)
    rows.writerows(_row(line) for line in said.lines)
    rows.writerow(("total", *said.totals))
    content = text.getvalue().encode()
    return content + _checksum(content)


def parse(content: bytes, *, name: str) -> Statement:
    """What a file says; refused unless it is whole, unchanged and exactly as this layout writes it."""
    body, _, last = content.removesuffix(b"\n").rpartition(b"\n")
    body += b"\n"
    if not last.startswith(b"sha256,"):
        raise MalformedFile(file=name, line=content.count(b"\n") or 1)
    if last + b"\n" != _checksum(body):
        raise FileChanged(file=name)
    try:
        rows = list(csv.reader(io.StringIO(body.decode(), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise MalformedFile(file=name, line=1) from None
    try:
        said = _read(rows, name)
        written = render(said)
    except (ValueError, LookupError, OverflowError, StopIteration, money.UnknownCurrency):
        raise MalformedFile(file=name, line=1) from None
    if written != content:
        raise MalformedFile(file=name, line=_first_difference(written, content))
    return said


def write_missing(store: Store, folder: Path) -> list[Path]:
    """Write the files that are not in `folder`, each whole or not at all; what was written."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    there = {entry.name for entry in os.scandir(folder)}
    written = []
    for batch_id, shop in store.read(batches.all_names):
        path = folder / file_name(shop, batch_id)
        if path.name not in there:
            _write(path, store.read(content_of, batch_id=batch_id))
            written.append(path)
    return written


def content_of(reader: Reader, *, batch_id: str) -> bytes:
    """The file of a batch."""
    return render(statement(reader, batch=batches.by_id(reader, id=batch_id)))


def _row(line: Line) -> tuple[object, ...]:
    reference = "'" + line.reference if line.reference.startswith(_FORMULA) else line.reference
    amount, fee, at = line.amount_minor, line.fee_minor, clock.rfc3339(line.happened_at)
    return line.kind, line.source_id, line.intent_id, line.transfer_id, at, amount, fee, amount - fee, reference


def _read(rows: Sequence[Sequence[str]], name: str) -> Statement:
    """Take the cells from where they ought to be; that everything else is right, the caller finds by writing it."""
    columns = next(number for number, row in enumerate(rows) if row[:1] == [_COLUMNS[0]])
    head = {row[0]: row[1:] for row in rows[:columns]}
    clawback = head.get("clawback_transfer", ["", "0"])
    return Statement(
        batch_id=head["batch"][0],
        shop=head["shop"][0],
        shop_id=head["shop"][1],
        currency=head["currency"][0],
        cutoff_at=clock.parse_rfc3339(head["cutoff_at"][0]),
        closed_at=clock.parse_rfc3339(head["closed_at"][0]),
        basis_points=int(head["rate"][0]),
        fixed_minor=int(head["rate"][1]),
        lines=[_line(row, name, number) for number, row in enumerate(rows[columns + 1 : -1], columns + 2)],
        fee_transfer=(head["fee_transfer"][0], int(head["fee_transfer"][1])),
        payout_transfer=(head["payout_transfer"][0], int(head["payout_transfer"][1])),
        clawback_transfer=(clawback[0], int(clawback[1])),
    )


def _line(row: Sequence[str], name: str, number: int) -> Line:
    try:
        kind, id, intent, transfer, at, amount, fee, _net, reference = row
        read = clock.parse_rfc3339(at), int(amount), int(fee), reference.removeprefix("'")
    except (ValueError, OverflowError):
        raise MalformedFile(file=name, line=number) from None
    if kind not in _KINDS:
        raise MalformedFile(file=name, line=number)
    return Line(kind, id, intent, transfer, *read)


def _first_difference(ours: bytes, theirs: bytes) -> int:
    pairs = zip_longest(ours.split(b"\n"), theirs.split(b"\n"))
    return next(number for number, (one, other) in enumerate(pairs, 1) if one != other)


def _checksum(content: bytes) -> bytes:
    return b"sha256," + hashlib.sha256(content).hexdigest().encode() + b"\n"


def _write(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole, also after a power cut, or not there."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
