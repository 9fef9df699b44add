"""Paying in real browsers: from the tap on Scan to the confirm page, and from Pay to Paid on the till's page.

Two browsers on one computer, so one clock times both. The phone's camera sees what stands on the till's screen. The
pages note their own moments: driving them takes time that no person would wait for.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from shared.testing import browser as browsers
from tests.bench.measure import Measure, of_waits
from tests.bench.rounds import Goal, Subject
from tests.bench.scale import Scale
from tests.browser import people
from tests.browser.camera import FakeCamera
from tests.services import Services

GOALS = [
    Goal("from the tap on Scan, a code in view, to the confirm page (ms)", "scan", at_most=1000, top="p50_ms"),
    Goal("from Pay on the phone to Paid on the till's page (ms)", "pay", at_most=300, top="p50_ms"),
]
PHONE = {"width": 390, "height": 844}
TABLET = {"width": 1024, "height": 768}

NOTE = """addEventListener('click', ({ target }) => {
  if (target.closest?.("nav a[href$='/scan'], #go")) sessionStorage.tapped = Date.now();
}, true);
const isThere = () => document.querySelector('#checkout[data-state=paid]')
  ?? document.querySelector('#go')?.checkVisibility();
const look = () => { if (!globalThis.shown && isThere()) globalThis.shown = Date.now(); };
new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });"""


@contextmanager
def stage(folder: Path, playwright: Playwright, path: str) -> Iterator[tuple[Services, Page, Page, FakeCamera]]:
    """The services with a till that is signed in and a phone that has joined, each in a browser of its own."""
    with ExitStack() as stack:
        data = folder / "services"
        data.mkdir()
        services = Services(data)
        stack.callback(services.finish)
        services.seed()
        services.start("wallet")
        services.start("merchant")
        camera = FakeCamera(folder / "camera.y4m")

        def opened(*arguments: str, **viewport: int) -> Page:
            running: Browser = playwright.chromium.launch(executable_path=path, args=list(arguments))
            stack.callback(running.close)
            context = running.new_context(viewport=viewport, reduced_motion="reduce")  # type: ignore[arg-type]
            context.add_init_script(NOTE)
            return context.new_page()

        till, phone = opened(**TABLET), opened(*camera.arguments, **PHONE)
        people.open_till(till, services)
        people.join(phone, services, "Ana")
        yield services, till, phone, camera


class Walk:
    """One sale after the other, each charged on the till, scanned and paid by the phone."""

    def __init__(self, services: Services, till: Page, phone: Page, camera: FakeCamera) -> None:
        self._services, self._till, self._phone, self._camera = services, till, phone, camera
        self._paid_s: list[float] = []

    def scan(self, visits: int) -> Measure:
        """So many sales; how long each confirm page took to come."""
        waits = [self._sale() for _ in range(visits)]
        return of_waits(waits, sum(waits))

    def pay(self) -> Measure:
        """How long the till took to turn to Paid, in the sales since last asked."""
        waits, self._paid_s = self._paid_s, []
        return of_waits(waits, sum(waits))

    def _sale(self) -> float:
        people.charge(self._till, "1.25")
        self._till.evaluate("globalThis.shown = 0")
        self._camera.show(Image.open(io.BytesIO(self._till.screenshot())).convert("RGB"))
        self._phone.goto(self._services.wallet)
        people.scan(self._phone)
        self._phone.locator("#go").wait_for()
        waited = self._phone.evaluate("shown - sessionStorage.tapped") / 1000
        self._phone.locator("#go").click()
        people.till_says(self._till, "paid")
        tapped = self._phone.evaluate("Number(sessionStorage.tapped)")
        self._paid_s.append((self._till.evaluate("shown") - tapped) / 1000)
        self._phone.wait_for_url("**/paid/*")
        return float(waited)


@contextmanager
def subjects(folder: Path, scale: Scale, say: Callable[[str], None]) -> Iterator[list[Subject]]:
    """A till and a phone in browsers, for as long as the block; nothing where there is no browser."""
    path = browsers.find()
    if not path:
        yield []
        return
    say("Starting a wallet, a till and two browsers…")
    with sync_playwright() as playwright, stage(folder, playwright, path) as made:
        walk = Walk(*made)
        walk.scan(1)
        walk.pay()
        about = f"{scale.visits} sales a round, camera and all"
        yield [
            Subject("scan", about, lambda _: walk.scan(scale.visits)),
            Subject("pay", "the same sales", lambda _: walk.pay()),
        ]
