"""Paying in real browsers: from the tap on Scan to the confirm page, and from Pay to Paid on the till's page.

Two browsers on one computer, so one clock times both. The phone's camera sees what stands on the till's screen. The
pages note their own moments: driving them takes time that no person would wait for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

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

_NOTE = """addEventListener('click', ({ target }) => {
  if (target.closest?.("nav a[href$='/scan']")) note('scan', Date.now());
  if (target.closest?.('#go')) note('pay', Date.now());
}, true);
const seen = new Set();
const look = (what, isThere) => {
  if (!isThere || seen.has(what)) return;
  seen.add(what);
  note(what, Date.now());
};
new MutationObserver(() => {
  look('confirm', document.querySelector('#go')?.checkVisibility());
  look('paid', document.querySelector('#checkout[data-state=paid]'));
}).observe(document, { subtree: true, childList: true, attributes: true });"""
"""What a page notes by itself: the moments of the taps, and when what they lead to stands there."""


class Moments:
    """When what happened, in milliseconds of the one clock."""

    def __init__(self) -> None:
        self._at: dict[str, int] = {}

    def note(self, what: str, at_ms: int) -> None:
        """It happened; called by the pages."""
        self._at[what] = at_ms

    def between(self, page: Page, first: str, last: str) -> float:
        """The seconds from one to the other, once both are known; both are forgotten."""
        while not {first, last} <= set(self._at):
            page.wait_for_timeout(5)  # lets the pages' notes come in
        return (self._at.pop(last) - self._at.pop(first)) / 1000


@dataclass(frozen=True)
class Stage:
    """A shop's till, a person's phone and its camera, and what their pages noted."""

    services: Services
    till: Page
    phone: Page
    camera: FakeCamera
    moments: Moments


@contextmanager
def stage(folder: Path, playwright: Playwright, path: str) -> Iterator[Stage]:
    """The services with a till that is signed in and a phone that has joined, each in a browser of its own."""
    with ExitStack() as stack:
        data = folder / "services"
        data.mkdir()
        services = Services(data)
        stack.callback(services.finish)
        services.seed()
        services.start("wallet")
        services.start("merchant")
        camera, moments = FakeCamera(folder / "camera.y4m"), Moments()

        def opened(*arguments: str, **viewport: int) -> Page:
            running: Browser = playwright.chromium.launch(executable_path=path, args=list(arguments))
            stack.callback(running.close)
            context = running.new_context(viewport=viewport, reduced_motion="reduce")  # type: ignore[arg-type]
            context.expose_function("note", moments.note)
            context.add_init_script(_NOTE)
            return context.new_page()

        till, phone = opened(**TABLET), opened(*camera.arguments, **PHONE)
        people.open_till(till, services)
        people.join(phone, services, "Ana")
        yield Stage(services, till, phone, camera, moments)


class Walk:
    """One sale after the other, each charged on the till, scanned and paid by the phone."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
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
        made = self._stage
        made.till.goto(made.services.merchant)
        people.charge(made.till, "1.25")
        made.camera.show(people.picture_of(made.till))
        made.phone.goto(made.services.wallet)
        people.scan(made.phone)
        waited = made.moments.between(made.phone, "scan", "confirm")
        made.phone.locator("#go").click()
        self._paid_s.append(made.moments.between(made.till, "pay", "paid"))
        made.phone.wait_for_url("**/paid/*")
        return waited


@contextmanager
def subjects(folder: Path, scale: Scale, say: Callable[[str], None]) -> Iterator[list[Subject]]:
    """A till and a phone in browsers, for as long as the block; nothing where there is no browser."""
    path = browsers.find()
    if not path:
        yield []
        return
    say("Starting a wallet, a till and two browsers…")
    with sync_playwright() as playwright, stage(folder, playwright, path) as made:
        walk = Walk(made)
        walk.scan(1)
        walk.pay()
        about = f"{scale.visits} sales a round, camera and all"
        yield [
            Subject("scan", about, lambda _: walk.scan(scale.visits)),
            Subject("pay", "the same sales", lambda _: walk.pay()),
        ]
