"""Checkpoints: the signed heads of the audit chain, made behind the commits and never in their way.

Transfers are the leaves of one Merkle tree, in the order of `seq`: transfer n is leaf n - 1. What is dear (reading and
hashing the rows, the signature) happens beside the writer, on rows that are committed and never change; only the
insertion is a verb. Whose key signs is the caller's affair: this room knows bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.db.unit import Reader, UnitOfWork
from shared.ledger import leaf
from shared.ledger.merkle import EMPTY_ROOT, Peaks, leaf_hash
from shared.ledger.transfers import COLUMNS, Transfer

PAGE = 1000
"""Rows read at once."""
LARGEST_STEP = 20_000
"""Transfers that one checkpoint may add."""

_CHECKPOINT_PREFIX = b"saoma-checkpoint\x00"
_DISCONTINUITY_PREFIX = b"saoma-discontinuity\x00"
_SELECT = "SELECT size, root, peaks, created_at, kid, signature FROM ledger_checkpoint"


class BrokenChain(Exception):
    """The rows do not go on where the last checkpoint ends: `run.py audit` says what is wrong."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The signed head after the first `size` transfers. `created_at` in ms; `peaks` as `merkle.Peaks.packed`."""

    size: int
    root: bytes
    peaks: bytes
    created_at: int
    kid: str
    signature: bytes

    def message(self, realm: str) -> bytes:
        """The bytes that were signed."""
        return checkpoint_message(realm, self.size, self.root, self.created_at)


