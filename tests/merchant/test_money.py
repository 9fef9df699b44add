"""The till's settlement pages: what comes next, the batches, their files; each shop sees its own and no other's."""

from __future__ import annotations

import gzip
import re

import pytest

from shared.settlement import actions, files, payouts
from shared.settlement.batches import Batch
from shared.settlement.fees import Rate
from tests.merchant.shop import Browser, Program, Shop
from tests.world import SECRET, Member


def sell(shop: Shop, browser: Browser, payer: Member, amount_minor: int, reference: str = "") -> str:
    """Charge and be paid; the intent's id."""
    id = browser.charge(amount_minor, reference).json["id"]
    shop.paid_by(payer, id)
    return str(id)


def settle(shop: Shop) -> list[Batch]:
    return actions.settle(shop.store, cutoff_at=None, secret=SECRET).batches


def words(page: str) -> str:
    """What a page says, without its markup."""
    body = page.partition("<main")[2].partition("</main")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_before_the_first_sale_the_page_says_what_will_come(browser: Browser) -> None:
    page = words(browser.get("/money").text)
    assert "No batches yet" in page
    assert "Next batch" not in page


def test_what_is_sold_shows_in_the_next_batch_with_the_fee(shop: Shop, browser: Browser, ana: Member) -> None:
    sell(shop, browser, ana, 10_000)
    page = words(browser.get("/money").text)
    assert "Sales (1) ¥100.00 Fee (0.6 %) −¥0.60 Would be paid out ¥99.40" in page


def test_a_batch_shows_its_sums_its_lines_and_what_became_of_it(shop: Shop, browser: Browser, ana: Member) -> None:
    shop.store.run(actions.set_rate, shop_id=shop.party.id, rate=Rate(125, 10))
    sell(shop, browser, ana, 2000, "Table 4")
    [batch] = settle(shop)
    assert f'href="/money/batches/{batch.id}"' in browser.get("/money").text

    page = words(browser.get(f"/money/batches/{batch.id}").text)
    assert "Sales (1) ¥20.00 Fee (1.25 % and ¥0.10 a sale) −¥0.35 Paid out ¥19.65" in page
    assert "Sale · Table 4" in page
    assert "Waiting for your bank" in page

    shop.store.run(payouts.mark_returned, batch_id=batch.id, reason="account <closed>", secret=SECRET)
    page = browser.get(f"/money/batches/{batch.id}").text
    assert "Your bank sent it back: account &lt;closed&gt;" in page
    assert "From earlier batches" in words(browser.get("/money").text)
    [second] = settle(shop)
    shop.store.run(payouts.mark_paid, batch_id=second.id, secret=SECRET)
    page = words(browser.get(f"/money/batches/{second.id}").text)
    assert "From earlier batches +¥19.65 Paid out ¥19.65" in page
    assert "Your bank has confirmed it" in page


def test_the_file_is_the_one_that_settle_writes(shop: Shop, browser: Browser, ana: Member) -> None:
    sell(shop, browser, ana, 2000)
    [batch] = settle(shop)
    answer = browser.get(f"/money/batches/{batch.id}/file")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="corner-tea-{batch.id}.csv"'
    [path] = files.write_missing(shop.store, shop.config.data_dir / files.FOLDER)
    assert (path.name, path.read_bytes()) == (f"corner-tea-{batch.id}.csv", answer.data)


@pytest.mark.parametrize("path", ["/money/batches/{}", "/money/batches/{}/file", "/money?before={}x"])
def test_another_shops_batch_does_not_exist(shop: Shop, browser: Browser, ana: Member, path: str) -> None:
    books = shop.world.shop("books")
    shop.world.sold(books, ana, 500)
    [batch] = settle(shop)
    assert browser.get(path.format(batch.id)).status_code == 404
    assert browser.get(path.format("bat_nonsense")).status_code == 404
    assert "¥5.00" not in browser.get("/money").text


@pytest.mark.parametrize("path", ["/money", "/money/batches/bat_1", "/money/batches/bat_1/file"])
def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page(shop: Shop, path: str) -> None:
    answer = shop.browser(is_signed_in=False).get(path)
    assert (answer.status_code, answer.location) == (302, "/signin")


def test_a_debt_reads_as_a_debt(shop: Shop, browser: Browser, program: Program, ana: Member) -> None:
    id = sell(shop, browser, ana, 5000)
    assert program.ask("POST", "/refunds", {"payment_intent": id}).status_code == 201
    assert "Taken from a later batch ¥0.30 Refunds and fees are more" in words(browser.get("/money").text)

    [batch] = settle(shop)

    page = words(browser.get(f"/money/batches/{batch.id}").text)
    assert "No payout −¥0.30" in page
    assert "Taken from a later batch ¥0.30" in page
    assert "Of the fee, ¥0.00 could be taken now" in page
    assert "The next batch takes it over" in page

    sell(shop, browser, ana, 1000)
    [second] = settle(shop)
    assert "¥0.36 was taken, with what earlier batches could not cover" in words(
        browser.get(f"/money/batches/{second.id}").text
    )
    assert "Taken over by a later batch" in words(browser.get(f"/money/batches/{batch.id}").text)


def test_older_batches_are_on_the_next_page(shop: Shop, browser: Browser, ana: Member) -> None:
    made = []
    for _ in range(21):
        sell(shop, browser, ana, 100)
        made += settle(shop)
        shop.world.pass_time(1)
    first = browser.get("/money").text
    assert made[0].id not in first
    [older] = re.findall(r'rel="next" href="([^"]+)"', first)
    page = browser.get(older).text
    assert made[0].id in page
    assert "Next batch" not in page
    assert "There are no older batches" in words(browser.get(f"/money?before={made[0].id}").text)


def test_a_large_batch_stays_within_the_budget(shop: Shop, browser: Browser, ana: Member) -> None:
    for number in range(105):
        sell(shop, browser, ana, 100, f"Table {number}")
    [batch] = settle(shop)
    page = browser.get(f"/money/batches/{batch.id}").text
    assert "5 more are in the file" in page
    assert len(gzip.compress(page.encode())) <= 14 * 1024
