"""What was sold: found by what somebody remembers of it, told in full, given back by line, written to a file."""

from __future__ import annotations

import csv
import gzip
import io
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from merchant.catalog import queries as catalog
from merchant.sales.sold import Line
from shared.payments import audit
from shared.settlement import actions as settlement
from tests.merchant.shop import Browser, Shop
from tests.merchant.standing import signed_in
from tests.world import SECRET, Member


@pytest.fixture(autouse=True)
def green(shop: Shop):  # type: ignore[no-untyped-def]
    """Whatever a test did, the audit agrees with it."""
    yield
    assert shop.store.read(audit.run).faults == []


def items(shop: Shop) -> dict[str, catalog.Item]:
    return {item.name: item for item in shop.store.read(catalog.for_sale, shop_id=shop.party.id)}


def sold(shop: Shop, browser: Browser, payer: Member | None, *wanted: tuple[str, int], **cart: Any) -> str:
    """A sale of so many of these items, paid if somebody is named; its intent."""
    lines = [{"item": items(shop)[name].id, "quantity": count} for name, count in wanted]
    id = str(browser.sell(*lines, **cart).json["id"])
    if payer:
        shop.paid_by(payer, id)
    return id


def shown(browser: Browser, query: str = "") -> list[str]:
    """The sales that the list shows, in its order."""
    return re.findall(r'class="row" href="/sales/(pi_\w+)"', browser.get("/sales" + query).text)


def words(browser: Browser, path: str) -> str:
    """What a page says, without its markup."""
    body = browser.get(path).text.partition("<main")[2].partition("</main")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def refund(browser: Browser, id: str, key: str = "", **body: Any) -> TestResponse:
    """What the refund's page sends."""
    headers = {"X-CSRF-Token": browser.token} | ({"Idempotency-Key": key} if key else {})
    return browser.client.post(f"/api/sales/{id}/refund", json={"reason": "", **body}, headers=headers)


def test_a_sale_is_found_by_whatever_somebody_remembers_of_it(shop: Shop, browser: Browser, ana: Member) -> None:
    li = shop.world.person("li")
    tea = sold(shop, browser, ana, ("Jasmine tea", 2), reference="Table 4", note="no sugar")
    bun = sold(shop, signed_in(shop, "Lin"), li, ("Sesame bun", 1))
    open_one = sold(shop, browser, None, ("Oolong", 1))
    canceled = sold(shop, browser, None, ("Egg tart", 1))
    browser.post(f"/api/sales/{canceled}/cancel")
    assert refund(browser, tea, amount_minor=100).status_code == 201
    held = str(browser.sell({"typed_minor": 9_900}, is_manual=True).json["id"])
    shop.authorized_by(ana, held)

    everything = [held, canceled, open_one, bun, tea]
    [lin] = re.findall(r'value="(\w+)">Lin<', browser.get("/sales").text)
    found = {
        "": everything, "?q=jasmine": [tea], "?q=TABLE+4": [tea], "?q=%231": [tea], "?q=sugar": [tea],
        "?q=L***": [bun], "?q=Lin": [bun], f"?member={lin}": [bun], "?q=%3E20": [held, tea], "?q=%3C%3D6.50+bun": [bun],
        "?which=open": [open_one], "?which=paid": [bun, tea], "?which=refunded": [tea], "?which=held": [held],
        "?which=ended": [canceled], "?which=paid&q=jasmine": [tea], "?q=nobody": [], "?day=1999-01-01": [],
        f"?q={bun}": [bun],
    }  # fmt: skip
    assert {query: shown(browser, query) for query in found} == found
    assert "Sales: 5 ¥30.50 taken ¥1.00 given back" in words(browser, "/sales")
    shop.world.pass_time(8 * 24 * 3600)
    assert shown(browser, "?which=ended") == [held, canceled, open_one], (
        "their time is over, also before the sweeper comes"
    )


def test_a_day_is_the_readers_own(shop: Shop, browser: Browser) -> None:
    id = sold(shop, browser, None, ("Oolong", 1))
    made_at = shop.intent(id).created_at
    for zone in ("UTC", "Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati"):
        browser.client.set_cookie("saoma_zone", zone.replace("/", "%2F"))
        day = datetime.fromtimestamp(made_at / 1000, ZoneInfo(zone)).date().isoformat()
        assert shown(browser, f"?day={day}") == [id], zone


