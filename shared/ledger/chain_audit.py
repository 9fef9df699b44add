"""The audit of the chain: every row is hashed again and held against every signed checkpoint.

An altered row changes the first checkpoint behind it, so it lies between two of them; their peaks narrow that down
further, often to one row. After a break the audit goes on from the checkpoint's own peaks, so that later damage is
named as well. What the chain cannot see is a history that was rewritten and signed anew with the operator's key: only a
head kept outside (the head file, a receipt) shows that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from shared.db import outbox
from shared.db.unit import Reader
from shared.ledger import checkpoints, leaf
from shared.ledger.audit import Fault
from shared.ledger.checkpoints import BrokenChain, Checkpoint, Discontinuity
from shared.ledger.merkle import Peaks, Range, leaf_hash

IsSigned = Callable[[str, bytes, bytes, int], bool]
"""Whether the key named `kid` may sign heads and signed `message` with `signature` at a time (ms)."""


@dataclass(slots=True)
class ChainReport:
    """What the chain's audit found. `sealed` transfers stand under checkpoints; the newest few may not yet."""

    checkpoints: int = 0
    sealed: int = 0
    discontinuities: list[Discontinuity] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def run(reader: Reader, *, is_signed: IsSigned) -> ChainReport:
    """Audit the whole chain."""
    report = ChainReport(discontinuities=checkpoints.discontinuities(reader))
    realm = outbox.realm(reader)
    last = _last_seq(reader)
    tree = Peaks()
    for checkpoint in _all(reader):
        report.checkpoints += 1
        report.sealed = max(report.sealed, checkpoint.size)
        if not is_signed(checkpoint.kid, checkpoint.message(realm), checkpoint.signature, checkpoint.created_at):
            report.faults.append(_of(checkpoint, "checkpoint_seal", "is not signed by the operator"))
            continue
        if checkpoint.size > last:
            detail = f"a checkpoint seals {checkpoint.size} transfers, the ledger ends at {last}"
            report.faults.append(Fault("missing_transfer", f"seq {last + 1}", detail, last + 1))
            break
        tree = _held_against(reader, tree, checkpoint, report.faults)
    report.faults += _discontinuity_faults(reader, realm, report.discontinuities, is_signed)
    return report


def _held_against(reader: Reader, before: Peaks, checkpoint: Checkpoint, faults: list[Fault]) -> Peaks:
    """Let the tree grow up to the checkpoint and compare; the tree to go on from."""
    first, tree = before.size, Peaks(before.size, before.hashes)
    try:
        sealed = checkpoints.tree_of(checkpoint)
    except BrokenChain as error:
        faults.append(_of(checkpoint, "checkpoint_mismatch", str(error)))
        sealed = None
    try:
        for row in checkpoints.rows(reader, after=first, to=checkpoint.size):
            if row.seq != tree.size + 1:
                break
            tree.add(leaf_hash(leaf.encoded(row)))
    except leaf.StrangeValue as error:
        faults.append(Fault("chain_broken", f"seq {tree.size + 1}", str(error), tree.size + 1))
        return sealed or before
    if tree.size < checkpoint.size:
        seq = tree.size + 1
        faults.append(Fault("missing_transfer", f"seq {seq}", f"transfer {seq} is sealed and not in the ledger", seq))
        return sealed or before
    if tree.root() != checkpoint.root:
        faults.append(_broken(reader, _narrowed(tree, sealed or tree, first), checkpoint))
    return sealed or tree


def _narrowed(tree: Peaks, sealed: Peaks, first: int) -> Range:
    """The leaves in which the difference of two trees of one size must begin, given that the first `first` agree."""
    differing = [
        (max(start, first), end)
        for mine, theirs, (start, end) in zip(tree.hashes, sealed.hashes, tree.ranges(), strict=True)
        if mine != theirs and end > first
    ]
    return differing[0] if differing else (first, tree.size)


def _broken(reader: Reader, part: Range, checkpoint: Checkpoint) -> Fault:
    first, last = part[0] + 1, part[1]
    if first < last:
        detail = f"one of the transfers {first} to {last} is not what checkpoint {checkpoint.size} sealed"
        return Fault("chain_broken", f"seq {first} to {last}", detail, first, last)
    [(id,)] = reader.sql.rows("SELECT id FROM ledger_transfer WHERE seq = :seq", seq=first)
    return Fault("chain_broken", id, f"seq {first} is not what checkpoint {checkpoint.size} sealed", first)


def _discontinuity_faults(
    reader: Reader, realm: str, found: Sequence[Discontinuity], is_signed: IsSigned
) -> Iterator[Fault]:
    for item in found:
        if not is_signed(item.kid, item.message(realm), item.signature, item.created_at):
            yield Fault("discontinuity_seal", item.id, "the discontinuity is not signed by the operator")
        elif not checkpoints.contains(reader, size=item.new_size, root=item.new_root):
            yield Fault("discontinuity_mismatch", item.id, f"its new head, {item.new_size}, is not in the chain")


def _all(reader: Reader) -> Iterator[Checkpoint]:
    size = 0
    while page := checkpoints.after(reader, size=size):
        yield from page
        size = page[-1].size


def _last_seq(reader: Reader) -> int:
    [(seq,)] = reader.sql.rows("SELECT coalesce(max(seq), 0) FROM ledger_transfer")
    return int(seq)


def _of(checkpoint: Checkpoint, code: str, what: str) -> Fault:
    return Fault(code, f"checkpoint {checkpoint.size}", what)
