"""Shifts: a till charges while one is open; the X report says how it stands, the Z report stands for ever."""

from __future__ import annotations

from typing import Any

import pytest

from merchant.catalog import queries as catalog
from merchant.shifts import queries, reports
from merchant.shifts.queries import Shift
from merchant.shifts.reports import Report
from shared.ledger import accounts, chart
from tests.merchant.shop import Browser, Shop
from tests.merchant.standing import other_shop, owner_of, signed_in
from tests.world import Member

FLOAT = 20_000


def open_shift(shop: Shop) -> Shift:
    [shift] = shop.store.read(queries.open_of_shop, shop_id=shop.party.id)
    return shift


def x_report(shop: Shop) -> Report:
    return shop.store.read(
        lambda reader: reports.of_shift(reader, shift=open_shift(shop), until_seq=queries.last_transfer(reader))
    )


def close(shop: Shop, browser: Browser, counted: str = "200") -> Any:
    return browser.post(f"/api/shifts/{open_shift(shop).id}/close", {"counted": counted})


def z_report(shop: Shop, number: int) -> Report:
    [shift] = shop.store.read(queries.closed_of_shop, shop_id=shop.party.id, before=number + 1, limit=1)
    assert shift.number == number
    return reports.from_text(shift.report or "")


def sold(shop: Shop, browser: Browser, payer: Member, amount_minor: int, **cart: Any) -> str:
    intent = browser.sell({"typed_minor": amount_minor}, **cart).json["id"]
    shop.paid_by(payer, intent)
    return str(intent)


def test_a_till_without_a_shift_charges_nothing_until_somebody_opens_one(shop: Shop, browser: Browser) -> None:
    assert close(shop, browser).status_code == 200
    refused = browser.charge(100)
    assert (refused.status_code, refused.json["code"]) == (409, "shift_closed")
    assert "No shift is open" in browser.get("/shift").text
    assert browser.post("/api/shifts", {"float": "150.00"}).status_code == 201
    assert browser.post("/api/shifts", {"float": "0"}).json["code"] == "shift_open"
    assert browser.charge(100).status_code == 201


def test_the_z_report_agrees_with_the_ledger_to_the_minor_unit(shop: Shop, browser: Browser, ana: Member) -> None:
    lin = signed_in(shop, "Lin")
    first = sold(shop, browser, ana, 1000, tip={"amount_minor": 150})
    sold(shop, lin, ana, 2000, discount={"basis_points": 1000})
    browser.post(f"/api/sales/{first}/refund", {"amount_minor": 400, "reason": "cold"})
    assert browser.post(f"/api/shifts/{open_shift(shop).id}/cash", cash("in", "50")).status_code == 200
    assert browser.post(f"/api/shifts/{open_shift(shop).id}/cash", cash("out", "12,34")).status_code == 200
    assert close(shop, browser, "237").status_code == 200

    report = z_report(shop, 1)
    assert (report.payments, report.taken_minor, report.refunds, report.refunded_minor) == (2, 2950, 1, 400)
    assert (report.sales, report.sold_minor, report.discounts_minor, report.tips_minor) == (2, 2800, 200, 150)
    assert report.sold_minor + report.tips_minor == report.taken_minor
    balance = shop.store.read(accounts.balance, code=chart.shop_account(shop.party.id)).balance_minor
    assert report.net_minor == balance == 2550
    people = {of.name: (of.payments, of.amount_minor, of.refunded_minor, of.tips_minor) for of in report.by_member}
    assert people == {"May": (1, 1150, 400, 150), "Lin": (1, 1800, 0, 0)}
    assert [(sum.name, sum.payments) for sum in report.by_method] == [("shown", 2)]
    cash_up = report.cash
    assert (cash_up.expected_minor, cash_up.counted_minor, cash_up.difference_minor) == (23_766, 23_700, -66)
    page = browser.get("/shifts").text
    assert "Z report 1" in page
    assert "−¥0.66" in page


def cash(direction: str, amount: str) -> dict[str, str]:
    return {"direction": direction, "amount": amount, "reason": "change"}


def test_tax_is_broken_out_by_rate(shop: Shop, browser: Browser, ana: Member) -> None:
    tea, bun = (shop_item(shop, name) for name in ("Jasmine tea", "Sesame bun"))
    shop.paid_by(ana, browser.sell({"item": tea, "quantity": 1}, {"item": bun, "quantity": 2}).json["id"])
    report = x_report(shop)
    assert sum(tax.gross_minor for tax in report.taxes) == report.sold_minor
    assert sum(tax.tax_minor for tax in report.taxes) == report.tax_minor


