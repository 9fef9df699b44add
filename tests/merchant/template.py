"""The demo shop, opened once for many tests: each gets a copy, since its passwords are dear to hash.

Two rooms of tests take these fixtures into their conftest.py: their worlds then have the shop from the start.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from merchant import seed
from shared.config import from_environment
from shared.db.store import Store
from tests.world import SECRET, World


@pytest.fixture(scope="session")
def shop_template(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A folder with a database in which the demo shop is open, and with what its opening writes beside it."""
    folder = tmp_path_factory.mktemp("shop")
    shutil.copyfile(sqlite_template, folder / "saoma.db")
    store = Store(f"sqlite:///{folder}/saoma.db")
    config = from_environment({"SAOMA_DATA_DIR": str(folder / "data"), "SAOMA_DEMO": "1"})
    seed.seed_shop(store, config=config, secret=SECRET)
    store.close()
    assert not (folder / "saoma.db-wal").exists(), "everything is in the file"
    return folder


@pytest.fixture
def sqlite_world(shop_template: Path, tmp_path: Path, open_store: Callable[[str], Store]) -> World:
    """A world on a fresh SQLite file with the demo shop in it, which `open_shop(…, tmp_path / "data")` finds open."""
    shutil.copyfile(shop_template / "saoma.db", tmp_path / "saoma.db")
    shutil.copytree(shop_template / "data", tmp_path / "data")
    return World(open_store(f"sqlite:///{tmp_path}/saoma.db"))
