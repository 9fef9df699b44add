"""The load under which things break: people who pay, authorize, capture, void and refund, each noting what was done.

An order is told to `acknowledged` only when the store has answered it. What was told must be there for ever after.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from shared.config import Config
from shared.db.store import OutcomeUnknown, Store, StoreUnavailable
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError
from shared.payments import actions, audit, intents, orders
from shared.payments.actions import Executed
from tests.world import Member, World

Done = Callable[[bytes, str], None]
"""Told of each acknowledged order: its frame and the id of its transfer."""
PAID_MINOR = 7
_TRIES = 3000


@dataclass
class Pair:
    """One who pays and a shop that is paid, turn by turn."""

    world: World
    payer: Member
    shop: Member
    asked: Callable[[Callable[[], Any]], Any] = lambda ask: ask()
    """How the store is asked: once, or (`until_answered`) again and again."""

    @classmethod
    def enter(cls, world: World, name: str) -> Pair:
        """Two new members of the world."""
        return cls(world, world.person(f"payer-{name}"), world.shop(f"shop-{name}"))

    def round(self) -> Iterator[Callable[[], orders.Prepared]]:
        """Six orders, each to be made when the ones before it are done: two sales, one of them authorized first."""
        world, payer, shop = self.world, self.payer, self.shop
        sale = self.asked(partial(world.intent, shop, PAID_MINOR))
        yield partial(world.payment, payer, sale, shop)
        yield partial(world.refund, shop, sale, payer, 2)
        held = self.asked(partial(world.intent, shop, PAID_MINOR, capture_method=intents.MANUAL))
        yield partial(world.hold, payer, held, shop)
        yield partial(world.capture, shop, held, payer, 3)
        dropped = self.asked(partial(world.intent, shop, PAID_MINOR, capture_method=intents.MANUAL))
        yield partial(world.hold, payer, dropped, shop)
        yield partial(world.void, shop, dropped, payer)


def pay(pair: Pair, done: Done, *, rounds: Iterable[object], is_hasty: bool = False) -> None:
    """Give the orders of so many rounds, one after the other, telling `done` of each that was acknowledged.

    Whoever is hasty tells of it before: what a service would do that answers before the commit.
    """
    for _ in rounds:
        for order in pair.round():
            prepared = pair.asked(order)
            if is_hasty:
                done(prepared.frame, prepared.transfer_id)
            executed = pair.asked(partial(pair.world.execute, prepared))
            if not is_hasty:
                done(prepared.frame, executed.transfer.id)


def until_answered(ask: Callable[[], Any]) -> Any:
    """The answer of a store that may be away for a while: the same question again until it is answered."""
    for _ in range(_TRIES):
        try:
            return ask()
        except (StoreUnavailable, OutcomeUnknown):
            threading.Event().wait(0.02)
    raise AssertionError("the store did not come back")


class Stops:
    """What those who pay and the one who stops their server tell each other."""

    def __init__(self) -> None:
        self.is_over = False
        self._paid = threading.Semaphore(0)

    def went_on(self) -> None:
        """Something was paid."""
        self._paid.release()

    def wait_for_payments(self, count: int) -> None:
        """Wait until so many more have been paid."""
        while self._paid.acquire(blocking=False):
            pass
        for _ in range(count):
            assert self._paid.acquire(timeout=60), "nobody can pay any more"

    def rounds(self) -> Iterator[None]:
        """Rounds to be paid until it is over."""
        while not self.is_over:
            yield None


def together(jobs: Iterable[Callable[[], None]]) -> None:
    """Run the jobs in threads of their own; an error in one of them is raised here."""
    errors: list[BaseException] = []

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def missing(store: Store, acknowledged: Iterable[str]) -> set[str]:
    """Those of the acknowledged transfers that are not in the ledger exactly once."""
    counts = store.read(_counts)
    return {id for id in acknowledged if counts.get(id) != 1}


def faults(store: Store, config: Config | None = None) -> list[object]:
    """What the audit finds: sums, numbering, chain, every signed order against its transfer; the head file as well."""
    return list(store.read(audit.run, config=config).faults)


def replayed(store: Store, frames: Iterable[bytes]) -> list[Executed | DomainError]:
    """The answers to orders that come again, in one commit."""
    prepared = [store.read(orders.prepare, frame=frame) for frame in frames]
    return store.run(_execute_all, prepared=prepared)


def _execute_all(uow: UnitOfWork, *, prepared: list[orders.Prepared]) -> list[Executed | DomainError]:
    return actions.execute_many(uow, [{"order": one} for one in prepared])


def _counts(reader: Reader) -> dict[str, int]:
    rows = reader.sql.rows("SELECT id, count(*) FROM ledger_transfer GROUP BY id")
    return {row[0]: row[1] for row in rows}
