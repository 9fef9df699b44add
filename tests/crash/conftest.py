"""A store on a disk of the test's."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.db.store import Store
from tests.crash.disk import Disk
from tests.crash.driver import Driver

_numbers = itertools.count(1)


@dataclass
class OnDisk:
    """A store, the driver under it, the disk under that, and what the database file held before."""

    store: Store
    driver: Driver
    disk: Disk
    file: Path
    start: bytes


LOG_PAGES = 100
"""After about ten commits the log is carried back into the file, so that trouble falls into that too."""


@pytest.fixture
def on_disk(sqlite_url: str) -> Iterator[OnDisk]:
    """A migrated, empty database on a disk of the test's."""
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    start = file.read_bytes()
    disk = Disk(f"disk{next(_numbers)}")
    driver = Driver(disk.name)
    store = Store(sqlite_url, driver=driver, log_pages=LOG_PAGES)
    yield OnDisk(store, driver, disk, file, start)
    disk.trouble = None
    store.close()
    disk.unregister()
