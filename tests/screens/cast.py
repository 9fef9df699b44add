"""Who stands before the camera: the demo's people and shop with a day behind them, each signed in by the launcher."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from shared.testing.listening import Listener
from tests.services import Services

PATIENCE_MS = 60_000
PAST_DAYS = 16
"""What the shop has behind it, so that its charts and batches show something."""
SOLD = (1200, 3300, 650, 2450, 1600)


@dataclass
class Cast:
    """The services, and one page for each of those who are looked at."""

    services: Services
    network: Services
    """A wallet that is served to a network, for what a real phone sees of it."""
    pages: dict[str, Page]
    language: str
    said: dict[str, str] = field(default_factory=dict)
    """What one screen leaves for a later one: a code, an id."""

    def address(self, who: str) -> str:
        """Where somebody's pages begin."""
        config = self.services.config
        if who in ("till", "visitor-at-the-till", "operator", "customer"):
            return f"http://localhost:{config.merchant_port}"
        if who == "launcher":
            return config.launcher_url
        if who == "phone":
            return f"http://localhost:{self.network.config.wallet_port}"
        return f"http://localhost:{config.wallet_port}" + ("" if who == "visitor" else f"/w/{who}")

    def code(self, amount_minor: int, **more: object) -> str:
        """The fragment of a fresh payment code of the shop."""
        charged = self.services.till().charge(amount_minor, **more)
        self.said["intent"] = str(charged["id"])
        return str(charged["code"]).partition("#")[2]


class Receiver(Listener):
    """The shop's own program, as far as its webhooks see it."""

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """Take everything."""
        return 204


def a_day(services: Services) -> None:
    """Sales, a refund and transfers, so that no list is empty."""
    till = services.till()
    mia, bo = services.phone("Mia Wang"), services.phone("Bo Lind")
    for turn, amount_minor in enumerate(SOLD):
        charged = till.charge(amount_minor, reference=f"T-{turn + 1}")
        (mia, bo)[turn % 2].pay(str(charged["code"]))
    for sender, amount_minor in ((mia, 1850), (bo, 6200), (mia, 430)):
        sender.send("ana", amount_minor)
    till.refund(str(charged["id"]), 400, reason="Out of red bean soup")


@contextmanager
def cast(folder: Path, browser: Browser, language: str, say: Callable[[str], None]) -> Iterator[Cast]:
    """The demo running on free ports, with everybody signed in."""
    services = Services(folder / "demo", {"SAOMA_DEMO": "1"})
    network = Services(folder / "network", {"SAOMA_LAN": "1", "SAOMA_PUBLIC_HOST": "localhost"})
    receiver = Receiver()
    try:
        network.seed()
        network.start("wallet")
        services.seed(history_days=PAST_DAYS)
        for service in ("wallet", "merchant", "shared.launcher"):
            say(f"starting {service}")
            services.start(service)
        services.till().merchant.ask("POST", "/v1/webhook_endpoints", {"url": receiver.url})
        a_day(services)
        found = Cast(services, network, {}, language)
        for who in ("visitor", "phone", "visitor-at-the-till", "ana", "li", "till", "launcher", "operator", "customer"):
            found.pages[who] = _context(browser, language).new_page()
        for who in ("ana", "li", "till"):
            page = found.pages[who]
            say(f"{who} signs in")
            page.goto(f"{services.launcher}/join/{who}")
            page.locator("#amount, #register").first.wait_for()
        _open_the_console(found)
        yield found
    finally:
        receiver.close()
        services.finish()
        network.finish()


def _open_the_console(cast: Cast) -> None:
    page, kept = cast.pages["operator"], cast.services.data_dir / "operator.json"
    page.goto(f"{cast.address('operator')}/operator/signin")
    page.fill("#password", json.loads(kept.read_text(encoding="utf-8"))["password"])
    page.locator("#signin .primary").click()
    page.wait_for_url("**/operator")


def _context(browser: Browser, language: str) -> BrowserContext:
    context = browser.new_context(locale=language, reduced_motion="reduce", permissions=["camera"], timezone_id="UTC")
    context.set_default_timeout(PATIENCE_MS)
    return context
