"""Sales, refunds and receipts in a browser: found, given back by line, read by the camera, printed.

And a till that loses the service while somebody pays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from merchant.catalog import queries as catalog
from merchant.receipts import links
from shared.identity import parties
from shared.identity.signing import PrivateKey
from shared.payments import intents
from tests.browser import looks, people
from tests.browser.camera import screen_picture
from tests.browser.conftest import PageFor
from tests.browser.till.conftest import SMALL, TABLET, Stand
from tests.merchant.shop import Shop
from tests.services import Services
from tests.world import SECRET, Member, World


def sold(shop: Shop, payer: Member | None, *wanted: tuple[str, int], **cart: Any) -> str:
    """A sale of so many of these items, paid if somebody is named; its intent."""
    known = {item.name: item.id for item in shop.store.read(catalog.for_sale, shop_id=shop.party.id)}
    browser = shop.browser()
    answer = browser.sell(*({"item": known[name], "quantity": count} for name, count in wanted), **cart)
    assert answer.status_code == 201, answer.json
    id = str(answer.json["id"])
    if payer:
        shop.paid_by(payer, id)
    return id


def judge(page: Page, name: str) -> None:
    """Whatever can be measured about a page as it stands."""
    looks.judge(page, f"sales-{name}", full_page=True, turns=False)


def test_a_line_is_given_back_by_the_receipt_that_the_camera_sees(
    shop: Shop, stand: Stand, ana: Member, address: str, page_for: PageFor
) -> None:
    id = sold(shop, ana, ("Egg tart", 2), ("Oolong", 1), reference="Table 4")
    sold(shop, None, ("Sesame bun", 1))
    customer, _ = page_for("ana", viewport={"width": 390, "height": 844})
    customer.goto(f"{address}/{links.path(id, SECRET)}")
    page, camera = stand("/sales")
    expect(page.locator("#sales li:not(.day)")).to_have_count(2)
    page.fill("#search [name=q]", "tart")
    page.keyboard.press("Enter")
    expect(page.locator("#sales li:not(.day)")).to_have_count(1)
    camera.show(screen_picture(customer, ".proof-code"))
    page.get_by_role("link", name="Refund by receipt").click()
    page.wait_for_url(f"**/sales/{id}/refund", timeout=people.PATIENCE_MS)
    page.locator("[data-how=lines]").click()
    expect(page.locator("#go")).to_be_disabled()
    page.get_by_role("button", name="One more Egg tart").click()
    page.get_by_text("Not good").click()
    page.get_by_role("button", name="Refund ¥8.00").click()
    expect(page.locator(".steps")).to_contain_text("Refunded ¥8.00: Not good")
    expect(page.locator(".sold-lines")).to_contain_text("Returned: 1")
    assert shop.intent(id).refunded_minor == 800


def test_a_refund_whose_answer_is_lost_is_pressed_again_and_given_once(shop: Shop, stand: Stand, ana: Member) -> None:
    id = sold(shop, ana, ("Egg tart", 1))
    page, _ = stand(f"/sales/{id}/refund")

    def lose_the_answer(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/sales/*/refund", lose_the_answer, times=1)
    page.locator("#go").click()
    expect(page.locator("#refused")).to_contain_text("we do not know yet")
    expect(page.locator("[data-how=amount]")).to_be_disabled()
    assert shop.intent(id).refunded_minor == 800
    page.locator("#go").click()
    expect(page.locator(".steps")).to_contain_text("Refunded ¥8.00")
    assert shop.intent(id).refunded_minor == 800


def test_a_receipt_fits_its_paper(shop: Shop, stand: Stand, ana: Member) -> None:
    id = sold(
        shop,
        ana,
        ("Egg tart", 3),
        ("Sesame bun", 1),
        ("Oolong", 2),
        discount={"amount_minor": 100},
        tip={"amount_minor": 50},
    )
    page, _ = stand(f"/{links.path(id, SECRET)}")
    expect(page.locator("#paper time").first).to_contain_text(re.compile(r"20\d\d"))
    judge(page, "receipt")
    sheet = r"/MediaBox \[0 0 (\d+)\S* (\d+)\S*\]"
    assert re.findall(sheet.encode(), page.pdf(prefer_css_page_size=True)) == [(b"594", b"841")], "one page of A4"
    page.goto(page.url + "?paper=roll")
    [(width, height)] = re.findall(sheet.encode(), page.pdf(prefer_css_page_size=True))
    assert int(width) == 227, "80 mm"
    assert int(height) < 700, "one piece that is not much longer than what stands on it"
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Corner Tea House")).to_be_visible()
    expect(page.get_by_role("button").first).to_be_hidden()


def test_a_till_that_loses_the_service_says_unknown_keeps_the_sale_and_learns_its_end(
    shop: Shop, stand: Stand, ana: Member, address: str
) -> None:
    soon = str(shop.program().create(1_250, ttl_s=15).json["id"])
    page, _ = stand(f"/checkout/{soon}")
    expect(page.locator("#checkout")).to_have_attribute("data-state", "waiting")
    page.context.set_offline(True)
    expect(page.locator("#outage")).to_be_visible()
    expect(page.locator("#checkout")).to_have_attribute("data-state", "waiting")
    expect(page.locator("#ours")).to_be_visible()
    judge(page, "outage")
    shop.paid_by(ana, soon)
    expect(page.locator("#checkout")).to_have_attribute("data-state", "unknown", timeout=people.PATIENCE_MS)
    expect(page.get_by_text("It has not failed")).to_be_visible()
    judge(page, "unknown")
    page.locator("#ask").click()
    expect(page.locator("#status")).to_contain_text("kept on this till")
    page.context.set_offline(False)
    expect(page.locator("#checkout")).to_have_attribute("data-state", "paid", timeout=people.PATIENCE_MS)
    expect(page.locator("#outage")).to_be_hidden()


def test_a_till_whose_service_died_tells_what_was_paid_meanwhile(
    page_for: PageFor, make_services: Callable[..., Services], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    services = make_services(SAOMA_SECRET=SECRET.decode())
    services.seed()
    services.start("merchant")
    page, _ = page_for("cashier", viewport=TABLET, reduced_motion="reduce")
    people.open_till(page, services)
    people.charge(page, "12.5")
    id = page.url.rpartition("/")[2]
    page.wait_for_load_state()  # its scripts are there: what comes without them is told by nobody
    services.kill("merchant")
    expect(page.locator("#outage")).to_be_visible(timeout=people.PATIENCE_MS)
    store = services.store()
    try:
        world = World(store)
        intent = store.read(intents.by_id, id=id)
        shop = Member(store.read(parties.by_id, id=intent.shop_id), PrivateKey.generate())
        world.execute(world.payment(world.person("nora"), intent, shop))
    finally:
        store.close()
    with pytest.raises(PlaywrightError, match="ERR_CONNECTION_REFUSED"):
        page.goto(f"{services.merchant}/sales")
    services.start("merchant")
    page.goto(f"{services.merchant}/sales")
    told = page.locator("#kept")
    expect(told).to_contain_text("Paid meanwhile: ¥12.50 by N***", timeout=people.PATIENCE_MS)
    judge(page, "kept")
    told.get_by_role("button", name="Seen").click()
    page.reload()
    expect(page.locator("#sales li:not(.day)").first).to_contain_text("Paid")
    expect(told).to_be_hidden()


@pytest.mark.parametrize(("scheme", "size", "locale"), [("dark", SMALL, "zh-CN"), ("light", TABLET, "en")])
def test_every_page_of_sales_can_be_read_touched_and_fits(
    shop: Shop, stand: Stand, address: str, ana: Member, scheme: str, size: dict[str, int], locale: str
) -> None:
    id = sold(shop, ana, ("Egg tart", 2), ("Oolong", 1), reference="Table 4", tip={"amount_minor": 100})
    sold(shop, None, ("Sesame bun", 1))
    page, _ = stand("/sales", viewport=size, color_scheme=scheme, locale=locale)
    name = f"{scheme}-{size['width']}"
    judge(page, f"list-{name}")
    for path, part in (
        (f"/sales/{id}", "sale"),
        ("/refund", "find"),
        ("/sales?q=nothing", "none"),
        (f"/{links.path(id, SECRET)}", "receipt"),
    ):
        page.goto(address + path)
        judge(page, f"{part}-{name}")
    page.goto(f"{address}/sales/{id}/refund")
    page.locator("[data-how=lines]").click()
    page.locator(".more").first.click()
    judge(page, f"refund-{name}")