def test_a_search_that_can_be_none_is_refused(browser: Browser) -> None:
    wrong = ["which=all", "day=today", "day=2026-02-30", "member=May", "q=" + "x" * 81, "before=x"]
    assert {query: browser.get(f"/sales?{query}").status_code in (400, 404) for query in wrong} == dict.fromkeys(
        wrong, True
    )


def test_older_sales_are_a_page_away_and_the_search_stays(shop: Shop, browser: Browser) -> None:
    made = [str(browser.charge(100 + count, "Table 4").json["id"]) for count in range(23)][::-1]
    page = browser.get("/sales?q=table").text
    assert shown(browser, "?q=table") == made[:20]
    [older] = re.findall(r'rel="next" href="/sales\?([^"]+)"', page)
    assert shown(browser, "?" + older.replace("&amp;", "&")) == made[20:]


def test_a_sale_tells_what_was_sold_by_whom_and_what_became_of_it(shop: Shop, browser: Browser, ana: Member) -> None:
    id = sold(
        shop, browser, ana, ("Egg tart", 3), discount={"amount_minor": 300}, tip={"basis_points": 1000}, note="warm"
    )
    page = words(browser, f"/sales/{id}")
    for part in ("Sale #1", "3 × Egg tart ¥8.00 each ¥24.00", "Goods ¥24.00", "Discount −¥3.00", "Tip ¥2.10",
                 "Total ¥23.10", "Tax 13 % in ¥21.00 ¥2.42", "Charged by May", "Paid by A***",
                 "Note warm", "Till Till 1"):  # fmt: skip
        assert part in page, part
    assert "A manager can give money back" in words(signed_in(shop, "Lin"), f"/sales/{id}")
    settlement.settle(shop.store, cutoff_at=None, secret=SECRET)
    assert "In a settlement batch" in words(browser, f"/sales/{id}")


def test_lines_come_back_for_their_price_and_into_the_stock(shop: Shop, browser: Browser, ana: Member) -> None:
    before = items(shop)["Egg tart"].stock
    assert before is not None
    id = sold(shop, browser, ana, ("Egg tart", 3), ("Oolong", 1), discount={"amount_minor": 100})
    first = refund(browser, id, lines={"0": 1}, to_stock=True, reason="Not good")
    assert (first.status_code, first.json["amount_minor"]) == (201, 779), first.json
    assert items(shop)["Egg tart"].stock == before - 2
    assert "2 can come back" in words(browser, f"/sales/{id}/refund")
    rest = refund(browser, id, lines={"0": 2, "1": 1}, to_stock=False)
    assert rest.json["amount_minor"] == 3_900 - 100 - 779, "one by one the lines bring back the whole"
    assert items(shop)["Egg tart"].stock == before - 2, "what cannot be sold again stays out of the stock"
    assert shop.world.balance(ana) == 100_000
    assert browser.get(f"/sales/{id}/refund").status_code == 404, "nothing is left"
    assert "Gave ¥7.79 back: Not good" in words(browser, "/activity")


def test_a_line_that_cost_nothing_brings_nothing_back(shop: Shop, browser: Browser, ana: Member) -> None:
    bun = items(shop)["Sesame bun"].id
    gift = {"item": bun, "quantity": 1, "discount": {"basis_points": 10_000}}
    id = browser.sell(gift, {"typed_minor": 1_000}).json["id"]
    shop.paid_by(ana, id)
    answer = refund(browser, id, reason="cold", lines={"0": 1})
    assert (answer.status_code, answer.json["code"]) == (404, "nothing_to_refund")
    assert shop.intent(id).refunded_minor == 0


def test_nothing_comes_back_twice(shop: Shop, browser: Browser, ana: Member) -> None:
    id = sold(shop, browser, ana, ("Egg tart", 2))
    assert refund(browser, id, lines={"0": 2}, amount_minor=800).status_code == 201
    again = refund(browser, id, lines={"0": 1}, amount_minor=800)
    assert again.json["code"] == "already_returned"
    assert (shop.intent(id).refunded_minor, shop.world.balance(ana)) == (800, 99_200), "and no money moved for it"


