"""The tour: every screen that is pictured, in the order in which it is visited. One line more is one more."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.screens import developer
from tests.screens.cast import PATIENCE_MS, Cast

Step = Callable[[Cast, Page], object]


def _stay(cast: Cast, page: Page) -> None:
    """Nothing to press."""


@dataclass(frozen=True)
class Screen:
    """One picture: whose page, where, what must be there before it is taken, and what is pressed first.

    `path` may be made from the cast, when the page needs something that is made for it; `after` is for later screens.
    """

    name: str
    title: str
    who: str
    path: str | Callable[[Cast], str]
    ready: str
    act: Step = _stay
    after: Step = _stay
    is_for_phones: bool = False
    """Whether a tablet shows something else at its address."""


def _meet(cast: Cast, page: Page) -> None:
    """Ana adds Li, Li says yes, and they send each other something."""
    page.locator("#add").click()
    page.locator("#contact").wait_for()
    li = cast.pages["li"]
    li.goto(f"{cast.address('li')}/contacts")
    li.locator("[data-accept]").click()
    page.goto(f"{cast.address('ana')}/send/li")
    page.locator("[data-key='8']").click()
    page.locator("#note").fill("Noodles yesterday")
    page.locator("#go").click()
    page.locator(".tick").wait_for()
    li.goto(f"{cast.address('li')}/contacts/ana/ask")
    li.locator("[data-key='5']").click()
    li.locator("#go").click()
    li.wait_for_url("**/requests/**")


def _pay(cast: Cast, page: Page) -> None:
    page.locator("#go").click()
    page.locator(".tick").wait_for()
    cast.said["paid"] = page.url.rpartition("/")[2]


def _card_of_li(cast: Cast) -> str:
    li = cast.pages["li"]
    li.goto(f"{cast.address('li')}/card")
    return "/q#" + (li.locator("[data-copy]").first.get_attribute("data-copy") or "").partition("#")[2]


def _opened_sheet(opener: str, sheet: str) -> Step:
    def act(cast: Cast, page: Page) -> None:
        page.locator(opener).click()
        page.locator(f"{sheet}[open]").wait_for()

    return act


def _typed(*keys: str) -> Step:
    def act(cast: Cast, page: Page) -> None:
        for key in keys:
            page.locator(f"[data-key='{key}']").click()

    return act


def _collecting(cast: Cast, page: Page) -> None:
    _typed("2", "5")(cast, page)
    page.locator("#code[data-amount='2500']:not(.stale) svg").wait_for()


def _charged_above_the_limit(cast: Cast) -> str:
    """A shop takes Ana's pay code for more than her phone lets go unasked."""
    ana = cast.pages["ana"]
    ana.goto(f"{cast.address('ana')}/pay-code")
    number = ana.locator("#number")
    expect(number).to_have_text(re.compile(r"(\d\D*){18}"), timeout=PATIENCE_MS)
    digits = "".join(filter(str.isdigit, number.inner_text()))
    ana.goto("about:blank")  # the page would go to the question by itself
    charged = cast.services.till().charge(48_000, reference="T-9")
    cast.services.till().accept(str(charged["id"]), digits)
    return f"/confirm/{charged['id']}"


def _login_of_visitor(cast: Cast) -> str:
    """Another browser wishes to be signed in by Ana's phone."""
    visitor = cast.pages["visitor"]
    visitor.goto(f"{cast.address('visitor')}/login")
    code = visitor.locator("#code[data-login]")
    code.wait_for()
    return "/l#" + (code.get_attribute("data-login") or "").rpartition("#")[2]


def _decline(cast: Cast, page: Page) -> None:
    page.locator("#decline").click()
    page.locator("#decline").wait_for(state="detached")


def _checkout(cast: Cast) -> str:
    cast.code(2800, reference="T-7", memo="Jasmine tea, Red bean soup")
    return f"/checkout/{cast.said['intent']}"


def _paid_sale(cast: Cast, page: Page) -> None:
    ana = cast.pages["ana"]
    link = page.locator("#link").input_value()
    ana.goto(f"{cast.address('ana')}/q#{link.partition('#')[2]}")
    ana.locator("#go").click()
    page.locator("#checkout[data-state=paid]").wait_for()
    page.locator("main").click(position={"x": 5, "y": 5})  # somebody touches it, so it does not go back by itself


