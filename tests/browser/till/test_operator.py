"""The operator's console and the opening of a shop in a browser: the walks, and how their pages look."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shared.disputes import actions as disputes
from shared.identity import parties
from tests.browser import looks
from tests.browser.conftest import PageFor
from tests.browser.till.conftest import PHONE, SMALL, TABLET
from tests.examples import IS_FULL
from tests.merchant.operator import open_desk
from tests.merchant.shop import Shop
from tests.world import Member


def test_a_shop_is_opened_in_three_screens_and_gets_its_mark(shop: Shop, address: str, page_for: PageFor) -> None:
    page, _ = page_for("owner", viewport=PHONE)
    page.goto(f"{address}/signin")
    page.locator("a[href$='/open']").click()
    page.fill("#name", "Noodle Bar")
    page.locator(".primary").click()
    page.wait_for_url("**/open/owner*")
    page.fill("#owner", "Kim")
    page.locator("#pin").press_sequentially("135790")
    expect(page.locator("#again")).to_be_focused()
    page.locator("#again").press_sequentially("135790")
    page.locator(".primary").click()
    page.wait_for_url("**/open/items")
    expect(page.locator("[data-qr] svg")).to_be_visible()
    page.locator("[name=item]").first.fill("Ramen")
    page.locator("[name=price]").first.fill("48")
    page.locator(".primary").click()
    expect(page.locator("#register")).to_contain_text("Ramen")

    page.goto(f"{address}/operator")
    page.fill("#password", open_desk(shop, is_signed_in=False).password)
    page.locator(".primary").click()
    expect(page.locator(".tiles")).to_contain_text("Unverified: 1")
    page.goto(f"{address}/operator/shops?only=unverified")
    page.locator("#parties a").click()
    page.get_by_role("button", name="Give the mark").click()
    expect(page.get_by_role("button", name="Take the mark back")).to_be_visible()
    assert shop.store.read(parties.by_handle, handle="noodle-bar").verified_at is not None
    page.get_by_text("Freeze…").click()
    page.fill("#reason", "Counterfeit ramen")
    page.get_by_role("button", name="Freeze now").click()
    expect(page.locator("#deeds")).to_contain_text("Counterfeit ramen")


@pytest.mark.parametrize(("scheme", "size"), looks.stood_at((SMALL, TABLET)))
def test_the_consoles_pages_look_right(
    shop: Shop, address: str, page_for: PageFor, scheme: str, size: dict[str, int]
) -> None:
    ana, desk, till = shop.world.person("ana"), open_desk(shop), shop.browser()
    transfer = sold(shop, ana, till.charge(123_456).json["id"])
    shop.world.pass_time(1)
    desk.decide("/operator/settlement/run")
    desk.decide(f"/operator/users/{ana.id}/frozen", is_frozen="yes", reason="Phone reported stolen by its owner")
    case = disputed(shop, ana)
    page, _ = page_for("operator", viewport=size, color_scheme=scheme, locale="zh-CN" if scheme == "dark" else "en")
    page.goto(f"{address}/operator/signin")
    looks.judge(page, f"operator-signin-{scheme}", full_page=True)
    page.fill("#password", desk.password)
    page.locator(".primary").click()
    expect(page.locator(".tiles")).to_be_visible()
    paths = ["", f"/shops/{shop.party.id}", f"/users/{ana.id}", f"/disputes/{case}", "/settlement", "/ledger"]
    paths += [f"/ledger/transfers/{transfer}"]
    if IS_FULL:
        paths += ["/shops", "/users", "/disputes", f"/ledger/accounts/user:{ana.id}", "/log"]
    for path in paths:
        page.goto(f"{address}/operator{path}")
        for fold in page.locator("details.fold > summary").all():
            fold.click()
        looks.judge(page, f"operator{path.replace('/', '-')[:16]}-{scheme}", full_page=True)
    for path in ("/open?name=Noodle+Bar", "/open/owner?name=Noodle+Bar&handle=noodle-bar"):
        page.goto(address + path)
        looks.judge(page, f"open-{len(path)}-{scheme}", full_page=True)


@pytest.mark.parametrize(("scheme", "size"), looks.stood_at((SMALL, TABLET)))
def test_an_owners_pages_look_right(
    shop: Shop, address: str, page_for: PageFor, scheme: str, size: dict[str, int]
) -> None:
    page, _ = page_for("owner", viewport=size, color_scheme=scheme, locale="en" if scheme == "dark" else "zh-CN")
    page.goto(f"{address}/open/owner?name=Noodle+Bar&handle=noodle-bar")
    page.fill("#owner", "Kim")
    for field in ("#pin", "#again"):
        page.locator(field).press_sequentially("135790")
    page.locator(".primary").click()
    page.wait_for_url("**/open/items")
    looks.judge(page, f"open-items-{scheme}", full_page=True)
    page.goto(f"{address}/shops")
    page.locator("details.fold > summary").click()
    page.fill("#handle", shop.told["handle"])
    page.fill("#name", shop.told["cashier"])
    page.fill("#pin", shop.told["pin"])
    page.locator(".fold .primary").click()
    expect(page.locator("#shops li")).to_have_count(2)
    for fold in page.locator("details.fold > summary").all():
        fold.click()
    looks.judge(page, f"shops-{scheme}", full_page=True)


def sold(shop: Shop, payer: Member, intent_id: str) -> str:
    shop.world.top_up(payer.handle, 200_000)
    return str(shop.paid_by(payer, intent_id).transfer.id)


def disputed(shop: Shop, payer: Member) -> str:
    """A dispute that the shop has answered; its id."""
    [(intent_id,)] = shop.store.read(lambda reader: reader.sql.rows("SELECT id FROM payments_intent"))
    made = shop.store.run(
        disputes.open_dispute, payer_id=payer.id, intent_id=intent_id, reason="not_received",
        words="Paid for a hundred cups and got none of them", amount_minor=100_000,
    )  # fmt: skip
    shop.store.run(disputes.answer, dispute_id=made.id, shop_id=shop.party.id, words="They were delivered at noon")
    return str(made.id)
