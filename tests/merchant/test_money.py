"""The till's pages about money: where it lies, the batches with their fees and files, the months; each shop its own."""

from __future__ import annotations

import gzip
import re
from datetime import UTC
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchant.money import fee_lines
from shared.settlement import actions, fees, files, payouts
from shared.settlement.batches import Batch, Line
from shared.settlement.fees import Rate
from shared.web import months
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


def test_money_lies_where_the_ledger_says(shop: Shop, browser: Browser, program: Program, ana: Member) -> None:
    sell(shop, browser, ana, 5000)
    [batch] = settle(shop)
    sell(shop, browser, ana, 1000)
    held = browser.sell({"typed_minor": 300}, is_manual=True).json["id"]
    shop.authorized_by(ana, held)
    page = words(browser.get("/money").text)
    assert "Yours, not paid out yet ¥10.00 On its way to your bank ¥49.70" in page
    assert "Held on customers’ phones ¥3.00 To be taken from a later batch ¥0.00" in page
    shop.store.run(payouts.mark_paid, batch_id=batch.id, secret=SECRET)
    assert "On its way to your bank ¥0.00" in words(browser.get("/money").text)


def test_each_fee_is_explained_to_the_last_part_of_a_unit(shop: Shop, browser: Browser, ana: Member) -> None:
    shop.store.run(actions.set_rate, shop_id=shop.party.id, rate=Rate(60, 0))
    for amount in (100, 150, 100):
        sell(shop, browser, ana, amount)
    [batch] = settle(shop)
    page = words(browser.get(f"/money/batches/{batch.id}").text)
    assert "0.6 % of all sales, exactly 0.021 Rounding −0.001 Fee ¥0.02" in page
    assert "¥1.00 0.006 +0.004 ¥0.01" in page
    assert "¥1.50 0.009 +0.001 ¥0.01" in page
    assert "¥1.00 0.006 −0.006 ¥0.00" in page


@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=60),
    st.integers(0, 10_000),
    st.integers(0, 300),
)
def test_the_parts_of_every_fee_add_up(amounts: list[int], basis_points: int, fixed_minor: int) -> None:
    rate = Rate(basis_points, fixed_minor)
    due = fees.line_fees(amounts, rate)
    lines = [Line("sale", "", "", "", 0, amount, fee) for amount, fee in zip(amounts, due, strict=True)]
    for line in lines:
        part = fee_lines.explained(line, rate)
        if part.is_capped:
            assert part.fee_minor == line.amount_minor
        else:
            assert part.share + part.fixed_minor + part.rounding == part.fee_minor
            assert abs(part.rounding) < 1
    whole = fee_lines.whole(lines, rate)
    assert whole.share + whole.fixed_minor + whole.rounding - whole.spared == whole.fee_minor == sum(due)
    assert abs(whole.rounding) <= Decimal("0.5"), "rounded once"


def test_a_batch_says_whether_sales_ledger_and_file_agree(shop: Shop, browser: Browser, ana: Member) -> None:
    sell(shop, browser, ana, 2000)
    [batch] = settle(shop)
    badge = f"/money/batches/{batch.id}/match"
    assert "No file yet" in browser.get(badge).text
    [path] = files.write_missing(shop.store, shop.config.data_dir / files.FOLDER)
    assert "Agrees" in browser.get(badge).text
    assert "Sales, ledger and file agree" in words(browser.get(f"/money/batches/{batch.id}").text)
    path.write_bytes(path.read_bytes().replace(b",2000,", b",3000,"))
    assert "Does not agree" in browser.get(badge).text
    assert "file_damaged" in words(browser.get(f"/money/batches/{batch.id}").text)


def test_a_months_statement_runs_from_balance_to_balance(
    shop: Shop, browser: Browser, program: Program, ana: Member
) -> None:
    id = sell(shop, browser, ana, 5000)
    assert program.ask("POST", "/refunds", {"payment_intent": id, "amount_minor": 1000}).status_code == 201
    [batch] = settle(shop)
    sell(shop, browser, ana, 700)
    name = months.month_of(shop.world.now(), UTC).name
    page = words(browser.get(f"/money/months/{name}").text)
    assert "Sales (2) +¥57.00 Refunds (1) −¥10.00 Fees (1) −¥0.30 Payouts (1) −¥39.70 Balance at the end ¥7.00" in page
    rows = browser.get(f"/money/months/{name}/file").text.splitlines()
    assert rows[0] == "time,what,for,transfer,amount_minor,balance_minor"
    assert [row.split(",")[1] for row in rows[1:]] == ["sales", "refunds", "fees", "payouts", "sales"]
    assert rows[-1].endswith(",700,700")
    assert batch.id in rows[3]

    shop.world.pass_time(40 * 86_400)
    later = months.month_of(shop.world.now(), UTC).name
    page = words(browser.get(f"/money/months/{later}").text)
    assert "Balance before ¥7.00 Balance at the end ¥7.00 Nothing moved in this month." in page


@pytest.mark.parametrize("path", ["/money/months/2026-13", "/money/months/x", "/money/months/0001-01/file"])
def test_a_month_that_is_none_is_refused(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 400
