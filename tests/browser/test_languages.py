"""Pages in other words: the choice of a language, long words that must not burst a page, text twice as large."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from shared.codes import frame as frames
from shared.config import from_environment
from shared.web.catalog import Catalog
from tests.browser import looks, people, stage
from tests.browser.conftest import PageFor
from tests.merchant.shop import Shop, open_shop
from tests.world import SECRET, World
from wallet.app import create_app

PSEUDO = "de"
"""The long words stand in for a real language: dates and numbers are written by its rules too."""
ACCENTS = str.maketrans("aeiouyAEIOUcn", "áëïöüÿÀÉÎÕÛçñ")
NARROW, USUAL = {"width": 320, "height": 640}, {"width": 390, "height": 844}

SPILT = """() => [...document.querySelectorAll('a, button, label, h1, h2, h3, dt, dd, .badge, .name, .notice')]
  .filter(e => e.checkVisibility() && !e.closest('.vh, .skip, .finder, .chips, .tabs, [hidden]'))
  .filter(e => {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    const cut = style.overflowX !== 'visible' && style.textOverflow !== 'ellipsis' && e.scrollWidth > e.clientWidth + 1;
    const isButton = e.matches('button, .btn');
    const spilt = isButton && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
    return box.width && (cut || spilt || box.right > innerWidth + 1 || box.left < -1);
  }).map(e => e.outerHTML.slice(0, 100))"""

WIDEST = """() => [...document.body.querySelectorAll('*')]
  .filter(e => e.checkVisibility() && !e.closest('.vh, .skip, .chips, .tabs'))
  .sort((one, other) => other.getBoundingClientRect().right - one.getBoundingClientRect().right)[0]
  .outerHTML.slice(0, 100)"""


def longer(sentence: str) -> str:
    """The sentence in accents, in brackets, and at least two fifths longer; its `{places}` stay."""
    parts = re.split(r"(\{\w+\})", sentence)
    text = "".join(part if part.startswith("{") else part.translate(ACCENTS) for part in parts)
    more = max(2, len(sentence) * 2 // 5)
    padding = " ".join(["ïpsüm"] * (more // 6)) or "ö" * more
    return f"[{text} {padding}]" if " " in text else f"[{text}{padding}]"


def teach(app: Flask) -> None:
    """Let an app speak the long words."""
    catalog: Catalog = app.extensions["saoma_catalog"]
    catalog.learn(PSEUDO, {key: longer(catalog.sentence("en", key)) for key in sorted(catalog.keys())})


def speak(context: BrowserContext, address: str, language: str) -> None:
    context.add_cookies([{"name": "saoma_lang", "value": language, "url": address}])


def plain_pages(app: Flask, *beside: str) -> list[str]:
    """The addresses of an app that take no argument and may show a page; `beside` are those of other kinds."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    no_pages = re.compile(r"/(api|v1|static|events|healthz|readyz|metrics|join|demo)\b|\.\w+$")
    return sorted({rule.rule for rule in rules if not no_pages.search(rule.rule)} - set(beside))


def judge(page: Page, name: str) -> list[str]:
    """What bursts on the page as it stands: on a small and a usual phone, and with text twice as large."""
    found = []
    for size in (NARROW, USUAL):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        if looks.overflow_px(page):
            found.append(f"{name} is {looks.overflow_px(page)} px wider than {size['width']}")
        found += [f"{name} at {size['width']}: {element}" for element in page.evaluate(SPILT)]
    looks.picture(page, f"long-{name.strip('/').replace('/', '-') or 'home'}", full_page=True)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    if looks.overflow_px(page):
        found.append(f"{name} with large text is {looks.overflow_px(page)} px wider: {page.evaluate(WIDEST)}")
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found


@pytest.fixture
def wallet(sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    return create_app(from_environment({"SAOMA_DATA_DIR": str(tmp_path)}), sqlite_world.store)


@pytest.fixture
def address(wallet: Flask) -> Iterator[str]:
    with stage.serving(wallet) as url:
        yield url


@pytest.fixture
def join(address: str, page_for: PageFor) -> Callable[..., Page]:
    def enter(name: str, language: str = "en") -> Page:
        page, _ = page_for(name.lower(), viewport=USUAL, reduced_motion="reduce")
        speak(page.context, address, language)
        page.goto(f"{address}/welcome")
        page.fill("#name", name)
        page.locator("#name-step .primary").click()
        page.locator("#skip").click()
        expect(page.locator("#recent")).to_be_visible(timeout=people.PATIENCE_MS)
        return page

    return enter


def test_the_choice_turns_the_page_over_and_holds_for_the_next(join: Callable[..., Page], address: str) -> None:
    page = join("Ana")
    page.goto(f"{address}/me")
    page.locator("[data-language=zh]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("h1")).to_have_text("我")
    page.locator("nav.bar a").first.click()
    expect(page.locator("#balance-label")).to_have_text("余额")


def test_before_signing_in_the_choice_keeps_the_code_that_brought_somebody_here(
    page_for: PageFor, address: str
) -> None:
    page, _ = page_for("ana", locale="zh-CN")
    page.goto(f"{address}/welcome#123")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.locator("[data-language=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/welcome#123")


def test_long_words_and_large_text_burst_no_page_of_the_wallet(
    join: Callable[..., Page], wallet: Flask, address: str, sqlite_world: World
) -> None:
    teach(wallet)
    shop, li = sqlite_world.shop("tea"), sqlite_world.person("li")
    page = join("Ana", PSEUDO)
    page.goto(f"{address}/{frames.code_text('', sqlite_world.intent(shop, 1250).code).removeprefix('/')}")
    expect(page.locator("#go")).to_contain_text("12,50")
    burst = judge(page, "/q pay")
    page.locator("#go").click()
    page.wait_for_url("**/paid/*")
    burst += judge(page, "/paid")
    page.goto(page.url.replace("/paid/", "/receipts/"))
    burst += judge(page, "/receipt")
    for path in [*plain_pages(wallet), f"/send/{li.handle}"]:
        answer = page.goto(address + path)
        if answer and answer.headers.get("content-type", "").startswith("text/html"):
            page.wait_for_load_state()
            burst += judge(page, path)
    assert not burst, "\n" + "\n".join(burst)


def test_long_words_and_large_text_burst_no_page_of_the_till(
    sqlite_world: World, tmp_path: Path, page_for: PageFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    shop: Shop = open_shop(sqlite_world.store, tmp_path / "data")
    teach(shop.app)
    page, _ = page_for("cashier", viewport=USUAL, reduced_motion="reduce")
    with stage.serving(shop.app) as url:
        speak(page.context, url, PSEUDO)
        page.goto(f"{url}/signin")
        burst = judge(page, "/signin")
        page.fill("#pin", shop.told["pin"])
        expect(page.locator("#register")).to_be_visible(timeout=people.PATIENCE_MS)
        page.wait_for_load_state()
        page.keyboard.press("9")
        page.keyboard.press("Enter")
        expect(page.locator("#checkout")).to_be_visible(timeout=people.PATIENCE_MS)
        burst += judge(page, "/checkout")
        page.goto(page.url.replace("/checkout/", "/sales/"))
        burst += judge(page, "/sale")
        parts = ("/insight/figures", "/display/now", "/sales/rows", "/sound-box/rows")
        for path in plain_pages(shop.app, "/signin", *parts):
            page.goto(url + path)
            burst += judge(page, f"till {path}")
    assert not burst, "\n" + "\n".join(burst)
