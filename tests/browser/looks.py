"""What can be measured about how a page looks: accessibility rules, targets, overflow, pictures to judge."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Literal, TypeVar

import axe_playwright_python
from playwright.sync_api import Page

from tests.examples import IS_FULL

Size = TypeVar("Size")

_LISTEN = """() => {
  globalThis.announced = [];
  const live = '[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]';
  new MutationObserver((changes) => {
    const places = changes.map(({ target }) => (target.closest ? target : target.parentElement));
    for (const region of new Set(places.map((place) => place?.closest(live)))) {
      const text = region?.checkVisibility() && region.textContent.trim();
      if (text) announced.push(text);
    }
  }).observe(document.body, { childList: true, characterData: true, subtree: true });
}"""

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_RULES_OF_LOOKS = ["color-contrast", "link-in-text-block", "target-size"]
"""Those of the rules that depend on colours and places; all others see the same in every look."""
_NARROW = 320
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

_SMALL = """smallest => [...document.querySelectorAll(
    'a, button, input:not([type=hidden]), select, textarea, summary, [role=button]')]
  .filter(e => !e.matches('.skip, .vh, p a') && e.checkVisibility())
  .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
  .filter(([, r]) => r.width && (r.width < smallest || r.height < smallest))
  .map(([html, r]) => `${html} is ${r.width.toFixed(1)} x ${r.height.toFixed(1)}`)"""


def shown(sizes: Iterable[Size]) -> list[tuple[str, Size]]:
    """(scheme, size) pairs that show each size and both schemes; in the full proof every size in both."""
    if IS_FULL:
        return [(scheme, size) for size in sizes for scheme in ("light", "dark")]
    return list(zip(cycle(("light", "dark")), sizes, strict=False))


def stood_at(sizes: Iterable[Size]) -> list[tuple[str, Size]]:
    """(scheme, size) pairs for pages that `judge` looks at: light and the first size; in the full proof all.

    What it looks at once more by itself, in the other scheme and a narrow window, needs no story of its own.
    """
    return shown(sizes) if IS_FULL else shown(sizes)[:1]


def violations(page: Page) -> dict[str, list[str]]:
    """The WCAG 2.2 A and AA rules that the page breaks (by axe-core), with the elements that break them."""
    return _broken(page, {"type": "tag", "values": _RULES})


def _broken(page: Page, rules: dict[str, object]) -> dict[str, list[str]]:
    if not page.evaluate("globalThis.axe !== undefined"):
        page.evaluate(_AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", rules)
    return {rule["id"]: [node["html"][:120] for node in rule["nodes"]] for rule in found["violations"]}


def small_targets(page: Page, smallest_px: float = 43.9) -> list[str]:
    """What a finger would miss: what can be pressed and is under 44 px wide or high (links in text aside)."""
    return list(page.evaluate(_SMALL, smallest_px))


def overflow_px(page: Page) -> int:
    """How many pixels the page is wider than its window; 0 is right."""
    return int(
        page.evaluate("Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)")
    )


def judge(page: Page, name: str, *, full_page: bool = False, turns: bool = True) -> None:
    """Whatever can be measured about a page as it stands; its picture is kept under that name.

    And, unless a story is played in several looks anyway, whatever a look can change, in the other scheme and a narrow
    window: it `turns`.
    """
    page.wait_for_load_state()
    picture(page, name, full_page=full_page)
    _assert_right(page, name, violations(page))
    if not turns:
        return
    with _turned(page):
        picture(page, f"{name}-turned", full_page=full_page)
        _assert_right(page, f"{name}, turned", _broken(page, {"type": "rule", "values": _RULES_OF_LOOKS}))


def _assert_right(page: Page, name: str, broken: dict[str, list[str]]) -> None:
    assert broken == {}, name
    assert small_targets(page) == [], name
    assert overflow_px(page) == 0, name


@contextmanager
def _turned(page: Page) -> Iterator[None]:
    """The page in the other scheme and a narrow window, for the length of a block."""
    size = page.viewport_size
    assert size, "a page for people has a size"
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    schemes: tuple[Literal["dark"], Literal["light"]] = ("dark", "light")
    page.emulate_media(color_scheme=schemes[is_dark], reduced_motion="reduce")
    page.set_viewport_size({"width": _NARROW, "height": size["height"]})
    yield
    page.emulate_media(color_scheme=schemes[not is_dark])
    page.set_viewport_size(size)


def listen(page: Page) -> None:
    """Note from now on what a screen reader would say of itself: every text that comes into a live region."""
    page.evaluate(_LISTEN)


def announced(page: Page) -> list[str]:
    """What was said since `listen`, in order."""
    return list(page.evaluate("announced"))


def picture(page: Page, name: str, *, full_page: bool = False) -> None:
    """Keep a screenshot under `SAOMA_TEST_PICTURES`, where that names a folder: for a person to look at."""
    folder = os.environ.get("SAOMA_TEST_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=full_page)
