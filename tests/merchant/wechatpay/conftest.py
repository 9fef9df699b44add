"""A merchant's program at the demo shop: a fresh one, and one that stands for what is refused and changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.db.store import Store
from tests.merchant.shop import Shop, open_shop
from tests.merchant.wechatpay.clerk import Clerk, hired
from tests.merchant.wechatpay.receiving import Receiver, receiving
from tests.world import SECRET, World


@pytest.fixture
def clerk(shop: Shop) -> Clerk:
    """A program of the demo shop, which is a merchant."""
    return hired(shop)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A shop's address for notices."""
    with receiving() as made:
        yield made


@pytest.fixture(scope="module")
def standing_shop(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop for all tests of a module that only knock."""
    folder = tmp_path_factory.mktemp("wechatpay")
    shutil.copyfile(sqlite_template, folder / "saoma.db")
    store = Store(f"sqlite:///{folder / 'saoma.db'}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAOMA_SECRET", SECRET.decode())
        World.install(store)
        yield open_shop(store, folder / "data")
    store.close()


@pytest.fixture(scope="module")
def knocking(standing_shop: Shop) -> Clerk:
    """A program of that shop."""
    return hired(standing_shop)
