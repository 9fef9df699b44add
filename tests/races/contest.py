"""Two processes that are let go at the same moment, each with a store of its own on one database."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from shared import ids
from shared.codes import digits
from shared.db.store import Store
from shared.db.unit import UnitOfWork
from shared.errors import DomainError
from shared.payments import actions, presented
from shared.payments.orders import Prepared
from shared.settlement import actions as settlement
from tests.world import SECRET, World

DONE, REPLAY, PAID_OUT, NOTHING_DUE = "done", "replay", "paid out", "nothing due"
_PATIENCE_S = 20

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.races.contest", "tests.crash.payer"])  # one server forks for both


@dataclass(frozen=True)
class Give:
    """Give a signed order."""

    frame: bytes

    def prepared(self, world: World) -> Callable[[], str]:
        order = world.prepared(self.frame)

        def give() -> str:
            return REPLAY if world.store.run(actions.execute, order=order).is_replay else DONE

        return give


@dataclass(frozen=True)
class Charge:
    """Charge an intent to a payer code: the shop's order, and the code."""

    frame: bytes
    code: bytes

    def prepared(self, world: World) -> Callable[[], str]:
        order = world.prepared(self.frame, digits.encode(self.code))

        def charge() -> str:
            return world.store.run(presented.charge_presented, order=order).state.value

        return charge


@dataclass(frozen=True)
class Settle:
    """Close a shop's batch: all that is due up to now."""

    shop_id: str

    def prepared(self, world: World) -> Callable[[], str]:
        batch_id = ids.new_id("bat", world.now())

        def settle() -> str:
            batch = world.store.run(_close_now, shop_id=self.shop_id, batch_id=batch_id)
            return PAID_OUT if batch and batch.payout_transfer_id else NOTHING_DUE

        return settle


Task = Give | Charge | Settle


def order(prepared: Prepared) -> Give:
    """The task of giving this order."""
    return Give(prepared.frame)


def charge(prepared: Prepared) -> Charge:
    """The task of charging as this order says."""
    assert prepared.presented is not None
    return Charge(prepared.frame, prepared.presented.frame)


class Contest:
    """The two processes. `race` lets them loose on a task each."""

    def __init__(self, url: str) -> None:
        self._gate = _context.Barrier(2)  # kept: its semaphores go with it
        self._lines: list[Connection] = []
        self._processes = []
        for _ in range(2):
            ours, theirs = _context.Pipe()
            process = _context.Process(target=_contest, args=(url, self._gate, theirs), daemon=True)
            process.start()
            theirs.close()
            self._lines.append(ours)
            self._processes.append(process)
        self._turns = 0

    def race(self, one: Task, other: Task) -> tuple[str, str]:
        """What became of each task: what it did, or the code of its refusal. Who gets which task changes every time."""
        self._turns += 1
        lines = self._lines if self._turns % 2 else self._lines[::-1]
        for line, task in zip(lines, (one, other), strict=True):
            line.send(task)
        first, second = (line.recv() for line in lines)
        return first, second

    def close(self) -> None:
        """Let the processes go home."""
        for line in self._lines:
            line.close()
        for process in self._processes:
            process.join(_PATIENCE_S)
            assert process.exitcode == 0, f"a contestant ended with {process.exitcode}"


def _contest(url: str, gate: Barrier, line: Connection) -> None:
    store = Store(url)
    world = World(store)
    while (task := _next(line)) is not None:
        run = task.prepared(world)
        gate.wait(_PATIENCE_S)
        try:
            line.send(run())
        except DomainError as refusal:
            line.send(refusal.code)
    store.close()


def _next(line: Connection) -> Any:
    try:
        return line.recv()
    except EOFError:
        return None


def _close_now(uow: UnitOfWork, *, shop_id: str, batch_id: str) -> settlement.Batch | None:
    return settlement.close_batch(uow, shop_id=shop_id, cutoff_at=uow.now, batch_id=batch_id, secret=SECRET)