def test_a_refund_that_is_sent_again_is_given_once(shop: Shop, browser: Browser, ana: Member) -> None:
    id = sold(shop, browser, ana, ("Egg tart", 2))
    first, again = (refund(browser, id, "press", lines={"0": 2}, amount_minor=1_600) for _ in range(2))
    assert (first.status_code, again.json) == (201, first.json)
    assert shop.intent(id).refunded_minor == 1_600


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"amount_minor": 1_601}, "refund_exceeds_captured"), ({"amount_minor": 0}, "invalid_amount"),
    ({"amount_minor": -5}, "invalid_amount"), ({"amount_minor": "5"}, "bad_input"), ({"lines": [1]}, "bad_input"),
    ({"lines": {"x": 1}}, "bad_input"), ({"lines": {"0": 0}}, "bad_input"), ({"lines": {"7": 1}}, "bad_input"),
    ({"lines": {"7": 1}, "amount_minor": 5}, "already_returned"), ({"all": True}, "bad_input"),
    ({"lines": {"0": 3}, "amount_minor": 5}, "already_returned"), ({"lines": {"0": 1, "00": 1}}, "bad_input"),
]  # fmt: skip


def test_a_refund_of_what_is_not_there_moves_nothing(shop: Shop, browser: Browser, ana: Member) -> None:
    id = sold(shop, browser, ana, ("Egg tart", 2))
    for body, code in WRONG:
        assert (refund(browser, id, **body).json["code"], shop.intent(id).refunded_minor) == (code, 0), body


def test_a_refund_after_settlement_waits_for_money_and_is_a_line_of_the_next_batch(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    id = sold(shop, browser, ana, ("Egg tart", 2))
    settlement.settle(shop.store, cutoff_at=None, secret=SECRET)
    assert "settled already" in words(browser, f"/sales/{id}/refund")
    refused = refund(browser, id, amount_minor=1_600)
    assert (refused.json["code"], "wait for more sales" in refused.json["detail"]) == ("insufficient_funds", True)
    sold(shop, browser, ana, ("Red bean soup", 2))
    assert refund(browser, id, amount_minor=1_600).status_code == 201
    [batch] = settlement.settle(shop.store, cutoff_at=None, secret=SECRET).batches
    assert (batch.sales, batch.refunds, batch.gross_minor, batch.refunds_minor) == (1, 1, 3_200, 1_600)


def test_a_hold_is_voided_with_a_reason_that_the_log_keeps(shop: Shop, browser: Browser, ana: Member) -> None:
    id = str(browser.sell({"typed_minor": 9_900}, is_manual=True).json["id"])
    shop.authorized_by(ana, id)
    done = browser.post(f"/api/sales/{id}/void", {"reason": "Left without the goods"})
    assert (done.json["status"], shop.world.balance(ana)) == ("voided", 100_000)
    assert "Released a hold of ¥99.00: Left without the goods" in words(browser, "/activity")


def test_the_file_holds_every_wanted_sale_and_no_formula(shop: Shop, browser: Browser, ana: Member) -> None:
    made = [str(browser.charge(100, "=1+1").json["id"]) for _ in range(22)]
    paid = sold(shop, browser, ana, ("Oolong", 2), tip={"amount_minor": 50})
    answer = browser.get("/sales.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sales.csv"'
    [newest, *others] = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    expected = {
        "state": "captured", "receipt": "23", "what": "2 × Oolong", "reference": "", "payer": "A***",
        "sold_by": "May", "terminal": "Till 1", "asked": "30.50", "captured": "30.50", "refunded": "0.00",
        "tip": "0.50", "tax": "1.70", "currency": "CNY", "intent": paid,
    }  # fmt: skip
    assert newest | expected == newest
    assert [row["intent"] for row in others] == made[::-1]
    assert {row["reference"] for row in others} == {"'=1+1"}
    only = csv.DictReader(io.StringIO(browser.get("/sales.csv?which=paid").text.removeprefix("\ufeff")))
    assert [row["intent"] for row in only] == [paid]


def test_the_pages_are_small(shop: Shop, browser: Browser, ana: Member) -> None:
    for _ in range(20):
        id = sold(shop, browser, ana, ("Egg tart", 1), ("Oolong", 1))
    for path in ("/sales", f"/sales/{id}", f"/sales/{id}/refund", "/refund"):
        assert len(gzip.compress(browser.get(path).data)) <= 14 * 1024, path


@given(net=st.integers(0, 10**12), quantity=st.integers(1, 999), data=st.data())
def test_lines_given_back_one_after_another_bring_back_their_whole_price(
    net: int, quantity: int, data: st.DataObject
) -> None:
    brought, returned = 0, 0
    while returned < quantity:
        count = data.draw(st.integers(1, quantity - returned))
        line = Line(0, None, "", "", quantity, 0, 0, 0, net, 0, 0, returned)
        worth = line.worth_minor(count)
        assert 0 <= worth <= net
        brought, returned = brought + worth, returned + count
    assert brought == net
