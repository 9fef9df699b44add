"""The chain's part of the audit: the ledger's own check, the head file, and the name of the row behind a broken range.

Between two checkpoints the chain alone cannot tell which row was altered. But each transfer was told of in the journal
of events, in the same commit, and its order keeps the time: the row that they contradict is the one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared import clock
from shared.config import Config
from shared.db import outbox
from shared.db.unit import Reader
from shared.events import Event
from shared.ledger import chain_audit, checkpoints
from shared.ledger.audit import Fault
from shared.ledger.checkpoints import Discontinuity
from shared.ledger.transfers import Transfer
from shared.payments import sealing
from shared.payments.head_file import DamagedHead, HeadFile

_TOLD = ("amount_minor", "currency", "kind")
"""What an event repeats of its transfer."""


@dataclass(frozen=True, slots=True)
class Chain:
    """How far the chain reaches: `sealed` transfers stand under `checkpoints`, the `filed` first under the head file.

    `filed` is None when there is no head file to look at: then nothing outside the database says how far it went.
    """

    checkpoints: int
    sealed: int
    filed: int | None
    head_file: str | None
    discontinuities: list[dict[str, Any]]


def audited(reader: Reader, *, config: Config | None) -> tuple[Chain, list[Fault]]:
    """Audit the chain, and the head file of this installation when its settings are given."""
    report = chain_audit.run(reader, is_signed=sealing.is_signed(reader))
    faults = list(report.faults)
    file = HeadFile.of(config, outbox.realm(reader)) if config else None
    filed, amiss = _filed(reader, file) if file else (None, [])
    chain = Chain(
        report.checkpoints,
        report.sealed,
        filed,
        str(file.path) if file else None,
        [_told(item) for item in report.discontinuities],
    )
    return chain, faults + amiss


def named(reader: Reader, faults: Sequence[Fault]) -> list[Fault]:
    """The faults, those that point at a row first, in the order of the rows; a broken range is narrowed to one row
    where another fault or the journal of events points at it.
    """
    pointed = [fault.seq for fault in faults if fault.seq is not None and fault.last_seq is None]
    found = [_narrowed(reader, fault, pointed) if fault.last_seq else fault for fault in faults]
    gone = {fault.seq for fault in found if fault.code == "missing_transfer"} - {None}
    if gone:
        told = {event.body.get("seq"): event.body.get("transfer") for event in _transfer_events(reader)}
        found = [
            replace(fault, subject=str(told[fault.seq]), detail=f"seq {fault.seq}: {fault.detail}")
            if fault.code == "missing_transfer" and told.get(fault.seq)
            else fault
            for fault in found
        ]
    return sorted(found, key=lambda fault: (fault.seq is None, fault.seq or 0, fault.code != "chain_broken"))


def _narrowed(reader: Reader, fault: Fault, pointed: Sequence[int]) -> Fault:
    first, last = fault.seq or 0, fault.last_seq or 0
    rows = list(checkpoints.rows(reader, after=first - 1, to=last))
    suspects = dict(_contradicted(reader, rows, first, last))
    suspects |= {seq: "see the other fault there" for seq in pointed if first <= seq <= last and seq not in suspects}
    if not suspects:
        return fault
    seq = min(suspects)
    ids = [row.id for row in rows if row.seq == seq]
    return replace(
        fault,
        subject=ids[0] if ids else f"seq {seq}",
        detail=f"seq {seq}: {suspects[seq]} ({fault.detail})",
        seq=seq,
        last_seq=None,
    )


def _contradicted(reader: Reader, rows: Sequence[Transfer], first: int, last: int) -> Iterator[tuple[int, str]]:
    """The rows that the journal of events tells otherwise, with what it says."""
    placed = {row.seq: row for row in rows}
    for event in _transfer_events(reader):
        seq = event.body.get("seq")
        if not isinstance(seq, int) or not first <= seq <= last:
            continue
        row = placed.get(seq)
        if row is None or row.id != event.body.get("transfer"):
            yield seq, f"the journal says that this is {event.body.get('transfer')}"
            continue
        said = {name: event.body.get(name) for name in _TOLD} | {"created_at": event.created_at}
        differing = [f"{name} was {value}" for name, value in said.items() if getattr(row, name) != value]
        if differing:
            yield seq, "the journal says that " + ", ".join(differing)


def _transfer_events(reader: Reader) -> Iterator[Event]:
    seq = 0
    while page := outbox.events_after(reader, seq=seq):
        yield from (event for event in page if event.name.startswith("transfer."))
        seq = page[-1].seq


def _filed(reader: Reader, file: HeadFile) -> tuple[int | None, list[Fault]]:
    """The size of the filed head, and what is wrong with it."""
    try:
        head = file.read()
    except DamagedHead as error:
        return None, [Fault("head_damaged", str(file.path), str(error))]
    if head is None:
        return None, []
    found = []
    message = checkpoints.checkpoint_message(head.realm, head.size, head.root, head.created_at)
    if not sealing.is_signed(reader)(head.kid, message, head.signature, head.created_at):
        found.append(Fault("head_seal", str(file.path), "the filed head is not signed by the operator"))
    try:
        sealing.check_contained(reader, filed=head, path=file.path)
    except sealing.HeadRefused as error:
        found.append(Fault("head_mismatch", str(file.path), str(error)))
    return head.size, found


def _told(item: Discontinuity) -> dict[str, Any]:
    return {
        "id": item.id,
        "at": clock.rfc3339(item.created_at),
        "old_size": item.old_size,
        "old_root": item.old_root.hex(),
        "new_size": item.new_size,
        "new_root": item.new_root.hex(),
        "reason": item.reason,
    }
