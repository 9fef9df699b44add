"""A shop's day at the pages, step by step: the clerk at the till, a customer with a phone, the operator at the desk.

`figures` reads what a page says about money, so that a story can hold it against the ledger.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, expect

from tests.browser import people
from tests.browser.camera import FakeCamera, screen_picture
from tests.services import Services

_MONEY = re.compile(r"([−-]?)¥([\d,]+)\.(\d\d)")
_FACTS = "all => all.flatMap(list => [...list.children].map(each => [...each.children].map(part => part.innerText)))"


def minor(text: str) -> int:
    """The amount in a text, in minor units."""
    found = _MONEY.search(text)
    assert found, f"no amount in {text!r}"
    value = int(found[2].replace(",", "") + found[3])
    return -value if found[1] else value


def figures(part: Page | Locator) -> dict[str, int]:
    """The amounts of all lists of facts in a part of a page, each under its label."""
    return _amounts(part.locator("dl:has(dd)").evaluate_all(_FACTS))


def _amounts(lists: list[list[str]]) -> dict[str, int]:
    return {label.split("\n")[0]: minor(value) for label, value, *_ in lists if _MONEY.search(value)}


def figures_at(page: Page, path: str) -> dict[str, int]:
    """The figures of another page of the same service, which is read without being opened."""
    read = "new DOMParser().parseFromString(await (await fetch(path)).text(), 'text/html')"
    facts = _FACTS.replace("innerText", "textContent")
    return _amounts(page.evaluate(f"async path => ({facts})([...({read}).querySelectorAll('dl:has(dd)')])", path))


def cells(table: Locator) -> dict[str, list[str]]:
    """A table's body, each row under its first cell."""
    rows = table.locator("tbody tr").evaluate_all("rows => rows.map(row => [...row.cells].map(each => each.innerText))")
    return {first.strip(): rest for first, *rest in rows}


@dataclass
class Phone:
    """A customer's phone, joined, with its camera."""

    page: Page
    camera: FakeCamera
    services: Services

    @property
    def handle(self) -> str:
        """What the wallet calls its owner."""
        self.page.goto(self.services.wallet)
        found = re.search(r"@([\w.-]+)", self.page.locator(".hero").inner_text())
        assert found
        return found[1]

    @property
    def balance_minor(self) -> int:
        """What the home page shows."""
        self.page.goto(self.services.wallet)
        return minor(self.page.locator("#amount").inner_text())

    def look_at(self, seen: Page, selector: str | None = None) -> None:
        """Scan what stands on another screen."""
        self.camera.show(screen_picture(seen, selector))
        self.page.goto(self.services.wallet)
        people.scan(self.page)

    def follow(self, link: str) -> None:
        """Open a code's link, as the phone's own camera app does."""
        self.page.goto(f"{self.services.wallet}/q#{link.partition('#')[2]}")

    def pay(self) -> str:
        """Say yes to what the phone shows; its transfer."""
        people.pay(self.page)
        return self.page.url.rpartition("/")[2].partition("?")[0]

    def show_code(self) -> str:
        """Show the pay code; the digits under it."""
        self.page.goto(f"{self.services.wallet}/pay-code")
        expect(self.page.locator("#code:not(.stale) svg")).to_be_visible(timeout=people.PATIENCE_MS)
        self.page.wait_for_function("() => document.getElementById('number').textContent.length === 22")
        return self.page.locator("#number").inner_text()

    def confirm(self, pin: str) -> str:
        """Say yes with the PIN to a shop that asks for more than goes without; the transfer."""
        self.page.wait_for_url("**/confirm/*", timeout=people.PATIENCE_MS)
        self.page.locator("#go").click()
        self._type(pin)
        self.page.wait_for_url("**/paid/*", timeout=people.PATIENCE_MS)
        return self.page.url.rpartition("/")[2].partition("?")[0]

    def authorize(self, pin: str) -> None:
        """Let the shop take the money later, with the PIN."""
        self.page.locator("#go").click()
        self._type(pin)
        expect(self.page.get_by_role("heading", name="Authorized")).to_be_visible(timeout=people.PATIENCE_MS)

    def _type(self, pin: str) -> None:
        expect(self.page.locator("#pin")).to_be_visible(timeout=people.PATIENCE_MS)
        self.page.locator("#pin").press_sequentially(pin)

    def complain(self, transfer: str, amount: str, words: str) -> None:
        """Open a dispute from a payment's receipt."""
        self.page.goto(f"{self.services.wallet}/receipts/{transfer}")
        self.page.locator("#complain a").click()
        self.page.locator(".reasons label").nth(1).click()
        self.page.fill("#amount", amount)
        self.page.fill("#words", words)
        self.page.locator("#go").click()
        expect(self.page.locator("#view")).to_have_attribute("data-state", "open")


