"""The store's own tables: the head that orders everything, the journal of events, the answers of idempotency keys."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import SEQ, Base


class Head(Base):
    """The one row that each batch locks first. Counters are dense because they are counted here and nowhere else."""

    __tablename__ = "db_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    realm: Mapped[str]
    """The installation's stable name, part of every signature."""
    clock_offset_ms: Mapped[int] = mapped_column(default=0)
    transfer_seq: Mapped[int] = mapped_column(default=0)
    event_seq: Mapped[int] = mapped_column(default=0)
    commits: Mapped[int] = mapped_column(default=0)
    """Batches committed so far: every batch writes the head, also one that only answers replays."""


class CommitRow(Base):
    """The name of a recent batch: found under the head's lock it says that a commit of unknown outcome did happen.

    Written on servers only, whose connections can break during a commit; old rows are pruned.
    """

    __tablename__ = "db_commit"

    token: Mapped[str] = mapped_column(primary_key=True)
    commits: Mapped[int] = mapped_column(index=True)
    """The head's `commits` once this batch is in."""


class EventRow(Base):
    """One line of the journal; written with the change it tells of."""

    __tablename__ = "db_event"

    seq: Mapped[int] = mapped_column(SEQ, primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    created_at: Mapped[int]
    topics: Mapped[str]
    """JSON array of topics."""
    body: Mapped[str]
    """JSON object."""


class OnceRow(Base):
    """The first answer given under an Idempotency-Key, replayed exactly when the key comes again."""

    __tablename__ = "db_once"

    scope: Mapped[str] = mapped_column(primary_key=True)
    """Whose key it is, so that two callers may use the same text."""
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    answer: Mapped[str]
    """JSON."""
    created_at: Mapped[int] = mapped_column(index=True)
