"""Disks that are full or broken: a clear refusal, reads go on, nothing acknowledged is lost, and it works again.

The disk fails at every write and every sync of a payment in turn (tests/crash/disk.py), and once for real: a small disk
in memory, filled to the last block.
"""

from __future__ import annotations

import itertools
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.db.store import Store, StoreUnavailable
from shared.db.unit import Reader
from shared.errors import DomainError
from shared.payments.orders import Prepared
from tests.crash import disk, load
from tests.crash.conftest import OnDisk
from tests.crash.disk import images
from tests.db.waiting import until
from tests.examples import IS_FULL
from tests.world import Member, World

WHERE = ("full disk", "failed write", "failed sync")
EVERY = 1 if IS_FULL else 4
"""At every which write the disk fails."""
Trouble = Callable[[str, str], None]


@pytest.fixture
def world(on_disk: OnDisk) -> World:
    return World.install(on_disk.store)


@pytest.fixture
def people(world: World) -> tuple[Member, Member]:
    return world.person("ana"), world.shop("tea")


def new_payment(world: World, people: tuple[Member, Member]) -> Prepared:
    ana, tea = people
    return world.payment(ana, world.intent(tea, 7), tea)


def is_there(store: Store, payment: Prepared) -> bool:
    return store.read(_count, id=payment.transfer_id) == 1


def _count(reader: Reader, *, id: str) -> int:
    return len(reader.sql.rows("SELECT seq FROM ledger_transfer WHERE id = :id", id=id))


def strike_at(nth: int, what: str, trouble: Trouble) -> tuple[Trouble, list[str]]:
    """A trouble that comes with the `nth` write (or sync) from now on, once, and where it struck."""
    counter, struck = itertools.count(1), list[str]()

    def strike(doing: str, file: str) -> None:
        if doing == what and next(counter) == nth:
            struck.append(file)
            trouble(doing, file)

    return strike, struck


@contextmanager
def after_a_crash(on_disk: OnDisk, folder: Path, *, kept: float) -> Iterator[Store]:
    """The database as a crash at this moment leaves it, with this share of what was not synced."""
    folder.mkdir()
    notes = on_disk.disk.notes
    [image] = images(notes, {on_disk.file.name: on_disk.start}, [len(notes)], random.Random(1), kept=kept)
    image.lay(folder)
    store = Store(f"sqlite:///{folder / on_disk.file.name}")
    try:
        yield store
    finally:
        store.close()


@pytest.mark.parametrize("trouble", [disk.full, disk.broken], ids=["full", "broken"])
def test_a_disk_in_trouble_refuses_payments_and_goes_on_reading(
    on_disk: OnDisk, world: World, people: tuple[Member, Member], trouble: Trouble
) -> None:
    ana, tea = people
    world.execute(new_payment(world, people))
    payment = new_payment(world, people)

    on_disk.disk.trouble = trouble
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            world.execute(payment)
        assert (world.balance(ana), world.balance(tea)) == (100_000 - 7, 7)

    on_disk.disk.trouble = None
    assert not world.execute(payment).is_replay
    assert (world.balance(ana), world.balance(tea)) == (100_000 - 14, 14)
    assert load.faults(on_disk.store) == []


@pytest.mark.parametrize(
    ("what", "trouble"), [("write", disk.full), ("write", disk.broken), ("sync", disk.broken)], ids=WHERE
)
def test_trouble_at_any_moment_of_a_payment_leaves_what_was_said(
    on_disk: OnDisk, world: World, people: tuple[Member, Member], tmp_path: Path, what: str, trouble: Trouble
) -> None:
    """Acknowledged means there, refused means not there and never will be: also if the machine then crashes."""
    on_disk.driver.every("PRAGMA wal_autocheckpoint=1")  # so that trouble comes in a checkpoint too
    said: Counter[str] = Counter()
    for nth in itertools.count(1, EVERY if what == "write" else 1):
        payment = new_payment(world, people)
        on_disk.disk.trouble, struck = strike_at(nth, what, trouble)
        outcome = outcome_of(world, payment)
        on_disk.disk.trouble = None
        said[outcome] += 1
        for kept in (0.0, 1.0):
            with after_a_crash(on_disk, tmp_path / f"{nth} {kept}", kept=kept) as store:
                if outcome != "outcome_unknown":
                    assert is_there(store, payment) == (outcome == "acknowledged"), (outcome, struck, kept)
                assert load.faults(store) == []
        assert world.execute(payment).is_replay == (outcome == "acknowledged"), struck
        if not struck:
            break
    assert said["acknowledged"] > 1, "no trouble came in a checkpoint, after the commit"
    assert set(said) == {"acknowledged", "outcome_unknown" if what == "sync" else "store_unavailable"}
    assert load.faults(on_disk.store) == []


