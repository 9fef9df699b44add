"""Real damage to real files: flipped bits in the database and in its log, a log that is cut short.

What is asserted, for each damage: either the service refuses to start, or the audit finds a fault, or nothing was lost,
that is, every transfer, every order and every account's sums are exactly what they were. (A bit may lie in a free page,
in a name, in an index that is not used; and what only a later checkpoint would seal cannot be missed.)
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.config import Config, from_environment
from shared.db.engine import UnfitDatabase
from shared.db.refusals import StoreUnavailable
from shared.db.store import Store
from shared.db.unit import Reader
from shared.payments import audit, sealing
from tests.examples import IS_FULL
from tests.world import SECRET, World

FLIPS = 1500 if IS_FULL else 40
CUTS = 200 if IS_FULL else 12
MONEY = (
    "SELECT * FROM ledger_transfer ORDER BY seq",
    "SELECT * FROM payments_order ORDER BY id",
    "SELECT code, currency, debits_posted, credits_posted, debits_pending, credits_pending FROM ledger_account"
    " ORDER BY code",
)

Money = list[list[tuple[object, ...]]]


@dataclass(frozen=True)
class Image:
    """The files of a database as a crash leaves them, and the money that they hold."""

    folder: Path
    money: Money

    def damaged(self, folder: Path, name: str, change: Callable[[bytearray], None]) -> Config:
        """A copy with one of its files changed; the settings of an installation on it."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        content = bytearray((folder / name).read_bytes())
        change(content)
        (folder / name).write_bytes(content)
        return settings(folder)


def settings(folder: Path) -> Config:
    return from_environment({"SAOMA_DATA_DIR": str(folder)})


def money(reader: Reader) -> Money:
    return [reader.sql.rows(statement) for statement in MONEY]


@pytest.fixture
def image(sqlite_world: World, tmp_path: Path, open_store: Callable[[str], Store]) -> Image:
    """Half of the payments in the file itself, the others and the newest checkpoint in the log alone."""
    place = Path(str(sqlite_world.store._writer.url).removeprefix("sqlite:///"))
    config = settings(tmp_path)
    assert place == tmp_path / "saoma.db"
    live(sqlite_world, config, 8)
    sqlite_world.store.close()

    world = World(open_store(config.database_url))
    live(world, config, 8)
    folder = tmp_path / "image"
    folder.mkdir()
    for name in ("saoma.db", "saoma.db-wal", "saoma.db.head"):
        shutil.copyfile(tmp_path / name, folder / name)
    assert (folder / "saoma.db-wal").stat().st_size > 50_000
    return Image(folder, world.store.read(money))


def live(world: World, config: Config, payments: int) -> None:
    number = world.now() % 100_000
    ana, li = world.person(f"ana{number}"), world.person(f"li{number}")
    shop = world.shop(f"tea{number}")
    for amount in range(1, payments + 1):
        world.execute(world.payment(ana, world.intent(shop, amount * 100), shop))
        world.execute(world.transfer(li, ana, amount))
        if amount % 3 == 0:
            sealing.seal_due(world.store, config=config, secret=SECRET)
    sealing.seal_due(world.store, config=config, secret=SECRET)


def outcome(config: Config, before: Money) -> str:
    """`refused` at start, `found` by the audit, `harmless`; or what was lost without a word."""
    try:
        sealing.check_served(config)
    except UnfitDatabase as error:
        return "refused" if "\n" not in str(error) else "REFUSED IN MORE THAN ONE LINE"
    store = Store(config.database_url)
    try:
        if store.read(audit.run, config=config).faults:
            return "found"
        return "harmless" if store.read(money) == before else "LOST WITHOUT A WORD"
    except (StoreUnavailable, ValueError):  # ValueError: an error of SQLite's with damaged text in it
        return "found"
    finally:
        store.close()


def flipped(bit: int) -> Callable[[bytearray], None]:
    def flip(content: bytearray) -> None:
        content[bit // 8] ^= 1 << bit % 8

    return flip


def test_an_undamaged_image_is_sound(image: Image, tmp_path: Path) -> None:
    config = image.damaged(tmp_path / "copy", "saoma.db-wal", lambda content: None)
    assert outcome(config, image.money) == "harmless"


@pytest.mark.parametrize("name", ["saoma.db", "saoma.db-wal"])
def test_a_flipped_bit_is_found_or_harmless(image: Image, tmp_path: Path, name: str) -> None:
    written = [place for place, byte in enumerate((image.folder / name).read_bytes()) if byte]
    dice = random.Random(f"bits of {name}")
    seen = Counter[str]()
    for _ in range(FLIPS):
        bit = dice.choice(written) * 8 + dice.randrange(8)  # where nothing is written there is little to break
        config = image.damaged(tmp_path / "copy", name, flipped(bit))
        what = outcome(config, image.money)
        assert what in ("refused", "found", "harmless"), f"bit {bit} of {name}: {what}"
        seen[what] += 1
    assert seen["refused"] + seen["found"] > 0


def test_a_log_that_is_cut_short_is_refused(image: Image, tmp_path: Path) -> None:
    """The last of its commits is a checkpoint that was filed: without it, or more, the head is not reached."""
    size = (image.folder / "saoma.db-wal").stat().st_size
    dice = random.Random("cuts")
    for cut in [0, size // 2, *(dice.randrange(size * 3 // 4) for _ in range(CUTS))]:
        config = image.damaged(
            tmp_path / "copy", "saoma.db-wal", lambda content, cut=cut: content.__delitem__(slice(cut, None))
        )  # type: ignore[misc]
        what = outcome(config, image.money)
        assert what == "refused", f"cut at {cut} of {size}: {what}"


def test_a_log_that_is_gone_is_refused(image: Image, tmp_path: Path) -> None:
    config = image.damaged(tmp_path / "copy", "saoma.db-wal", bytearray.clear)
    (tmp_path / "copy" / "saoma.db-wal").unlink()
    assert outcome(config, image.money) == "refused"


@pytest.mark.parametrize("what", ["amount_minor", "created_at"])
def test_one_edited_value_in_the_file_is_named_by_its_row(image: Image, tmp_path: Path, what: str) -> None:
    """Not through the database: the very bytes of one row, so that no trigger and no check could see it."""
    row = image.money[0][-1]
    config = settings(image.folder)
    store = Store(config.database_url)  # folds the log into the file as it closes
    names = [column[1] for column in store.read(lambda reader: reader.sql.rows("PRAGMA table_info(ledger_transfer)"))]
    store.close()
    value = int(str(row[names.index(what)]))
    width = next(width for width in (1, 2, 3, 4, 6, 8) if -(2 ** (8 * width - 1)) <= value < 2 ** (8 * width - 1))
    old, new = value.to_bytes(width, "big"), (value ^ 1).to_bytes(width, "big")
    mark, debit = (str(row[names.index(name)]).encode() for name in ("id", "debit_account"))

    def edit(content: bytearray) -> None:
        """In the table's own row, where the id is followed by the accounts; indexes hold the id alone."""
        at = content.find(mark + debit)
        place = content.find(old, at, at + 300)
        assert min(at, place) > 0
        content[place : place + width] = new

    config = image.damaged(tmp_path / "copy", "saoma.db", edit)
    store = Store(config.database_url)
    try:
        faults = store.read(audit.run, config=config).faults
    finally:
        store.close()
    assert faults
    assert faults[0].seq == row[names.index("seq")]
