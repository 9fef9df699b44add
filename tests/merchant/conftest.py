"""The demo shop, opened on a fresh SQLite file, and somebody to pay there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.merchant.shop import Browser, Program, Shop, open_shop
from tests.merchant.template import shop_template as shop_template
from tests.merchant.template import sqlite_world as sqlite_world
from tests.world import SECRET, Member, World


@pytest.fixture
def shop(sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The demo shop with its till."""
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    return open_shop(sqlite_world.store, tmp_path / "data")


@pytest.fixture
def ana(shop: Shop) -> Member:
    """A customer with 1,000.00."""
    return shop.world.person("ana")


@pytest.fixture
def browser(shop: Shop) -> Browser:
    """A browser in which the cashier is signed in."""
    return shop.browser()


@pytest.fixture
def program(shop: Shop) -> Program:
    """A program with the shop's API key."""
    return shop.program()
