"""Money between people and the bank, in browsers: asked for, paid, declined, withdrawn; and how these pages look."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from shared.payments import audit, sealing
from tests.browser import looks, people
from tests.browser.conftest import Join
from tests.world import World

DEVICES = {
    "phone": {"width": 390, "height": 844},
    "tablet": {"width": 1024, "height": 768},
}


@pytest.fixture
def friends(address: str, join: Join) -> tuple[Page, Page]:
    """Ana and Li at home, who are each other's contacts."""
    ana, li = (join(name, timezone_id="Asia/Shanghai") for name in ("Ana", "Li"))
    li.goto(f"{address}/card")
    card = (li.locator("[data-copy]").get_attribute("data-copy") or "").partition("#")[2]
    ana.goto(f"{address}/q#{card}")
    ana.locator("#add").click()
    expect(ana.locator("#rename")).to_be_visible()
    li.locator("[data-accept]").click()
    expect(li.locator("[data-accept]")).to_have_count(0)
    return ana, li


def ask(ana: Page, address: str, keys: str, note: str) -> None:
    """Ana asks Li, from Li's page."""
    ana.goto(f"{address}/contacts/li")
    ana.get_by_role("link", name="Ask for money").click()
    ana.wait_for_url("**/ask")
    ana.wait_for_load_state()
    people.press(ana, keys)
    ana.fill("#note", note)
    ana.locator("#go").click()
    expect(ana.get_by_text("Waiting")).to_be_visible()


def test_a_friend_is_asked_and_pays_or_declines_and_the_bank_gives_and_takes(
    friends: tuple[Page, Page], address: str, sqlite_world: World
) -> None:
    ana, li = friends
    li.goto(f"{address}/")
    ask(ana, address, "12.50", "Half of the taxi")
    expect(li.get_by_text("Ana asks you for ¥12.50.")).to_be_visible()
    li.get_by_role("link", name="Look").click()
    expect(li.get_by_text("Half of the taxi")).to_be_visible()
    li.locator("#go").click()
    expect(li.get_by_role("heading", name="Paid")).to_be_visible()
    ana.goto(f"{address}/requests")
    expect(ana.get_by_text("Paid", exact=True)).to_be_visible()

    li.goto(f"{address}/requests")
    ask(ana, address, "3", "Tea")
    expect(li.get_by_text("Waiting")).to_be_visible()
    li.get_by_role("link", name="Tea").click()
    li.locator("#decline").click()
    li.wait_for_url("**/requests")
    expect(ana.get_by_text("Declined").first).to_be_visible()

    ask(ana, address, "4", "Cake")
    li.get_by_role("link", name="Cake").click()
    expect(li.locator("#decline")).to_be_visible()
    ana.locator("#withdraw").click()
    expect(li.get_by_text("Withdrawn").first).to_be_visible()
    expect(ana.get_by_text("Withdrawn").first).to_be_visible()

    ana.goto(f"{address}/bank/top-up")
    people.press(ana, "50")
    ana.locator("#go").click()
    expect(ana.get_by_role("heading", name="Received")).to_be_visible()
    ana.goto(f"{address}/bank/withdraw")
    people.press(ana, "62.50")
    ana.get_by_role("button", name="Withdraw ¥62.50").click()
    expect(ana.get_by_role("heading", name="Paid")).to_be_visible()
    ana.goto(f"{address}/")
    expect(ana.locator("#amount")).to_have_text("¥1,000.00")
    assert sqlite_world.store.read(audit.run).faults == []


def test_the_statement_is_searched_and_its_months_are_the_readers(
    friends: tuple[Page, Page], address: str, sqlite_world: World
) -> None:
    ana, _ = friends
    ana.goto(f"{address}/statement")
    expect(ana.locator(".day h3")).to_have_text("Today")
    zones = [cookie["value"] for cookie in ana.context.cookies() if cookie["name"] == "saoma_zone"]
    assert zones == ["Asia%2FShanghai"]
    ana.get_by_label("Search").first.fill(">5000")
    ana.keyboard.press("Enter")
    expect(ana.get_by_text("Nothing found")).to_be_visible()
    ana.get_by_role("link", name="Show everything").click()
    ana.wait_for_url("**/statement")
    ana.wait_for_load_state()
    ana.get_by_label("Kind of entry").select_option("in")
    ana.wait_for_url("**which=in*")
    expect(ana.get_by_text("In ¥1,000.00 · Out ¥0.00")).to_be_visible()
    with ana.expect_download() as file:
        ana.locator("#file").click()
    assert "1000.00" in Path(file.value.path()).read_text(encoding="utf-8-sig")


def judge(page: Page, name: str) -> None:
    """The page as it stands, and its measures on each device."""
    for device, size in DEVICES.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        looks.picture(page, f"{name}-{device}", full_page=True)
        assert looks.small_targets(page) == [], (name, device)
        assert looks.overflow_px(page) == 0, (name, device)
    page.set_viewport_size(DEVICES["phone"])  # type: ignore[arg-type]
    looks.judge(page, name)


def test_every_page_about_money_can_be_read_and_pressed(
    friends: tuple[Page, Page], address: str, sqlite_world: World, app: Flask
) -> None:
    ana, li = friends
    ask(ana, address, "12.50", "Half of the taxi to the station")
    sealing.seal_due(sqlite_world.store, config=app.config["SAOMA_CONFIG"], secret=app.config["SAOMA_SECRET_BYTES"])
    request = ana.url.rpartition("/")[2]
    for page, path, ready in (
        (li, "", "#waiting a"), (li, f"requests/{request}", "#decline"), (ana, f"requests/{request}", "#withdraw"),
        (ana, "requests", "#takes"), (ana, "contacts/li/ask", "#go"), (ana, "statement", ".day"),
        (ana, "statement?q=nothing", ".empty"), (ana, "bank", "#balance"), (ana, "bank/top-up", "#go"),
        (ana, "bank/withdraw", "#go"), (ana, "poster", "[data-qr] svg"),
    ):  # fmt: skip
        page.goto(f"{address}/{path}")
        expect(page.locator(ready).first).to_be_visible()
        judge(page, path.replace(request, "one").replace("/", "-").replace("?", "-") or "home")
    ana.goto(f"{address}/statement")
    ana.locator(".days a").first.click()
    ana.locator("summary").click()
    expect(ana.locator("#proof")).to_be_visible()
    judge(ana, "receipt")


def test_a_receipt_and_the_receive_code_on_paper_show_what_they_must(
    friends: tuple[Page, Page], address: str, tmp_path: Path
) -> None:
    ana, _ = friends
    ana.goto(f"{address}/statement")
    ana.locator(".days a").first.click()
    expect(ana.locator("[data-qr] svg")).to_be_visible()
    for path, hidden in ((ana.url, ("#print", ".bar", "#share")), (f"{address}/poster", ("#print", ".bar"))):
        ana.goto(path)
        ana.emulate_media(media="print", color_scheme="dark")
        expect(ana.locator("[data-qr] svg")).to_be_visible()
        expect(ana.get_by_text("Simulated money").last).to_be_visible()
        for each in hidden:
            expect(ana.locator(each)).to_be_hidden()
        assert ana.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        ana.emulate_media(media="screen", color_scheme="light")