def pay_until(event: threading.Event, world: World, people: tuple[Member, Member]) -> None:
    """Pay, a few times at least as often as fills the log, until something has happened."""
    for _ in range(60):
        if event.is_set():
            return
        world.execute(new_payment(world, people))
    assert event.wait(60)


def test_payments_go_on_while_the_log_is_carried_back(
    on_disk: OnDisk, world: World, people: tuple[Member, Member]
) -> None:
    begun, may_go_on = threading.Event(), threading.Event()
    was_let_go: list[bool] = []

    def hold_up(_doing: str, file: str) -> None:
        if file == on_disk.file.name and not begun.is_set():
            begun.set()
            was_let_go.append(may_go_on.wait(20))

    on_disk.disk.trouble = hold_up
    pay_until(begun, world, people)
    for _ in range(3):
        assert not world.execute(new_payment(world, people)).is_replay

    may_go_on.set()
    assert until(lambda: was_let_go)[0], "the payments waited for it"
    on_disk.disk.trouble = None
    assert load.faults(on_disk.store) == []


@pytest.mark.parametrize("trouble", [disk.full, disk.broken], ids=["full", "broken"])
def test_payments_go_on_while_the_log_cannot_be_carried_back(
    on_disk: OnDisk, world: World, people: tuple[Member, Member], trouble: Trouble
) -> None:
    struck = threading.Event()

    def strike(doing: str, file: str) -> None:
        if file == on_disk.file.name:
            assert threading.current_thread().name == "write-back"
            struck.set()
            trouble(doing, file)

    def is_carried_back() -> bool:
        world.execute(new_payment(world, people))
        return any(note.file == on_disk.file.name and note.what == "sync" for note in on_disk.disk.notes[mark:])

    on_disk.disk.trouble = strike
    pay_until(struck, world, people)
    world.execute(new_payment(world, people))

    on_disk.disk.trouble, mark = None, len(on_disk.disk.notes)
    until(is_carried_back)
    assert load.faults(on_disk.store) == []


def test_a_disk_that_is_full_in_the_middle_of_a_payment_refuses_it_in_the_usual_words(
    on_disk: OnDisk, world: World, people: tuple[Member, Member]
) -> None:
    """A large transaction writes before its commit, so the refusal comes from one of its statements."""
    _, tea = people
    payment = new_payment(world, people)
    on_disk.driver.every("PRAGMA cache_size=1")

    on_disk.disk.trouble = disk.full
    assert outcome_of(world, payment) == "store_unavailable"
    assert world.balance(tea) == 0

    on_disk.disk.trouble = None
    assert outcome_of(world, payment) == "acknowledged"
    assert load.faults(on_disk.store) == []


def test_a_database_that_can_only_be_read_refuses_payments_in_the_usual_words(
    on_disk: OnDisk, world: World, people: tuple[Member, Member]
) -> None:
    """As after a disk's error, when the system mounts it again for reading only: the first statement is refused."""
    payment = new_payment(world, people)
    on_disk.driver.every("PRAGMA query_only=ON")

    assert outcome_of(world, payment) == "store_unavailable"
    assert world.balance(people[1]) == 0

    on_disk.driver.every("PRAGMA query_only=OFF")
    assert outcome_of(world, payment) == "acknowledged"


def outcome_of(world: World, payment: Prepared) -> str:
    try:
        world.execute(payment)
    except DomainError as refusal:
        return refusal.code
    return "acknowledged"
