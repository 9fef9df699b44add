"""Charts and sheets in a browser: they follow a sale, answer the arrow keys, can be read and touched, print on A4."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from shared.settlement import actions as settlement
from shared.settlement import payouts
from shared.web import months
from tests.browser import looks
from tests.browser.till.conftest import SMALL, TABLET, Open
from tests.merchant.shop import Shop
from tests.world import SECRET, Member


def test_the_charts_follow_a_sale_and_answer_the_arrow_keys(shop: Shop, till: Open, ana: Member) -> None:
    shop.paid_by(ana, shop.browser().charge(500).json["id"])
    page = till("/insight", timezone_id="Asia/Shanghai")
    expect(page.locator(".tile").first).to_contain_text("¥5.00")
    expect(page.locator("#insight")).to_be_visible()
    assert [each["value"] for each in page.context.cookies() if each["name"] == months.COOKIE] == ["Asia%2FShanghai"]

    shop.paid_by(ana, shop.browser().charge(700).json["id"])
    expect(page.locator(".tile").first).to_contain_text("¥12.00")

    chart = page.get_by_role("img", name="By hour")
    chart.focus()
    page.keyboard.press("End")
    expect(page.locator(".chart g.on")).to_have_count(1)
    rows = page.locator(".figures tbody tr")
    expect(page.locator(".readout")).to_contain_text(rows.last.locator("th").text_content() or "no row")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".readout")).to_contain_text(rows.nth(-2).locator("th").text_content() or "no row")
    page.keyboard.press("Escape")
    expect(page.locator(".readout")).to_contain_text("Best")


@pytest.mark.parametrize(("scheme", "size"), looks.stood_at((TABLET, SMALL)))
def test_charts_and_sheets_can_be_read_touched_fit_and_print(
    shop: Shop, till: Open, address: str, ana: Member, size: dict[str, int], scheme: str
) -> None:
    browser = shop.browser()
    for amount in (1250, 123_45, 600):
        shop.paid_by(ana, browser.charge(amount, "Table 4").json["id"])
    [batch] = settlement.settle(shop.store, cutoff_at=None, secret=SECRET).batches
    shop.store.run(payouts.mark_returned, batch_id=batch.id, reason="account closed", secret=SECRET)
    page = till("/insight", viewport=size, color_scheme=scheme)
    month = months.month_of(shop.world.now(), months.zone_named("UTC")).name
    for path in ("/insight?period=month", "/money", f"/money/batches/{batch.id}"):
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        looks.judge(page, f"till-{path.strip('/')[:20].replace('/', '-')}-{size['width']}-{scheme}", full_page=True)
    for path in (f"/money/batches/{batch.id}/paper", f"/money/months/{month}"):
        page.goto(address + path)
        looks.judge(
            page, f"till-{'batch' if 'batch' in path else 'month'}-paper-{size['width']}-{scheme}", full_page=True
        )
        sheet = page.pdf(prefer_css_page_size=True)
        pages = re.findall(rb"/MediaBox \[0 0 (\d+)\S* (\d+)\S*\]", sheet)
        assert [(wide, high) for wide, high in pages if abs(int(wide) - 595) > 1 or abs(int(high) - 842) > 1] == []
        assert len(pages) == 1, "a few lines are one sheet"