def _first(path: str, link: str, who: str = "till") -> Callable[[Cast], str]:
    """The address behind the first such link on a page."""

    def find(cast: Cast) -> str:
        page = cast.pages[who]
        page.goto(cast.address(who) + path)
        return page.locator(link).first.get_attribute("href") or ""

    return find


def _filled(cast: Cast, page: Page) -> None:
    for turn in (0, 0, 4):
        page.locator(".good-tile").nth(turn).click()
    page.evaluate("scrollTo(0, 0)")


def _being_charged(cast: Cast) -> str:
    """The display of a till that shows a code."""
    page = cast.pages["till"]
    page.goto(cast.address("till") + "/")
    _filled(cast, page)
    page.locator("#charge").click()
    page.locator("#checkout[data-state=waiting]").wait_for()
    return "/display"


def _dispute(cast: Cast, page: Page) -> None:
    """Ana complains about what she paid."""
    page.locator("#words").fill("The tea was cold, and nobody had time to talk about it.")
    page.locator("#go").click()
    page.wait_for_url("**/disputes/dsp_*")
    cast.said["dispute"] = page.url.rpartition("/")[2]


WALLET = (
    Screen("welcome", "Welcome", "visitor", "/welcome", "#name"),
    Screen("contact-opened", "A contact card, scanned", "ana", _card_of_li, "#add", after=_meet),
    Screen("confirm", "Confirm what a shop asks", "ana", lambda cast: f"/q#{cast.code(1250)}", "#go", after=_pay),
    Screen("paid", "Paid", "ana", lambda cast: f"/paid/{cast.said['paid']}", ".tick"),
    Screen("receipt", "Receipt with its proof", "ana", lambda cast: f"/receipts/{cast.said['paid']}", "[data-qr] svg"),
    Screen("pin", "Above the limit: choosing a PIN", "ana", lambda cast: f"/q#{cast.code(25_000)}", "#go",
           act=_opened_sheet("#go", "#pin-sheet")),
    Screen("home", "Home", "ana", "/", "#recent"),
    Screen("scan", "Scan", "ana", "/scan", "#finder"),
    Screen("pay-code", "Pay code", "ana", "/pay-code", "#drawing svg"),
    Screen("confirm-request", "A shop asks the phone", "ana", _charged_above_the_limit, "#go", after=_decline),
    Screen("collect", "Collect", "ana", "/collect", "#code:not(.stale) svg", act=_collecting),
    Screen("card", "My contact card", "ana", "/card", "[data-qr] svg"),
    Screen("contacts", "Contacts", "ana", "/contacts", "#known"),
    Screen("contact", "A contact with its safety number", "ana", "/contacts/li", "#contact"),
    Screen("send", "Send money", "ana", "/send/li", "#go", act=_typed("1", "2", ".", "5")),
    Screen("ask", "Ask a contact for money", "ana", "/contacts/li/ask", "#go", act=_typed("3", "0")),
    Screen("requests", "Money requests", "ana", "/requests", "#lists"),
    Screen("statement", "Statement", "ana", "/statement", "#entries"),
    Screen("bank", "Demo bank", "ana", "/bank", "#balance"),
    Screen("top-up", "Top up from the demo bank", "ana", "/bank/top-up", "main", act=_typed("5", "0")),
    Screen("withdraw", "Withdraw to the demo bank", "ana", "/bank/withdraw", "#go", act=_typed("2", "0")),
    Screen("poster", "A receive code to print", "ana", "/poster", "[data-qr] svg"),
    Screen("me", "Me", "ana", "/me", "#sounds"),
    Screen("security", "Security", "ana", "/security", "#freezing"),
    Screen("devices", "Devices", "ana", "/devices", "#devices"),
    Screen("limits", "Limits", "ana", "/limits", "#limits"),
    Screen("doctor", "What this phone can do", "ana", "/doctor", "#checks"),
    Screen("offline", "Without a connection", "ana", "/offline", "main"),
    Screen("sign-in-by-phone", "Sign in with another phone", "visitor", "/login", "#drawing svg"),
    Screen("approve", "A browser asks this phone to be signed in", "ana", _login_of_visitor, "#approve"),
    Screen("start", "Where a real phone begins", "phone", "/start", "main"),
    Screen("certificate", "The certificate to trust", "phone", "/ca", "main"),
    Screen("choice", "The launcher on a narrow screen", "launcher", "/", ".choice", is_for_phones=True),
)  # fmt: skip
TILL = (
    Screen("till-sign-in", "Till: sign in", "visitor-at-the-till", "/signin", "#signin"),
    Screen("till", "Till: goods and keypad", "till", "/", "#register",
           act=_filled),
    Screen("checkout", "Till: the code to scan", "till", _checkout, "#checkout[data-state=waiting]", after=_paid_sale),
    Screen("checkout-paid", "Till: paid", "till", lambda cast: f"/checkout/{cast.said['intent']}",
           "#checkout[data-state=paid]"),
    Screen("sales", "Till: sales", "till", "/sales", "main"),
    Screen("sale", "Till: one sale", "till", lambda cast: f"/sales/{cast.said['intent']}", "main"),
    Screen("refund", "Till: a refund", "till", lambda cast: f"/sales/{cast.said['intent']}/refund", "main"),
    Screen("sales-receipt", "The receipt that a shop gives", "till",
           lambda cast: _first(f"/sales/{cast.said['intent']}", "a[href*='/r/']")(cast), "main"),
    Screen("dispute-new", "Complain about a payment", "ana",
           lambda cast: f"/disputes/new?payment={cast.said['paid']}", "#words", after=_dispute),
    Screen("dispute", "A complaint", "ana", lambda cast: f"/disputes/{cast.said['dispute']}", "main"),
    Screen("dispute-answer", "Till: answer a complaint", "till",
           lambda cast: f"/disputes/{cast.said['dispute']}", "main"),
    Screen("insight", "Till: insight", "till", "/insight", "svg"),
    Screen("money", "Till: money", "till", "/money", "main"),
    Screen("batch", "Till: one settlement batch", "till", _first("/money", "a[href*='/money/batches/']"), "main"),
    Screen("shop", "Till: the shop", "till", "/shop", "main"),
    Screen("items", "Till: items", "till", "/items", "main"),
    Screen("item", "Till: one item", "till", _first("/items", "a[href*='/items/itm_']"), "main"),
    Screen("people", "Till: people", "till", "/people", "main"),
    Screen("shift", "Till: the shift", "till", "/shift", "main"),
    Screen("report", "Till: a Z report", "till", _first("/shifts", "a[href*='/shifts/'] >> nth=1"), "main"),
    Screen("activity", "Till: who did what", "till", "/activity", "main"),
    Screen("sound-box", "Till: the sound box", "till", "/sound-box", "main"),
    Screen("display", "Till: the customer's display", "till", _being_charged, "[data-qr] svg"),
    Screen("open-shop", "Open a shop", "visitor-at-the-till", "/open", "main"),
    Screen("operator", "Operator: the console", "operator", "/operator", "main"),
    Screen("operator-ledger", "Operator: the ledger", "operator", "/operator/ledger", "main"),
    Screen("shop-code", "Till: the shop's printed code", "till", "/static-code", "[data-qr] svg"),
)  # fmt: skip
DEVELOPER = (
    Screen("developer", "Developer", "till", "/developer", "main"),
    Screen("keys", "Developer: API keys", "till", "/developer/keys", "#keys"),
    Screen("hosted", "The hosted checkout page", "customer", developer.hosted, "#paying"),
    Screen("story", "Developer: the story of a payment", "till", developer.story, "#inspector"),
    Screen("inspector", "Developer: what crossed the wire", "till", "/inspector", "#entries li"),
    Screen("webhooks", "Developer: webhooks", "till", "/developer/webhooks", "#endpoints"),
    Screen("delivery", "Developer: one delivery", "till",
           _first("/developer/webhooks", "a[href*='/deliveries/']"), "#delivery"),
    Screen("lab", "Developer: the lab", "till", "/lab", "#clock"),
    Screen("wechatpay", "Developer: WeChat Pay", "till", developer.merchant, "main"),
    Screen("api", "The API's reference", "customer", "/developer/api", "main"),
)  # fmt: skip
EVERY = WALLET + TILL + DEVELOPER
