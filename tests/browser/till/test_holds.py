"""Authorize on the phone, capture and give back on the till: both tell the truth at every step, without a reload."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shared.payments import intents
from shared.payments.kinds import HOLD_MS
from tests.browser import looks
from tests.browser.till.conftest import Place
from tests.examples import IS_FULL

PHONES = {"usual": {"width": 390, "height": 844}, "small": {"width": 320, "height": 640}}
TILLS = {"desktop": {"width": 1280, "height": 800}, "hand": {"width": 390, "height": 844}}


def authorize(till: Page, place: Place, keys: str) -> None:
    """Type an amount, tick that the money is taken later, show the code."""
    till.keyboard.type(keys)
    till.get_by_label("Take the money later").check()
    till.locator("#charge").click()
    expect(till.locator("#checkout")).to_have_attribute("data-state", "waiting")


def open_sheet(page: Page, act: str) -> Any:
    """The sheet that asks before it acts, opened on a page that may just have been loaded anew."""
    page.wait_for_load_state()
    page.get_by_role("button", name=act.capitalize(), exact=True).click()
    sheet = page.locator(f"dialog#{act}")
    expect(sheet).to_be_visible()
    return sheet


def test_authorized_on_the_phone_captured_and_given_back_on_the_till(place: Place) -> None:
    till, ana = place.cashier(), place.phone()
    authorize(till, place, "150")
    ana.goto(place.code(till))
    expect(ana.locator("#view")).to_contain_text(
        "The shop takes the money later, up to ¥150.00. Until then it is held."
    )
    expect(till.locator("#step-scanned")).to_have_text("Scanned by A***")
    ana.get_by_role("button", name="Authorize ¥150.00").click()
    expect(ana.get_by_role("heading", name="Authorized")).to_be_visible()
    expect(ana.locator("main")).to_contain_text("¥150.00 is held for Corner Tea House")
    expect(till.locator("#checkout")).to_have_attribute("data-state", "authorized")
    expect(till.get_by_role("heading", name="Authorized")).to_be_visible()
    ana.get_by_role("link", name="Done").click()
    expect(ana.locator("#balance")).to_contain_text("¥850.00")
    expect(ana.locator("#balance")).to_contain_text("¥150.00 held")

    till.get_by_role("link", name="Capture or void").click()
    sheet = open_sheet(till, "capture")
    expect(sheet.get_by_label("Amount")).to_have_value("150.00")
    sheet.get_by_label("Amount").fill("150.01")
    expect(sheet.locator(".primary")).to_be_disabled()
    sheet.get_by_label("Amount").fill("120")
    sheet.get_by_role("button", name="Capture ¥120.00").click()
    expect(till.locator(".steps")).to_contain_text("Captured ¥120.00")
    expect(ana.locator("#balance")).to_have_text("¥880.00", use_inner_text=True)
    expect(ana.locator("#status")).to_have_text("Corner Tea House took ¥120.00")

    till.get_by_role("link", name="Refund").click()
    till.get_by_role("button", name="Amount", exact=True).click()
    till.get_by_role("textbox", name="Amount").fill("20")
    till.get_by_label("In your own words").fill("A cup broke")
    till.get_by_role("button", name="Refund ¥20.00").click()
    expect(till.locator(".steps")).to_contain_text("Refunded ¥20.00: A cup broke")
    expect(till.locator("main")).to_contain_text("¥20.00 given back, ¥100.00 kept")
    expect(ana.locator("#status")).to_have_text("¥20.00 refunded by Corner Tea House")
    expect(ana.locator("#balance")).to_contain_text("¥900.00")
    rows = ana.locator("#recent li")
    expect(rows.nth(0)).to_contain_text("Refund from Corner Tea House")
    expect(rows.nth(1)).to_contain_text("−¥120.00")
    expect(rows.nth(2)).to_contain_text("Was held")


def test_what_is_voided_or_runs_out_is_free_again_and_both_sides_see_it(place: Place) -> None:
    till, ana = place.cashier(), place.phone()
    authorize(till, place, "150")
    ana.goto(place.code(till))
    ana.locator("#go").click()
    ana.get_by_role("link", name="Details").click()
    expect(ana.locator("#hold")).to_contain_text("Corner Tea House may take it")
    till.get_by_role("link", name="Capture or void").click()
    sheet = open_sheet(till, "void")
    sheet.get_by_role("button", name="Cancel").click()
    expect(sheet).to_be_hidden()
    till.get_by_role("button", name="Void", exact=True).click()
    sheet.get_by_role("button", name="Void").click()
    expect(till.locator(".steps")).to_contain_text("Voided, nothing was taken")
    expect(ana.locator("#hold")).to_contain_text("Corner Tea House took nothing. The money is yours again.")
    ana.goto(place.wallet)
    expect(ana.locator("#balance")).to_have_text("¥1,000.00", use_inner_text=True)

    till.goto(place.till)
    authorize(till, place, "150")
    ana.goto(place.code(till))
    ana.locator("#go").click()
    expect(till.locator("#checkout")).to_have_attribute("data-state", "authorized")
    ana.get_by_role("link", name="Details").click()
    expect(ana.locator("#hold")).to_contain_text("Corner Tea House may take it")
    place.shop.world.pass_time(HOLD_MS // 1000)
    assert place.shop.store.run(intents.expire_due) == 1
    expect(till.locator("#checkout")).to_have_attribute("data-state", "released")
    expect(till.get_by_role("heading", name="Released")).to_be_visible()
    expect(ana.locator("#hold")).to_contain_text("Corner Tea House did not take it in time. The money is yours again.")


def judge(page: Page, name: str) -> None:
    looks.judge(page, name, full_page=not page.locator("dialog[open]").count(), turns=False)


LIGHT_DESK, DARK_HAND = ("light", "desktop"), ("dark", "hand")
LIGHT_PHONE, DARK_PHONE = ("light", "usual"), ("dark", "small")


@pytest.mark.parametrize(("desk", "hand"), [(LIGHT_DESK, DARK_PHONE)] + ([(DARK_HAND, LIGHT_PHONE)] if IS_FULL else []))
def test_every_page_of_a_hold_can_be_read_and_pressed(
    place: Place, desk: tuple[Any, str], hand: tuple[Any, str]
) -> None:
    till = place.cashier(viewport=TILLS[desk[1]], color_scheme=desk[0])
    ana = place.phone(viewport=PHONES[hand[1]], color_scheme=hand[0])

    def see_phone(name: str) -> None:
        judge(ana, f"hold-phone-{name}-{'-'.join(hand)}")

    def see_till(name: str) -> None:
        judge(till, f"hold-till-{name}-{'-'.join(desk)}")

    till.get_by_label("Take the money later").check()
    see_till("keypad")
    authorize(till, place, "150")
    ana.goto(place.code(till))
    expect(ana.locator("#go")).to_be_visible()
    see_phone("ask")
    ana.locator("#go").click()
    expect(ana.locator(".tick")).to_be_visible()
    see_phone("authorized")
    expect(till.locator("#handle")).to_be_visible()
    see_till("checkout")
    id = till.url.rpartition("/")[2]
    ana.get_by_role("link", name="Details").click()
    see_phone("open")
    ana.goto(place.wallet)
    see_phone("home")
    till.locator("#handle").click()
    see_till("sale-authorized")
    for act in ("capture", "void"):
        till.locator(f"[data-opens={act}]").click()
        see_till(f"sheet-{act}")
        till.keyboard.press("Escape")
    place.shop.program().ask("POST", f"/payment_intents/{id}/capture", {"amount_minor": 12_000})
    expect(till.locator("#refund")).to_be_visible()
    body = {"payment_intent": id, "amount_minor": 2_000, "reason": "A cup of the set broke on its way"}
    place.shop.program().ask("POST", "/refunds", body)
    expect(till.locator(".steps")).to_contain_text("Refunded ¥20.00")
    see_till("sale-refunded")
    till.goto(f"{place.till}/sales")
    see_till("sales")
    ana.goto(f"{place.wallet}/statement")
    expect(ana.locator(".days > li:not(.day)")).to_have_count(4)
    see_phone("statement")
    for row, name in ((0, "refund"), (1, "capture"), (2, "ended")):
        ana.goto(f"{place.wallet}/statement")
        ana.locator(".days .row").nth(row).click()
        see_phone(name)
