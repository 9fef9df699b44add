"""The register in a browser: options, money off, tip, parking, splitting, scanners; it counts as the service does."""

from __future__ import annotations

import random
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from merchant.register import pricing, queries
from merchant.register.pricing import Line, Share
from merchant.register.queries import Sale
from shared.codes import frame as frames
from shared.errors import BadInput
from shared.payments.states import IntentState
from tests.browser import looks, people
from tests.browser.till.conftest import PHONE, SMALL, Open
from tests.merchant.shop import Shop

COUNT = """async (carts) => {
  const { priced } = await import('/static/register-pricing.js');
  return carts.map(([lines, discount, tip]) => {
    const { total, discount: off, taxes, problem } = priced(lines, discount, tip);
    return problem || [total, off, taxes.map(({ rate, tax }) => [rate, tax])];
  });
}"""


@pytest.fixture
def till(till: Open) -> Open:
    """`till()`: the register, complete; options are the browser's."""

    def open_page(**options: Any) -> Page:
        page = till("/", **options)
        ready(page)
        return page

    return open_page


def ready(page: Page) -> None:
    """Wait for the register, and for its scripts."""
    expect(page.locator("#register[data-is-complete]")).to_be_visible(timeout=people.PATIENCE_MS)


def charged(page: Page, shop: Shop) -> tuple[str, Sale]:
    """The intent that the checkout shows, and its sale."""
    expect(page.locator("#checkout")).to_be_visible(timeout=people.PATIENCE_MS)
    id = page.url.rpartition("/")[2]
    sale = shop.store.read(queries.of_intent, intent_id=id)
    assert sale is not None
    return id, sale


def judge(page: Page, name: str) -> None:
    looks.judge(page, f"register-{name}", full_page="sheet" not in name, turns=False)


def test_the_page_counts_as_the_service_does(till: Open) -> None:
    dice = random.Random(5)

    def share(most: int) -> dict[str, int]:
        return dice.choice([{}, {"basis_points": dice.randrange(1, 10_001)}, {"amount_minor": dice.randrange(1, most)}])

    carts = [
        (
            [
                {"unit": dice.randrange(1, 10**dice.randrange(1, 9)), "quantity": dice.randrange(1, 1000),
                 "tax_bp": dice.choice([0, 600, 650, 1300]), "discount": dice.choice([{}, share(50)])}
                for _ in range(dice.randrange(1, 8))
            ],
            share(500), share(500),
        )
        for _ in range(400)
    ]  # fmt: skip

    def service(lines: list[dict[str, Any]], discount: dict[str, int], tip: dict[str, int]) -> Any:
        sold = [Line(one["unit"], one["quantity"], one["tax_bp"], Share(**one["discount"])) for one in lines]
        try:
            bill = pricing.priced(sold, discount=Share(**discount), tip=Share(**tip))
        except BadInput as refusal:
            return refusal.code
        return [
            bill.total_minor,
            bill.discount_minor,
            [[tax.tax_bp, tax.tax_minor] for tax in bill.taxes if tax.tax_bp],
        ]

    found = till().evaluate(COUNT, carts)
    wanted = [service(*cart) for cart in carts]
    assert [
        pair for pair in zip(found, wanted, strict=True) if pair[0] != pair[1] and pair[1] != "nothing_to_charge"
    ] == []
    assert {"discount_too_large", "tip_too_large"} <= {one for one in wanted if isinstance(one, str)}


def test_a_sale_with_options_discounts_and_a_tip_is_charged_as_it_is_shown(shop: Shop, till: Open) -> None:
    page = till()
    page.locator("[data-tab=Bakery]").click()
    expect(page.locator("[data-name='Milk tea']")).to_be_hidden()
    page.locator("[data-name='Egg tart']").click()
    page.locator("[data-tab='']").click()
    page.locator("[data-name='Milk tea']").click()
    page.locator("#edit [data-choice=large]").click()
    page.locator("#edit [data-choice=pearls]").click()
    page.fill("#edit-discount", "10 %")
    expect(page.locator("#edit-done")).to_have_text("Add: ¥20.70")
    judge(page, "sheet-options")
    page.locator("#edit-done").click()
    page.locator("#discount").click()
    page.fill("#share-text", "99")
    expect(page.locator("#share [role=alert]")).to_have_text("The discount is larger than the sale.")
    page.fill("#share-text", "0.70")
    page.keyboard.press("Enter")
    page.locator("#tip").click()
    page.locator("#share [data-preset='10 %'][data-for=tip]").click()
    expect(page.locator("#share-worth")).to_have_text("+¥2.80")
    page.locator("#share-do").click()
    page.fill("#note", "No spoon")
    expect(page.locator("#total")).to_have_text("¥30.80")
    judge(page, "cart")
    page.locator("#charge").click()
    id, sale = charged(page, shop)

    assert shop.intent(id).amount_minor == 3080
    assert (sale.goods_minor, sale.discount_minor, sale.tip_minor, sale.note) == (3100, 300, 280, "No spoon")
    assert [line.title for line in sale.lines] == ["Egg tart", "Milk tea (Large, Pearls)"]


