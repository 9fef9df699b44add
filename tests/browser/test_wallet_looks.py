"""How the wallet's pages look: accessible, large enough for a finger, inside the window, in both schemes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.config import from_environment
from tests.browser import looks, stage
from tests.browser.conftest import PageFor
from tests.world import SECRET, World
from wallet.app import create_app

SIZES = {"usual": {"width": 390, "height": 844}, "small": {"width": 320, "height": 640}}
LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff Wei"


@pytest.fixture
def address(sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    app = create_app(from_environment({"SAOMA_DATA_DIR": str(tmp_path)}), sqlite_world.store)
    with stage.serving(app) as url:
        yield url


@pytest.fixture
def phone(address: str, page_for: PageFor) -> Callable[..., Page]:
    """`phone("Ana", width…)`: somebody who has joined."""

    def enter(name: str, **options: Any) -> Page:
        page, _ = page_for(name.split()[0].lower(), reduced_motion="reduce", **options)
        page.goto(f"{address}/welcome")
        page.fill("#name", name)
        page.locator("#name-step .primary").click()
        page.locator("#skip").click()
        expect(page.locator("#recent")).to_be_visible()
        return page

    return enter


@pytest.mark.parametrize(("scheme", "size"), looks.stood_at(SIZES))
def test_every_page_can_be_read_and_pressed(
    phone: Callable[..., Page], page_for: PageFor, sqlite_world: World, address: str, scheme: Any, size: str
) -> None:
    options = {"viewport": SIZES[size], "color_scheme": scheme}
    world, tag = sqlite_world, f"{scheme}-{size}"
    shop = world.shop("tea")
    stranger, _ = page_for("mia", reduced_motion="reduce", **options)
    stranger.goto(f"{address}/welcome")
    looks.judge(stranger, f"welcome-{tag}")
    stranger.locator("#back-again").click()
    looks.judge(stranger, f"sign-in-{tag}")
    li, ana = phone(LONG_NAME, **options), phone("Ana", **options)
    li.goto(f"{address}/card")
    card = (li.locator("[data-copy]").get_attribute("data-copy") or "").partition("#")[2]
    looks.judge(li, f"card-{tag}")

    ana.goto(f"{address}/q#{card}")
    expect(ana.locator("#add")).to_be_visible()
    looks.judge(ana, f"opened-card-{tag}")
    ana.locator("#add").click()
    expect(ana.locator("#rename")).to_be_visible()
    looks.judge(ana, f"contact-{tag}")
    handle = ana.locator("#contact").get_attribute("data-handle")
    expect(li.locator("[data-accept]")).to_be_visible()
    looks.judge(li, f"card-asked-{tag}")

    intent = world.intent(shop, 123_456_789, reference="T-1", memo="Two cups of jasmine tea and a very large bun")
    printed = seal.seal(payloads.ShopCode("tea", 156, world.now() // 1000), shop.key, world.realm)
    for frame, name in ((intent.code, "pay"), (printed, "pay-open")):
        ana.goto("about:blank")  # from one code to the next the address differs in its fragment alone
        ana.goto(f"{address}/{frames.code_text('', frame).removeprefix('/')}")
        expect(ana.locator("#go")).to_be_visible()
        looks.judge(ana, f"{name}-{tag}")
    ana.goto(f"{address}/send/{handle}")
    ana.locator("[data-key='5']").click()
    looks.judge(ana, f"send-{tag}")
    ana.locator("#go").click()
    expect(ana.locator(".tick")).to_be_visible()
    looks.judge(ana, f"paid-{tag}")
    ana.get_by_role("link", name="Receipt").click()
    expect(ana.locator("[data-qr]")).to_be_visible()
    looks.judge(ana, f"receipt-{tag}")
    proof = (ana.locator("[data-copy]").get_attribute("data-copy") or "").partition("#")[2]
    ana.goto(f"{address}/q#{proof}")
    expect(ana.get_by_text("Genuine receipt")).to_be_visible()
    looks.judge(ana, f"opened-receipt-{tag}")
    ana.goto(f"{address}/q#123")
    expect(ana.locator("#problem")).to_be_visible()
    looks.judge(ana, f"refused-{tag}")
    for path in ("", "scan", "contacts", "statement", "me"):
        ana.goto(f"{address}/{path}")
        looks.judge(ana, f"{path or 'home'}-{tag}")
    ana.goto(f"{address}/collect")
    expect(ana.locator("#code:not(.stale) svg")).to_be_visible()
    looks.judge(ana, f"collect-{tag}")
    ana.goto(f"{address}/nothing")
    looks.judge(ana, f"error-{tag}")


@pytest.mark.parametrize("path", ["", "collect", "me", "contacts", "statement", "card"])
def test_text_twice_as_large_stays_inside_the_window(phone: Callable[..., Page], address: str, path: str) -> None:
    page = phone("Ana", viewport=SIZES["usual"])
    page.goto(f"{address}/{path}")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert looks.overflow_px(page) == 0


def test_the_sheets_can_be_read_and_closed_by_keys(
    phone: Callable[..., Page], address: str, sqlite_world: World
) -> None:
    page = phone("Ana", viewport=SIZES["small"])
    shop = sqlite_world.shop("tea")
    page.goto(f"{address}/security")
    page.locator("#set-pin").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#pin")).to_be_focused()
    looks.judge(page, "sheet-pin")
    page.keyboard.press("Escape")
    expect(page.locator("#pin-sheet")).to_be_hidden()
    page.goto(f"{address}/me")
    page.locator("#leave").click()
    looks.judge(page, "sheet-leave")
    page.keyboard.press("Escape")
    page.goto(f"{address}/{frames.code_text('', sqlite_world.intent(shop, 25_000).code).removeprefix('/')}")
    page.locator("#go").click()
    expect(page.locator("#pin-title")).to_have_text("Choose a PIN")
    page.keyboard.press("Escape")
    expect(page.locator("#go")).to_be_enabled()


def test_every_control_shows_where_the_keys_are(phone: Callable[..., Page], address: str) -> None:
    page = phone("Ana", viewport=SIZES["usual"])
    for path in ("", "collect", "me"):
        page.goto(f"{address}/{path}")
        for _ in range(6):
            page.keyboard.press("Tab")
            outline = page.evaluate(
                "() => { const e = document.activeElement, s = getComputedStyle(e);"
                " return e === document.body || (parseFloat(s.outlineWidth) > 0 && s.outlineStyle !== 'none'); }"
            )
            assert outline, path
