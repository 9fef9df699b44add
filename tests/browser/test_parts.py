"""The look's parts, all on one page: readable, large enough, never wider than the window, in both schemes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import looks, stage
from tests.browser.conftest import PageFor, Witness

SCREENS = {"phone": (390, 844), "small phone": (320, 568), "tablet": (1024, 768)}


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    source = (Path(__file__).parent / "parts.html").read_text(encoding="utf-8")
    app = stage.build({"/parts": source}, {"/parts.js": ""})
    app.jinja_env.globals["draw"] = stage.drawing
    with stage.serving(app) as address:
        yield address


def opened(page_for: PageFor, address: str, screen: str, scheme: str) -> Page:
    width, height = SCREENS[screen]
    page, _ = page_for("ana", viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce")
    page.goto(address + ("/parts?shell=till" if screen == "tablet" else "/parts"))
    return page


@pytest.mark.parametrize(("scheme", "screen"), looks.shown(SCREENS))
def test_every_part_can_be_read_hit_and_fits(page_for: PageFor, site: str, screen: str, scheme: str) -> None:
    page = opened(page_for, site, screen, scheme)
    looks.picture(page, f"parts-{screen}-{scheme}", full_page=True)

    assert looks.violations(page) == {}
    assert looks.small_targets(page) == []
    assert looks.overflow_px(page) == 0


@pytest.mark.parametrize("screen", SCREENS)
def test_text_of_twice_the_size_still_fits(page_for: PageFor, site: str, screen: str) -> None:
    page = opened(page_for, site, screen, "light")

    page.evaluate("document.documentElement.style.fontSize = '200%'")

    assert looks.overflow_px(page) == 0


def test_the_bar_leaves_what_has_the_focus_in_view(page_for: PageFor, site: str) -> None:
    page = opened(page_for, site, "phone", "light")
    bar_top = page.locator(".bar").bounding_box()["y"]  # type: ignore[index]
    seen = 0
    for _ in range(60):
        page.keyboard.press("Tab")
        box = page.evaluate(
            """() => {
              const focused = document.activeElement;
              if (!focused.closest('main')) return null;
              const r = (focused.closest('label') ?? focused).getBoundingClientRect();
              return [r.top, r.bottom];
            }"""
        )
        if box:
            seen += 1
            assert box[0] < bar_top, f"hidden behind the bar: {page.evaluate('document.activeElement.outerHTML')}"
    assert seen > 20


def test_codes_stay_dark_on_white_in_the_dark(page_for: PageFor, site: str) -> None:
    page = opened(page_for, site, "phone", "dark")

    assert page.evaluate("getComputedStyle(document.querySelector('.code')).backgroundColor") == "rgb(255, 255, 255)"


def test_a_closed_sheet_is_not_on_the_page_and_an_open_one_is_accessible(page_for: PageFor, site: str) -> None:
    page = opened(page_for, site, "phone", "light")
    assert not page.locator("#sheet").is_visible()

    page.evaluate("document.getElementById('sheet').showModal()")

    assert page.locator("#sheet").is_visible()
    assert looks.violations(page) == {}


def test_the_checks_themselves_can_fail(page_for: PageFor) -> None:
    page, _ = page_for("ana", viewport={"width": 320, "height": 568})
    page.set_content("<html><button></button><p style='color:#bbb;width:900px'>grey</p><button>x</button></html>")

    assert {"button-name", "color-contrast", "html-has-lang"} <= set(looks.violations(page))
    assert len(looks.small_targets(page)) == 2
    assert looks.overflow_px(page) > 500


def test_the_witness_hears_what_goes_wrong(page_for: PageFor, witness: Witness, site: str) -> None:
    page = opened(page_for, site, "phone", "light")

    page.evaluate("setTimeout(() => { throw new Error('on purpose'); })")
    page.evaluate("document.head.append(Object.assign(document.createElement('script'), {text: '1'}))")
    page.evaluate("import('/static/app.js').then((app) => app.t('no.such'))")
    page.evaluate("new Promise((done) => setTimeout(done))")

    witness.expect("on purpose")
    witness.expect("Content Security Policy")
    witness.expect("no.such")
