"""Proofs about the audit chain that anybody can check with two roots and a few hashes: see merkle.py for the checking.

A proof needs roots over long ranges of transfers. Checkpoints are dense and each holds its peaks, so nearly all of
those roots lie in some checkpoint already and only a few rows are read: the cost does not follow the history. Nothing
rests on what was read: a proof from damaged parts does not verify.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.db.unit import Reader
from shared.ledger import checkpoints, leaf, merkle
from shared.ledger.checkpoints import BrokenChain, Discontinuity
from shared.ledger.leaf import StrangeValue
from shared.ledger.merkle import Peaks, Range, leaf_hash

_FEW = 64
"""A subtree of so many transfers is hashed from its rows at once."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The proof that transfer `seq`, with leaf hash `leaf`, is sealed under the head (`size`, `root`)."""

    seq: int
    leaf: bytes
    size: int
    root: bytes
    path: list[bytes]

    def holds(self) -> bool:
        """Whether it proves what it says."""
        return merkle.verify_inclusion(
            index=self.seq - 1, size=self.size, leaf=self.leaf, root=self.root, path=self.path
        )


@dataclass(frozen=True, slots=True)
class Consistency:
    """The proof that the new head's transfers begin with all of the old head's."""

    old_size: int
    old_root: bytes
    new_size: int
    new_root: bytes
    path: list[bytes]

    def holds(self) -> bool:
        """Whether it proves what it says."""
        return merkle.verify_consistency(
            old_size=self.old_size,
            new_size=self.new_size,
            old_root=self.old_root,
            new_root=self.new_root,
            path=self.path,
        )


def inclusion(reader: Reader, *, seq: int, size: int | None = None) -> Inclusion | None:
    """The proof that transfer `seq` is sealed under the newest checkpoint, or the one of `size`; None without one."""
    head = checkpoints.latest(reader) if size is None else checkpoints.at(reader, size=size)
    if head is None or not 1 <= seq <= head.size:
        return None
    path = [range_root(reader, part) for part in merkle.inclusion_ranges(seq - 1, head.size)]
    return Inclusion(seq, range_root(reader, (seq - 1, seq)), head.size, head.root, path)


def consistency(reader: Reader, *, old_size: int, old_root: bytes, new_size: int | None = None) -> Consistency | None:
    """The proof that the head (`old_size`, `old_root`) is the beginning of the one of `new_size`, or of the newest.

    None when there is no such checkpoint, or it is smaller than the old head. Whether the proof `holds` is the answer.
    """
    head = checkpoints.latest(reader) if new_size is None else checkpoints.at(reader, size=new_size)
    if head is None or not 0 <= old_size <= head.size:
        return None
    path = [range_root(reader, part) for part in merkle.consistency_ranges(old_size, head.size)]
    return Consistency(old_size, old_root, head.size, head.root, path)


@dataclass(frozen=True, slots=True)
class Standing:
    """How what a receipt says stands to this ledger.

    `is_there`: its transfer has that number here. `sealed_under`: the size of the newest checkpoint, when that provably
    contains the transfer. `head_holds`: the head that the receipt carries is provably a beginning of this chain; None
    when it carries none. `set_aside`: the discontinuity by which that head was given up, if it was.
    """

    is_there: bool
    sealed_under: int | None
    head_holds: bool | None
    set_aside: Discontinuity | None


def standing(reader: Reader, *, seq: int, transfer_id: str, head: tuple[int, bytes] | None) -> Standing:
    """Hold a receipt's transfer and head (size, root) against the chain; damaged parts prove nothing."""
    is_there = reader.sql.rows("SELECT id FROM ledger_transfer WHERE seq = :seq", seq=seq) == [(transfer_id,)]
    sealed_under, holds = None, None if head is None else False
    try:
        included = inclusion(reader, seq=seq)
        if is_there and included is not None and included.holds():
            sealed_under = included.size
        if head is not None:
            proof = consistency(reader, old_size=head[0], old_root=head[1])
            holds = proof.holds() if proof else checkpoints.contains(reader, size=head[0], root=head[1])
    except (BrokenChain, StrangeValue):
        pass
    given_up = [item for item in checkpoints.discontinuities(reader) if (item.old_size, item.old_root) == head]
    return Standing(is_there, sealed_under, holds, given_up[0] if given_up and not holds else None)


def range_root(reader: Reader, part: Range) -> bytes:
    """The root over a range of a proof."""
    return merkle.joined([_subtree(reader, start, end) for start, end in merkle.complete_parts(*part)])


def _subtree(reader: Reader, start: int, end: int) -> bytes:
    """The root of a complete subtree: from few rows, from a checkpoint whose peak it is, or from its two halves."""
    size = end - start
    if size <= _FEW:
        return _from_rows(reader, start, end)
    if not start // size & 1:  # a left child is a peak of every tree that ends inside its right sibling
        found = checkpoints.after(reader, size=end - 1, limit=1)
        if found and found[0].size < end + size:
            tree = checkpoints.tree_of(found[0])
            return tree.hashes[tree.ranges().index((start, end))]
    middle = start + size // 2
    return merkle.node_hash(_subtree(reader, start, middle), _subtree(reader, middle, end))


def _from_rows(reader: Reader, start: int, end: int) -> bytes:
    tree = Peaks()
    for row in checkpoints.rows(reader, after=start, to=end):
        tree.add(leaf_hash(leaf.encoded(row)))
    if tree.size != end - start:
        raise BrokenChain(f"a transfer between {start + 1} and {end} is missing")
    return tree.root()
