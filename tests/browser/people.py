"""What people do at the pages, step by step, as the stories need it."""

from __future__ import annotations

import io
import json
import time

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from shared.codes import read
from tests.services import Services

PATIENCE_MS = 30_000
_SCANNER = """text => {
  let at = performance.now();
  for (const [place, key] of [...text, 'Enter'].entries()) {
    const press = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
    Object.defineProperty(press, 'timeStamp', { value: at });
    (document.activeElement ?? document.body).dispatchEvent(press);
    at += place === 9 ? 100 : 10;
  }
}"""
"""A scanner's keys with their own times, which the test's keyboard cannot promise; a busy till holds them back once."""


def join(page: Page, services: Services, name: str, pin: str = "") -> None:
    """Join in two screens, and see the welcome money."""
    enter(page, services.wallet, name, pin)
    expect(page.locator("#amount")).to_have_text("¥1,000.00", timeout=PATIENCE_MS)


def enter(page: Page, address: str, name: str, pin: str = "") -> None:
    """Join the wallet at an address: a name, and a PIN typed twice or none; the page is then home."""
    page.goto(f"{address}/welcome")
    page.fill("#name", name)
    page.get_by_role("button", name="Continue").click()
    if pin:
        type_pin(page, pin)
        expect(page.locator("#pin-title")).to_have_text("Enter it again")
        type_pin(page, pin)
    else:
        page.locator("#skip").click()
    expect(page.locator("#recent")).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_load_state()


def type_pin(page: Page, pin: str) -> None:
    """Type a PIN into the field that waits for it."""
    expect(page.locator("#pin")).to_be_visible()
    expect(page.locator("#pin")).to_have_value("")
    page.locator("#pin").press_sequentially(pin)


def press(page: Page, keys: str) -> None:
    """Type an amount on the screen's keypad."""
    for key in keys:
        page.locator(f"[data-key='{key}']").click()


def open_till(page: Page, services: Services) -> None:
    """Sign in as the demo shop's cashier."""
    kept = json.loads((services.data_dir / "till.json").read_text())
    page.goto(f"{services.merchant}/signin")
    page.fill("#shop", kept["handle"])
    page.fill("#cashier", kept["cashier"])
    page.locator("#pin").press_sequentially(kept["pin"])
    expect(page.locator("#charge")).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_load_state()  # keys are for the page's scripts


def charge(page: Page, keys: str) -> None:
    """Type an amount on the till's hardware keys and charge it."""
    page.locator("body").press("Escape")
    page.keyboard.type(keys)
    page.keyboard.press("Enter")
    expect(page.locator("#checkout")).to_have_attribute("data-state", "waiting", timeout=PATIENCE_MS)


def scanner_types(page: Page, text: str) -> None:
    """A scanner at the till's USB port reads a code, and types it."""
    page.evaluate(_SCANNER, text)


def picture_of(part: Page | Locator) -> Image.Image:
    """What another device's camera sees of a page."""
    return Image.open(io.BytesIO(part.screenshot())).convert("RGB")


def read_code(part: Locator) -> str:
    """The text of the code that a part of a page shows, looked at until it can be read, as a scanner does."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while True:
        try:
            return read.read_image(part.screenshot())
        except read.NoCodeInImage:
            assert time.monotonic() < deadline, f"no code to be read at {part.page.url}"


def till_says(page: Page, state: str) -> None:
    """The checkout page is in this state, without having been loaded again."""
    expect(page.locator("#checkout")).to_have_attribute("data-state", state, timeout=PATIENCE_MS)


def scan(page: Page) -> None:
    """Tap Scan; the camera sees what it was pointed at, and the code's page opens."""
    page.locator("nav a[href$='/scan']").first.click()
    page.wait_for_url("**/q#*", timeout=PATIENCE_MS)


def pay(page: Page) -> None:
    """Press Pay and see the tick."""
    page.locator("#go").click()
    page.wait_for_url("**/paid/*", timeout=PATIENCE_MS)
    expect(page.locator("svg.tick")).to_be_visible()
