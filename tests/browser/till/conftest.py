"""A shop whose till is served, and browsers that stand at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import stage
from tests.browser.camera import FakeCamera
from tests.browser.conftest import PageFor
from tests.merchant.shop import Shop, open_shop
from tests.merchant.standing import signed_in
from tests.world import SECRET, Member, World

TABLET, PHONE, SMALL = ({"width": width, "height": height} for width, height in ((1024, 768), (390, 844), (320, 640)))
Open = Callable[..., Page]
Stand = Callable[..., tuple[Page, FakeCamera]]


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