@pytest.mark.parametrize(
    "looks_of", [{"viewport": PHONE}, {"viewport": SMALL, "color_scheme": "dark", "locale": "zh-CN"}]
)
def test_a_parked_sale_is_taken_up_and_paid_in_parts(shop: Shop, till: Open, looks_of: dict[str, Any]) -> None:
    ana, name = shop.world.person("ana"), "dark-zh" if "locale" in looks_of else "light"
    page = till(**looks_of)
    page.locator("[data-name=Oolong]").click()
    page.keyboard.type("2.5")
    page.locator("#park").click()
    page.fill("#park-name", "Table 7")
    judge(page, f"sheet-park-{name}")
    page.keyboard.press("Enter")
    expect(page.locator("#parked")).to_be_hidden()
    expect(page.locator("#lines li")).to_have_count(0)
    page.locator("#park").click()
    expect(page.locator("#parked-list li")).to_contain_text("Table 7")
    page.locator("#parked-list .take").click()
    expect(page.locator("#total")).to_have_text("¥17.50")
    page.locator("#split").click()
    page.fill("#part-0", "10")
    expect(page.locator("#part-1")).to_have_value("7.5")
    judge(page, f"sheet-split-{name}")
    page.locator("#parts-do").click()
    first, sale = charged(page, shop)
    shop.paid_by(ana, first)
    expect(page.locator("#checkout")).to_have_attribute("data-state", "paid")
    page.goto(page.url.replace(f"/checkout/{first}", f"/split/{sale.id}"))
    judge(page, f"split-{name}")
    page.locator("[data-part='1']").click()
    page.wait_for_url("**/checkout/*")
    second, _ = charged(page, shop)
    assert (second != first, shop.intent(second).amount_minor) == (True, 750)
    shop.paid_by(ana, second)
    page.goto(page.url.replace(f"/checkout/{second}", f"/split/{sale.id}"))
    expect(page.locator("#split")).to_have_attribute("data-state", "paid")


def test_a_scanner_that_types_adds_goods_and_takes_a_pay_code(shop: Shop, till: Open) -> None:
    ana = shop.world.person("ana")
    shop.world.limit(ana, 20_000)
    page = till()
    for key in ("1", "Decimal point", "5"):
        page.get_by_role("button", name=key, exact=True).click()
    people.scanner_types(page, "2000000000206")
    people.scanner_types(page, "2000000000206")
    expect(page.locator("#total")).to_have_text("¥31.50")
    people.scanner_types(page, "4006381333931")
    expect(page.locator("#status")).to_contain_text("No item has the barcode 4006381333931")
    expect(page.locator("#total")).to_have_text("¥31.50")
    people.scanner_types(page, frames.code_text(shop.config.wallet_url, shop.world.payer_code(ana)))
    id, _ = charged(page, shop)
    expect(page.locator("#checkout")).to_have_attribute("data-state", "paid", timeout=people.PATIENCE_MS)
    assert (shop.intent(id).state, shop.world.balance(ana)) == (IntentState.CAPTURED, 100_000 - 3150)


def test_a_cart_outlives_a_reload_and_not_its_sale(shop: Shop, till: Open) -> None:
    page = till()
    page.locator("[data-name=Oolong]").click()
    page.reload()
    expect(page.locator("#total")).to_have_text("¥15.00")
    page.keyboard.press("+")
    page.locator("#charge").click()
    charged(page, shop)
    page.goto(page.url.partition("/checkout")[0])
    ready(page)
    expect(page.locator("#total")).to_have_text("¥0.00")


def test_a_price_that_changes_meanwhile_is_shown_before_it_is_charged(shop: Shop, till: Open) -> None:
    page = till()
    page.locator("[data-name=Oolong]").click()
    shop.store.run(lambda uow: uow.sql.run("UPDATE catalog_item SET price_minor = 1600 WHERE name = 'Oolong'"))
    page.locator("#charge").click()
    expect(page.locator("#status")).to_contain_text("A price has changed")
    expect(page.locator("#charge")).to_have_text("Charge ¥16.00")
    page.locator("#charge").click()
    id, _ = charged(page, shop)
    assert shop.intent(id).amount_minor == 1600