def shop_item(shop: Shop, name: str) -> str:
    return next(item.id for item in shop.store.read(catalog.for_sale, shop_id=shop.party.id) if item.name == name)


def test_every_payment_stands_in_one_report_also_what_comes_in_between_two_shifts(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    sold(shop, browser, ana, 100)
    late = browser.charge(250).json["id"]
    close(shop, browser)
    shop.paid_by(ana, late)
    browser.post("/api/shifts", {"float": ""})
    sold(shop, browser, ana, 300)
    close(shop, browser, "0")
    assert [z_report(shop, number).taken_minor for number in (1, 2)] == [100, 550]
    assert z_report(shop, 1).until_seq == z_report(shop, 2).since_seq


def test_a_refund_stands_in_the_report_of_the_shift_that_gives_it(shop: Shop, browser: Browser, ana: Member) -> None:
    intent = sold(shop, browser, ana, 900)
    close(shop, browser)
    browser.post("/api/shifts", {"float": "0"})
    assert browser.post(f"/api/sales/{intent}/refund", {"amount_minor": 900, "reason": "x"}).status_code == 201
    report = x_report(shop)
    assert (report.taken_minor, report.refunded_minor, report.net_minor) == (0, 900, -900)
    assert z_report(shop, 1).refunded_minor == 0


def test_a_revoked_till_without_a_shift_gives_nothing_back_for_no_report_would_count_it(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    intent, sent = sold(shop, browser, ana, 900), {"amount_minor": 100, "reason": "x"}
    terminal = open_shift(shop).terminal_id
    assert browser.post(f"/api/terminals/{terminal}/revoke").status_code == 200
    assert browser.post(f"/api/sales/{intent}/refund", sent).status_code == 201, "its shift is still open"
    close(shop, browser)
    refused = browser.post(f"/api/sales/{intent}/refund", sent)
    assert (refused.status_code, refused.json["code"]) == (409, "terminal_revoked")
    assert shop.intent(intent).refunded_minor == 100
    assert z_report(shop, 1).refunded_minor == 100


def test_the_parts_of_a_split_sale_are_payments_and_one_sale_once_all_are_paid(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    shown = browser.sell({"typed_minor": 1000}, tip={"amount_minor": 100}, parts=[600, 500]).json
    shop.paid_by(ana, shown["id"])
    half = x_report(shop)
    assert (half.payments, half.taken_minor, half.sales, half.tips_minor) == (1, 600, 0, 0)
    second = browser.post(f"/api/sales/{shown['sale']['id']}/part", {"part": 1}).json
    shop.paid_by(ana, second["id"])
    whole = x_report(shop)
    assert (whole.payments, whole.taken_minor) == (2, 1100)
    assert (whole.sales, whole.sold_minor, whole.tips_minor) == (1, 1000, 100)


def test_of_a_hold_the_report_counts_what_was_captured(shop: Shop, browser: Browser, ana: Member) -> None:
    id = browser.sell({"typed_minor": 1000}, is_manual=True, tip={"amount_minor": 200}).json["id"]
    shop.authorized_by(ana, id)
    assert (x_report(shop).sales, x_report(shop).sold_minor) == (0, 0)
    assert browser.post(f"/api/sales/{id}/capture", {"amount_minor": 1000}).status_code == 200
    report = x_report(shop)
    assert (report.sales, report.taken_minor, report.sold_minor, report.tips_minor) == (1, 1000, 833, 167)


def test_the_tax_of_a_captured_part_is_that_of_the_part(shop: Shop, browser: Browser, ana: Member) -> None:
    known = {item.name: item.id for item in shop.store.read(catalog.for_sale, shop_id=shop.party.id)}
    lines = [{"item": known[name], "quantity": 1} for name in ("Egg tart", "Oolong")]
    id = browser.sell(*lines, is_manual=True).json["id"]
    shop.authorized_by(ana, id)
    assert browser.post(f"/api/sales/{id}/capture", {"amount_minor": 1150}).status_code == 200
    report = x_report(shop)
    rates = [(tax.basis_points, tax.gross_minor, tax.tax_minor) for tax in report.taxes]
    assert rates == [(600, 750, 42), (1300, 400, 46)]
    assert report.tax_minor == 88


def test_what_no_till_sold_is_told_apart(shop: Shop, ana: Member) -> None:
    intent = shop.program().create(700).json["id"]
    shop.paid_by(ana, intent)
    report = x_report(shop)
    assert (report.taken_minor, report.elsewhere.payments, report.elsewhere.amount_minor) == (0, 1, 700)


def test_what_is_captured_for_a_till_that_is_no_more_stands_in_anothers_report(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    id = browser.sell({"typed_minor": 1000}, is_manual=True).json["id"]
    shop.authorized_by(ana, id)
    first = open_shift(shop).terminal_id
    assert close(shop, browser).status_code == 200
    assert browser.post("/api/terminals", {"name": "Till 2"}).status_code == 201
    assert browser.post("/api/shifts", {"float": "0"}).status_code == 201
    assert browser.post(f"/api/terminals/{first}/revoke").status_code == 200
    assert browser.post(f"/api/sales/{id}/capture").status_code == 200
    report = x_report(shop)
    assert (report.taken_minor, report.elsewhere.payments, report.elsewhere.amount_minor) == (0, 1, 1000)


def test_a_closed_shift_never_changes(shop: Shop, browser: Browser, ana: Member) -> None:
    shift = open_shift(shop)
    sold(shop, browser, ana, 100)
    close(shop, browser)
    page = browser.get(f"/shifts/{shift.id}").text
    assert close_again(browser, shift).json["code"] == "shift_closed"
    assert browser.post(f"/api/shifts/{shift.id}/cash", cash("in", "5")).json["code"] == "shift_closed"
    for statement in ("UPDATE shifts_shift SET counted_minor = 5", "DELETE FROM shifts_shift"):
        with pytest.raises(Exception, match="never change"):
            shop.store.run(lambda uow, text=statement: uow.sql.run(text))
    assert browser.get(f"/shifts/{shift.id}").text.split("<main")[1] == page.split("<main")[1]


def close_again(browser: Browser, shift: Shift) -> Any:
    return browser.post(f"/api/shifts/{shift.id}/close", {"counted": "1"})


def test_reports_are_numbered_without_a_gap(shop: Shop, browser: Browser) -> None:
    for _ in range(3):
        close(shop, browser, "0")
        browser.post("/api/shifts", {"float": "0"})
    found = shop.store.read(queries.closed_of_shop, shop_id=shop.party.id, before=None, limit=9)
    assert [shift.number for shift in found] == [3, 2, 1]


@pytest.mark.parametrize("counted", ["-1", "1e3", "12.345", "ten", "99999999999999", "1 000"])
def test_an_amount_of_cash_that_is_none_is_refused(shop: Shop, browser: Browser, counted: str) -> None:
    assert close(shop, browser, counted).status_code == 400
    assert open_shift(shop).closed_at is None


@pytest.mark.parametrize(
    "body",
    [
        {"direction": "up", "amount": "1", "reason": "x"}, {"direction": "in", "amount": "0", "reason": "x"},
        {"direction": "in", "amount": "1", "reason": ""}, {"direction": "in", "amount": "1"},
    ],
)  # fmt: skip
def test_cash_has_a_direction_an_amount_and_a_reason(shop: Shop, browser: Browser, body: dict[str, str]) -> None:
    assert browser.post(f"/api/shifts/{open_shift(shop).id}/cash", body).status_code == 400


def test_cash_is_moved_once_however_often_it_is_sent(shop: Shop, browser: Browser) -> None:
    headers = {"X-CSRF-Token": browser.token, "Idempotency-Key": "one wish"}
    for _ in range(2):
        path = f"/api/shifts/{open_shift(shop).id}/cash"
        assert browser.client.post(path, json=cash("in", "5"), headers=headers).status_code == 200
    assert x_report(shop).cash.put_in_minor == 500


def test_what_was_done_to_a_drawer_stands_in_the_log(shop: Shop, browser: Browser) -> None:
    browser.post(f"/api/shifts/{open_shift(shop).id}/cash", cash("out", "5"))
    close(shop, browser, "190")
    page = browser.get("/activity").text
    assert "Took ¥5.00 of cash out: change" in page
    assert "Closed the shift: Z report 1, cash difference −¥5.00" in page


def test_another_shop_sees_none_of_it(shop: Shop, browser: Browser) -> None:
    zoe, shift = owner_of(shop, other_shop(shop)), open_shift(shop)
    assert zoe.get(f"/shifts/{shift.id}").status_code == 404
    assert close_again(zoe, shift).json["code"] == "unknown_shift"