@dataclass(frozen=True, slots=True)
class Discontinuity:
    """A signed statement that the ledger was taken from one head (`old_…`) to another (`new_…`) on purpose."""

    id: str
    old_size: int
    old_root: bytes
    new_size: int
    new_root: bytes
    reason: str
    created_at: int
    kid: str
    signature: bytes

    def message(self, realm: str) -> bytes:
        """The bytes that were signed."""
        return discontinuity_message(
            realm,
            old=(self.old_size, self.old_root),
            new=(self.new_size, self.new_root),
            created_at=self.created_at,
            reason=self.reason,
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """The next checkpoint before it is signed: the tree, and the size of the checkpoint that it goes on from."""

    after: int
    tree: Peaks


def checkpoint_message(realm: str, size: int, root: bytes, created_at: int) -> bytes:
    """What a checkpoint's signature covers."""
    return _CHECKPOINT_PREFIX + _short(realm) + _number(size) + root + _number(created_at)


def discontinuity_message(
    realm: str, *, old: tuple[int, bytes], new: tuple[int, bytes], created_at: int, reason: str
) -> bytes:
    """What a discontinuity's signature covers; heads are (size, root)."""
    heads = _number(old[0]) + old[1] + _number(new[0]) + new[1]
    return _DISCONTINUITY_PREFIX + _short(realm) + heads + _number(created_at) + reason.encode()


def latest(reader: Reader) -> Checkpoint | None:
    """The newest checkpoint; None before the first."""
    found = _checkpoints(reader, f"{_SELECT} ORDER BY size DESC LIMIT 1")
    return found[0] if found else None


def at(reader: Reader, *, size: int) -> Checkpoint | None:
    """The checkpoint of exactly this size, if there is one."""
    found = _checkpoints(reader, f"{_SELECT} WHERE size = :size", size=size)
    return found[0] if found else None


def after(reader: Reader, *, size: int, limit: int = PAGE) -> list[Checkpoint]:
    """The checkpoints beyond this size, the smallest first."""
    return _checkpoints(reader, f"{_SELECT} WHERE size > :size ORDER BY size LIMIT :limit", size=size, limit=limit)


def contains(reader: Reader, *, size: int, root: bytes) -> bool:
    """Whether the chain has, or had on its way, this head; the empty head is every chain's.

    A head without a checkpoint of its own is computed from the checkpoint below it and the rows since.
    """
    if size == 0:
        return root == EMPTY_ROOT
    found = _checkpoints(reader, f"{_SELECT} WHERE size <= :size ORDER BY size DESC LIMIT 1", size=size)
    if found and found[0].size == size:
        return found[0].root == root
    tree = tree_of(found[0]) if found else Peaks()
    for row in rows(reader, after=tree.size, to=size):
        tree.add(leaf_hash(leaf.encoded(row)))
    return (tree.size, tree.root()) == (size, root)


def discontinuities(reader: Reader) -> list[Discontinuity]:
    """Every discontinuity, oldest first."""
    rows = reader.sql.rows(
        "SELECT id, old_size, old_root, new_size, new_root, reason, created_at, kid, signature"
        " FROM ledger_discontinuity ORDER BY created_at, id"
    )
    return [
        Discontinuity(id, old_size, bytes(old), new_size, bytes(new), reason, created_at, kid, bytes(signature))
        for id, old_size, old, new_size, new, reason, created_at, kid, signature in rows
    ]


def rows(reader: Reader, *, after: int, to: int) -> Iterator[Transfer]:
    """The transfers beyond number `after` up to number `to`, in order, read page by page."""
    while after < to:
        page = reader.sql.rows(
            f"SELECT {COLUMNS} FROM ledger_transfer WHERE seq > :after AND seq <= :to ORDER BY seq LIMIT :limit",
            after=after,
            to=to,
            limit=PAGE,
        )
        yield from (Transfer(*row) for row in page)
        if len(page) < PAGE:
            return
        after = page[-1][Transfer._fields.index("seq")]


def draft(reader: Reader, *, limit: int = LARGEST_STEP) -> Draft | None:
    """The tree extended over the transfers that no checkpoint seals yet, at most `limit` of them; None without any."""
    last = latest(reader)
    start = last.size if last else 0
    tree = tree_of(last) if last else Peaks()
    for row in rows(reader, after=start, to=start + limit):
        if row.seq != tree.size + 1:
            raise BrokenChain(f"transfer {tree.size + 1} is missing")
        tree.add(leaf_hash(leaf.encoded(row)))
    return Draft(start, tree) if tree.size > start else None


def check_tail(reader: Reader, *, head: Checkpoint) -> None:
    """Hash the rows again that `head` was the first to seal; `BrokenChain` when they are not those."""
    found = _checkpoints(reader, f"{_SELECT} WHERE size < :size ORDER BY size DESC LIMIT 1", size=head.size)
    start = found[0].size if found else 0
    tree = tree_of(found[0]) if found else Peaks()
    for row in rows(reader, after=start, to=head.size):
        tree.add(leaf_hash(leaf.encoded(row)))
    if (tree.size, tree.root()) != (head.size, head.root):
        raise BrokenChain(f"transfers {start + 1} to {head.size} are not those that were sealed")


def tree_of(checkpoint: Checkpoint) -> Peaks:
    """The tree of a checkpoint; `BrokenChain` when its parts do not belong together."""
    try:
        tree = Peaks.unpacked(checkpoint.size, checkpoint.peaks)
    except ValueError as error:
        raise BrokenChain(f"checkpoint {checkpoint.size}: {error}") from error
    if tree.root() != checkpoint.root:
        raise BrokenChain(f"checkpoint {checkpoint.size} has another root than its peaks")
    return tree


def seal(uow: UnitOfWork, *, draft: Draft, created_at: int, kid: str, signature: bytes) -> bool:
    """Insert the signed checkpoint; False when another process has sealed meanwhile, and nothing is inserted."""
    last = latest(uow)
    if (last.size if last else 0) != draft.after:
        return False
    uow.sql.run(
        "INSERT INTO ledger_checkpoint (size, root, peaks, created_at, kid, signature)"
        " VALUES (:size, :root, :peaks, :created_at, :kid, :signature)",
        size=draft.tree.size,
        root=draft.tree.root(),
        peaks=draft.tree.packed,
        created_at=created_at,
        kid=kid,
        signature=signature,
    )
    return True


def note_discontinuity(uow: UnitOfWork, *, discontinuity: Discontinuity) -> None:
    """Write a signed discontinuity down, for ever."""
    names = Discontinuity.__slots__
    uow.sql.run(
        f"INSERT INTO ledger_discontinuity ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})",
        **{name: getattr(discontinuity, name) for name in names},
    )


def _checkpoints(reader: Reader, statement: str, **params: int) -> list[Checkpoint]:
    return [
        Checkpoint(size, bytes(root), bytes(peaks), created_at, kid, bytes(signature))
        for size, root, peaks, created_at, kid, signature in reader.sql.rows(statement, **params)
    ]


def _short(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(1, "big") + raw


def _number(value: int) -> bytes:
    return value.to_bytes(8, "big")
