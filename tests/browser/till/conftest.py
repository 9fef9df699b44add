"""A shop whose till is served, and browsers that stand at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shared.config import from_environment
from shared.payments import audit
from tests.browser import stage
from tests.browser.camera import FakeCamera
from tests.browser.conftest import PageFor
from tests.merchant.shop import Shop, open_shop
from tests.merchant.standing import signed_in
from tests.merchant.template import shop_template as shop_template
from tests.merchant.template import sqlite_world as sqlite_world
from tests.world import SECRET, Member, World
from wallet.app import create_app as create_wallet

TABLET, PHONE, SMALL = ({"width": width, "height": height} for width, height in ((1024, 768), (390, 844), (320, 640)))
DESK = {"width": 1280, "height": 800}
Open = Callable[..., Page]
Stand = Callable[..., tuple[Page, FakeCamera]]


@dataclass
class Place:
    """A shop with its till, and a wallet, over one database."""

    shop: Shop
    till: str
    wallet: str
    page_for: PageFor

    def cashier(self, **options: Any) -> Page:
        """The till, signed in."""
        page, _ = self.page_for("cashier", **({"viewport": DESK, "reduced_motion": "reduce"} | options))
        page.goto(f"{self.till}/signin")
        page.fill("#pin", self.shop.told["pin"])
        expect(page.locator("#register")).to_be_visible()
        page.wait_for_load_state()
        return page

    def phone(self, **options: Any) -> Page:
        """Ana's phone, just joined."""
        page, _ = self.page_for("ana", **({"viewport": PHONE, "reduced_motion": "reduce"} | options))
        page.goto(f"{self.wallet}/welcome")
        page.fill("#name", "Ana")
        page.locator("#name-step .primary").click()
        page.locator("#skip").click()
        expect(page.locator("#recent")).to_be_visible()
        page.wait_for_load_state()
        return page

    def code(self, page: Page) -> str:
        """The way to the code on the till's screen, as Ana's phone opens it."""
        return f"{self.wallet}/q#" + page.locator("#link").input_value().partition("#")[2]


@pytest.fixture
def shop(sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The demo shop."""
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    return open_shop(sqlite_world.store, tmp_path / "data")


@pytest.fixture
def ana(shop: Shop) -> Member:
    """A customer with 1,000.00."""
    return shop.world.person("ana")


@pytest.fixture
def address(shop: Shop) -> Iterator[str]:
    """Where its till is served."""
    with stage.serving(shop.app) as url:
        yield url


@pytest.fixture
def stand(shop: Shop, address: str, page_for: PageFor) -> Stand:
    """`stand("/sales", who="Wu", host="…", script="…")`: a page at which somebody of the shop is signed in, and its
    camera. `script` runs in every page of that browser; further options are the browser's.
    """

    def open_page(
        path: str = "/", *, who: str = "May", host: str = "127.0.0.1", script: str = "", **options: Any
    ) -> tuple[Page, FakeCamera]:
        page, camera = page_for(who, **({"viewport": TABLET, "reduced_motion": "reduce"} | options))
        if script:
            page.context.add_init_script(script)
        base = address.replace("127.0.0.1", host)
        cookies = signed_in(shop, who).client._cookies.values()
        page.context.add_cookies([{"name": each.key, "value": each.value, "url": base} for each in cookies])
        page.goto(base + path)
        page.wait_for_load_state()
        return page, camera

    return open_page


@pytest.fixture
def till(stand: Stand) -> Open:
    """`till("/sales")`: such a page alone."""
    return lambda *path, **options: stand(*path, **options)[0]


@pytest.fixture
def place(sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page_for: PageFor) -> Iterator[Place]:
    """Both, served; the books are right when the test ends."""
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    shop = open_shop(sqlite_world.store, tmp_path / "data")
    wallet = create_wallet(from_environment({"SAOMA_DATA_DIR": str(tmp_path)}), sqlite_world.store)
    with stage.serving(shop.app) as till, stage.serving(wallet) as phones:
        yield Place(shop, till, phones, page_for)
    assert sqlite_world.store.read(audit.run).faults == []
