"""A small disk in memory, filled to the last block for real, with a store and with a whole service on it."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from shared.db.store import Store, StoreUnavailable
from shared.phone.client import Phone, Refused
from tests.crash import load
from tests.services import Services
from tests.world import World

SIZE = "8m"
MOST_PAYMENTS = 3000
"""More than the rest of the disk can hold."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that is a file system of its own, of 8 MB; only root may make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None:
        pytest.skip("there is no `mount` here to make a small disk with")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={SIZE}", "saoma-test", str(folder)], capture_output=True, text=True
    )
    if made.returncode:
        pytest.skip(f"this user may not mount a small disk: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Fill the disk to the last byte with a file that can be deleted."""
    ballast = disk / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        for piece in (1 << 16, 1 << 9, 1):
            try:
                while file.write(bytes(piece)) == piece:
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    assert os.statvfs(disk).f_bavail == 0
    return ballast


def test_a_disk_that_is_full_costs_no_payment_and_works_again_with_room(
    small_disk: Path, sqlite_template: Path, open_store: Callable[[str], Store]
) -> None:
    shutil.copyfile(sqlite_template, small_disk / "saoma.db")
    store = open_store(f"sqlite:///{small_disk / 'saoma.db'}")
    world = World.install(store)
    ana, tea = world.person("ana"), world.shop("tea")
    acknowledged = [world.execute(world.payment(ana, world.intent(tea, 7), tea)).transfer.id]
    last = world.payment(ana, world.intent(tea, 7), tea)

    ballast = fill(small_disk)
    with suppress(StoreUnavailable):
        for _ in range(MOST_PAYMENTS):  # what the log still has room for is paid
            acknowledged.append(world.execute(world.payment(ana, world.intent(tea, 7), tea)).transfer.id)
    with pytest.raises(StoreUnavailable):
        world.execute(last)
    assert world.balance(tea) == 7 * len(acknowledged)
    assert load.missing(store, acknowledged) == set()

    ballast.unlink()
    assert not world.execute(last).is_replay
    assert world.balance(tea) == 7 * len(acknowledged) + 7
    assert load.missing(store, [*acknowledged, last.transfer_id]) == set()
    assert load.faults(store) == []


def test_a_wallet_on_a_full_disk_says_so_and_comes_back_by_itself(small_disk: Path) -> None:
    services = Services(small_disk)
    try:
        services.start("wallet")
        ana, li = services.phone("Ana"), services.phone("Li")
        orders = [ana.order("send", li.handle, 1, "CNY") for _ in range(200)]
        assert readiness(services) == 200

        ballast = fill(small_disk)
        sent, code = send_until_refused(ana, orders)
        assert code == "store_unavailable"
        assert readiness(services) == 503
        assert li.balance()["balance_minor"] == 100_000 + sent

        ballast.unlink()
        assert readiness(services) == 200
        assert not ana.send_order(orders[sent])["is_replay"]
        assert li.balance()["balance_minor"] == 100_000 + sent + 1
        audit = services.run("run.py", "audit")
        assert audit.returncode == 0, audit.stdout + audit.stderr
    finally:
        services.finish()


def send_until_refused(phone: Phone, orders: list[str]) -> tuple[int, str]:
    """Send one order after the other; how many went through, and the code with which the next one was refused."""
    for number, order in enumerate(orders):
        try:
            phone.send_order(order)
        except Refused as refusal:
            return number, refusal.code
    raise AssertionError("the disk never was full")


def readiness(services: Services) -> int:
    """The status of `/readyz`."""
    try:
        with urllib.request.urlopen(f"{services.wallet}/readyz", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code
