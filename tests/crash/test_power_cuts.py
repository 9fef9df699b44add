"""The power goes: what was synced stays, of everything else any part may be gone. No acknowledged payment is.

The store runs on a disk that notes every write and sync. From the notes come images of what a cut at some moment would
have left (tests/crash/disk.py); each is opened like any database after a crash. `synchronous=NORMAL` is the control: a
test that could not fail there would prove nothing about FULL.
"""

from __future__ import annotations

import itertools
import random
import sqlite3
import threading
from collections import Counter
from pathlib import Path

from shared.config import from_environment
from shared.db.engine import sqlite_driver
from shared.db.store import Store
from shared.payments import sealing
from tests.crash import load
from tests.crash.conftest import OnDisk
from tests.crash.disk import Image, images
from tests.crash.load import Pair
from tests.examples import share, tell
from tests.world import SECRET, World

CUTS = share("power cuts")
PAYERS, ROUNDS = 4, 3
SEAL_EVERY = 5
"""After so many payments the ledger is sealed and its head shown: it must be there as well."""
THERE = "SELECT id FROM ledger_transfer UNION ALL SELECT lower(hex(root)) FROM ledger_checkpoint"


def run_load(on_disk: OnDisk, *, synchronous: str | None = None) -> int:
    """Pay for a while on the noting disk; the position in its notes at which the payments began.

    `synchronous` is set instead of what the store itself has set on its connections.
    """
    world = World.install(on_disk.store)
    pairs = [Pair.enter(world, str(number)) for number in range(PAYERS)]
    if synchronous:
        on_disk.driver.every(f"PRAGMA synchronous={synchronous}")
    began = len(on_disk.disk.notes)
    config = from_environment({"SAOMA_DATABASE_URL": f"sqlite:///{on_disk.file}"})
    paid, showing = itertools.count(1), threading.Lock()

    def done(_frame: bytes, transfer_id: str) -> None:
        on_disk.disk.acknowledge(transfer_id)
        if next(paid) % SEAL_EVERY == 0:
            with showing:  # while another one seals, no head is shown: it is not in its file yet
                sealing.seal_due(on_disk.store, config=config, secret=SECRET)
                head = on_disk.store.read(sealing.shown_head, config=config)
            assert head is not None
            on_disk.disk.acknowledge(head.root.hex())

    load.together([lambda pair=pair: load.pay(pair, done, rounds=range(ROUNDS)) for pair in pairs])  # type: ignore[misc]
    return began


def found_after_cuts(on_disk: OnDisk, began: int, folder: Path, *, is_audited: bool) -> Counter[str]:
    """How many images there were, and in how many of them something was wrong: `lost`, `corrupt`, `unsound`."""
    notes = on_disk.disk.notes
    chance = random.Random(20)
    cuts = [chance.randint(began, len(notes)) for _ in range(CUTS)]
    found: Counter[str] = Counter()
    for number, image in enumerate(images(notes, {on_disk.file.name: on_disk.start}, cuts, chance)):
        place = folder / str(number)
        place.mkdir()
        image.lay(place)
        wrong = wrong_with(place / on_disk.file.name, image)
        if not wrong and is_audited and is_unsound(place / on_disk.file.name):
            wrong = "unsound"
        found.update(["images"] + [wrong] * bool(wrong))
        for file in place.iterdir():
            file.unlink()
    return found


def wrong_with(file: Path, image: Image) -> str:
    """`corrupt` or `lost`, when SQLite finds something wrong, or a payment or a head is not there; else nothing."""
    connection: sqlite3.Connection = sqlite_driver().connect(str(file))
    try:
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            return "corrupt"
        there = {row[0] for row in connection.execute(THERE)}
        return "" if image.acknowledged <= there else "lost"
    except sqlite_driver().DatabaseError:
        return "corrupt"
    finally:
        connection.close()


def is_unsound(file: Path) -> bool:
    """Whether the audit finds a fault: in sums, in the numbering, in a signed order."""
    store = Store(f"sqlite:///{file}")
    try:
        return bool(load.faults(store))
    finally:
        store.close()


def test_no_power_cut_takes_back_an_acknowledged_payment(on_disk: OnDisk, tmp_path: Path) -> None:
    began = run_load(on_disk)

    found = found_after_cuts(on_disk, began, tmp_path, is_audited=True)

    assert found == {"images": CUTS}
    synced = [note.file for note in on_disk.disk.notes[began:] if note.what == "sync"]
    assert synced.count(on_disk.file.name) >= 3, "no cut could fall into a checkpoint"


def test_without_full_syncs_power_cuts_do_take_payments_back(on_disk: OnDisk, tmp_path: Path) -> None:
    """The control: the same load and the same cuts find the loss that NORMAL allows."""
    began = run_load(on_disk, synchronous="NORMAL")

    found = found_after_cuts(on_disk, began, tmp_path, is_audited=False)

    tell(f"power cuts, the control with synchronous=NORMAL: {found['lost']:,} of {CUTS:,} images had lost payments")
    assert found["images"] == CUTS
    assert found["lost"] > CUTS // 10, found
    assert not found["corrupt"], found