@dataclass
class Till:
    """The register, signed in as the shop's owner."""

    page: Page
    camera: FakeCamera
    services: Services

    def open(self, path: str) -> Page:
        """One of the till's pages, with its scripts at work."""
        try:
            self.page.goto(self.services.merchant + path)
        except PlaywrightError:  # a paid checkout went back to the register at the same moment
            self.page.goto(self.services.merchant + path)
        self.page.wait_for_load_state()
        return self.page

    def sheet(self, opener: str, **fields: str) -> None:
        """Open a sheet by its button, fill it in, and send it."""
        self.page.get_by_role("button", name=opener, exact=True).click()
        sheet = self.page.locator("dialog[open]")
        for name, value in fields.items():
            sheet.locator(f"[name={name}]").fill(value)
        sheet.locator(".primary").click()
        expect(sheet).to_be_hidden(timeout=people.PATIENCE_MS)

    def ring_up(self, *names: str, typed: str = "") -> None:
        """A fresh cart of these items, each as its tile is tapped, and a typed amount."""
        self.open("/")
        expect(self.page.locator("#register[data-is-complete]")).to_be_visible(timeout=people.PATIENCE_MS)
        for name in names:
            self.page.locator(f"[data-name='{name}']").click()
        self.page.keyboard.type(typed)

    def take_share(self, which: str, text: str) -> None:
        """A discount or a tip of the whole cart."""
        self.page.locator(f"#{which}").click()
        self.page.fill("#share-text", text)
        self.page.locator("#share-do").click()

    def charge(self) -> str:
        """Show the code of what is in the cart; the payment's id."""
        self.page.locator("#charge").click()
        return self.charged()

    def charged(self) -> str:
        """The payment that the checkout waits for."""
        people.till_says(self.page, "waiting")
        self.page.wait_for_load_state()
        return self.page.url.rpartition("/")[2]

    @property
    def link(self) -> str:
        """What the code on the screen says."""
        return self.page.locator("#link").input_value()

    def look_at(self, phone: Phone) -> None:
        """Read the customer's pay code with the till's camera."""
        phone.show_code()
        self.camera.show(screen_picture(phone.page, "#drawing"))
        self.page.locator("[data-way=scan]").click()

    def type_digits(self, digits: str) -> None:
        """Type the number under the customer's pay code."""
        self.page.locator("[data-way=scan]").click()
        self.page.fill("#payer-code", digits)
        self.page.locator("#take").click()

    def says(self, state: str) -> None:
        """The checkout has come to this state by itself."""
        people.till_says(self.page, state)

    def park(self, name: str) -> None:
        """Put the cart aside."""
        self.page.locator("#park").click()
        self.page.fill("#park-name", name)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#parked")).to_be_hidden()

    def take_up(self, name: str) -> None:
        """Go on with a cart that was put aside."""
        self.page.locator("#park").click()
        self.page.locator("#parked-list li", has_text=name).locator(".take").click()
        expect(self.page.locator("#lines li").first).to_be_visible()

    def capture(self, payment: str, amount: str) -> None:
        """Take so much of what is held."""
        self.open(f"/sales/{payment}")
        self.page.get_by_role("button", name="Capture", exact=True).click()
        self.page.locator("dialog#capture").get_by_label("Amount").fill(amount)
        self.page.locator("dialog#capture .primary").click()
        expect(self.page.locator(".steps")).to_contain_text("Captured", timeout=people.PATIENCE_MS)

    def is_paid(self) -> None:
        """The checkout has said that it is paid; it goes back to the register, or on to the next part, soon after."""
        seen = self.page.locator("#checkout[data-state=paid], #register, #split").first
        expect(seen).to_be_visible(timeout=people.PATIENCE_MS)

    def refund(self, payment: str, *, line: str = "", why: str) -> None:
        """Give a payment back: all of it, or one of a line."""
        self.open(f"/sales/{payment}/refund")
        if line:
            self.page.locator("[data-how=lines]").click()
            self.page.get_by_role("button", name=f"One more {line}").click()
        self.page.get_by_text(why, exact=True).click()
        self.page.locator("#go").click()
        expect(self.page.locator(".steps")).to_contain_text("Refunded ¥", timeout=people.PATIENCE_MS)


@dataclass
class Desk:
    """The operator's console."""

    page: Page
    services: Services

    def sign_in(self) -> None:
        """With the password that the installation wrote down."""
        kept = json.loads((self.services.data_dir / "operator.json").read_text())
        self.open("/signin")
        self.page.fill("#password", kept["password"])
        self.page.locator(".primary").click()
        expect(self.page.locator(".tiles")).to_be_visible(timeout=people.PATIENCE_MS)

    def open(self, path: str) -> Page:
        """One of the console's pages."""
        self.page.goto(f"{self.services.merchant}/operator{path}")
        return self.page

    def decide_for_the_payer(self, note: str) -> None:
        """The dispute that waits for a word is lost for the shop."""
        self.open("/disputes").locator("main ul a.row").first.click()
        self.page.fill("#note", note)
        self.page.locator("[name=outcome][value=lost]").click()
        expect(self.page.locator("main")).to_contain_text(note, timeout=people.PATIENCE_MS)

    def cut_off(self) -> None:
        """Settle every shop up to now."""
        self.open("/settlement").get_by_role("button", name="Run a cut-off now").click()
        expect(self.page.locator("#batches li")).to_have_count(1, timeout=people.PATIENCE_MS)

    def hear_from_the_bank(self) -> None:
        """The payout arrived."""
        self.open("/settlement").locator("#batches summary").first.click()
        self.page.get_by_role("button", name="It arrived").click()
        expect(self.page.locator("#batches")).to_contain_text("Arrived", timeout=people.PATIENCE_MS)
