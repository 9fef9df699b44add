"""The Merkle tree of RFC 6962 over SHA-256: roots, proofs and their verification. Pure: bytes in, bytes out.

A leaf's hash and an inner node's hash begin differently (0x00 and 0x01), so that neither can pass for the other. Places
count from 0 here. A tree of n leaves is the row of its complete subtrees, the peaks, largest first: one for each 1 in
the binary n. They are all that is needed to let it grow, so nobody hashes history again.

A proof is a list of roots over ranges of leaves. Which ranges is arithmetic and stands here; where their roots come
from is the caller's affair (`proofs.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves."""

Range = tuple[int, int]
"""Leaves from the first number up to but without the second."""


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf with this content."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node above two others."""
    return sha256(b"\x01" + left + right).digest()


class Peaks:
    """A tree by its peaks; it grows leaf by leaf at a cost that does not depend on its size."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        """The tree of `size` leaves with these peaks, largest first; ValueError when a tree of that size has others."""
        self.size = size
        self.hashes = list(hashes)
        if size < 0 or len(self.hashes) != size.bit_count() or any(len(each) != HASH_BYTES for each in self.hashes):
            raise ValueError(f"a tree of {size} leaves has other peaks")

    @classmethod
    def unpacked(cls, size: int, packed: bytes) -> Peaks:
        """The tree whose `packed` this is; ValueError when it is none of that size."""
        return cls(size, (packed[start : start + HASH_BYTES] for start in range(0, len(packed), HASH_BYTES)))

    @property
    def packed(self) -> bytes:
        """The peaks, one after the other."""
        return b"".join(self.hashes)

    def add(self, leaf: bytes) -> None:
        """Append the leaf with this hash."""
        size, self.size = self.size, self.size + 1
        while size & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            size >>= 1
        self.hashes.append(leaf)

    def root(self) -> bytes:
        """The root over all leaves."""
        return joined(self.hashes)

    def ranges(self) -> list[Range]:
        """The leaves below each peak."""
        return complete_parts(0, self.size)


def joined(hashes: Sequence[bytes]) -> bytes:
    """The root above a row of peaks, largest first."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def complete_parts(start: int, end: int) -> list[Range]:
    """A range of a proof cut into its complete subtrees, largest first. Their roots `joined` are the range's root."""
    parts = []
    while start < end:
        size = 1 << ((end - start).bit_length() - 1)
        parts.append((start, start + size))
        start += size
    return parts


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The ranges whose roots prove that leaf `index` is in a tree of `size` leaves, the nearest first."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    start, end = 0, size
    ranges = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old_size: int, new_size: int) -> list[Range]:
    """The ranges whose roots prove that a tree of `new_size` leaves begins with the one of `old_size`."""
    if not 0 <= old_size <= new_size:
        raise ValueError(f"a tree of {new_size} leaves cannot begin with {old_size}")
    if old_size in (0, new_size):
        return []
    start, end, is_old = 0, new_size, True
    ranges = []
    while old_size < end:
        middle = start + _split(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, is_old = middle, False
    if not is_old:
        ranges.append((start, end))
    return ranges[::-1]


def verify_inclusion(*, index: int, size: int, leaf: bytes, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the leaf with hash `leaf` is number `index` of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    first, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if first & 1 or first == last:
            node = node_hash(sibling, node)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(
    *, old_size: int, new_size: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether `path` proves that the new tree begins with all leaves of the old one (RFC 9162, 2.1.4.2)."""
    if not 0 <= old_size <= new_size:
        return False
    if old_size == 0 or old_size == new_size:
        return not path and old_root == (new_root if old_size else EMPTY_ROOT)
    nodes = [old_root, *path] if old_size.bit_count() == 1 else list(path)
    if not nodes:
        return False
    first, last = old_size - 1, new_size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new = node_hash(new, node)
        first, last = first >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def _split(size: int) -> int:
    """The largest power of two below `size`: how many leaves stand left of the top."""
    return 1 << ((size - 1).bit_length() - 1)
