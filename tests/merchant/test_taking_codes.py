"""A cashier takes what a customer's phone shows, at a checkout: by its code or its number, bound to the terminal."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from merchant import standing
from merchant.staff import members
from merchant.terminals import actions as terminals
from merchant.terminals import queries as terminal_queries
from merchant.terminals.queries import Terminal
from shared.codes import frame as frames
from shared.identity import parties
from shared.payments import audit, numbers, orders, presented
from shared.web.sessions import Session
from tests.merchant.shop import Browser, Shop
from tests.world import Member

NO_PIN = 20_000


@pytest.fixture(autouse=True)
def green(shop: Shop):  # type: ignore[no-untyped-def]
    """Whatever a test did, the audit agrees with it."""
    yield
    assert shop.store.read(audit.run).faults == []


@pytest.fixture
def ana(shop: Shop) -> Member:
    """A customer with 1,000.00, of which 200.00 go without being asked."""
    ana = shop.world.person("ana")
    shop.world.limit(ana, NO_PIN)
    return ana


def shown(shop: Shop, payer: Member) -> str:
    """What a phone shows: the text of a payer code."""
    return frames.code_text(shop.config.wallet_url, shop.world.payer_code(payer))


def take(browser: Browser, id: str, code: object) -> TestResponse:
    return browser.post(f"/api/sales/{id}/present", {"code": code})


def refusal(answer: TestResponse) -> tuple[int, str]:
    assert "{" not in answer.json["detail"]
    return answer.status_code, answer.json["code"]


def terminal_of(shop: Shop) -> Terminal:
    [found] = shop.store.read(terminal_queries.of_shop, shop_id=shop.party.id)
    return found


def revoke_terminal(shop: Shop) -> None:
    [boss, *_] = shop.store.read(members.of_shop, shop_id=shop.party.id)
    at = shop.store.read(standing.find, session=Session("", shop.party.id, boss.id), token="")
    shop.store.run(terminals.revoke, at=at, terminal_id=at.terminal.id)


def test_a_code_is_taken_by_its_text_and_by_its_number_and_bound_to_the_terminal(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    code = shown(shop, ana)
    opened = shop.store.read(orders.open_as_of, frame=frames.frame_of_text(shown(shop, ana)), at_ms=None, now_s=None)
    number = shop.store.run(numbers.issue, opened=opened).number
    for text in (code, f"{number[:4]} {number[4:10]}-{number[10:]}"):
        answer = take(browser, browser.charge(1250).json["id"], text)
        assert (answer.status_code, answer.json["status"], answer.json["payer"]) == (200, "captured", "A***")
    taken = "SELECT frame FROM payments_order WHERE presented IS NOT NULL"
    rows = shop.store.read(lambda reader: reader.sql.rows(taken))
    kids = {frames.split(bytes(row[0])).kid.hex() for row in rows}
    assert kids == {terminal_of(shop).kid}


def test_above_the_limit_the_phone_is_asked_and_the_cashier_may_give_up(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    id = browser.charge(NO_PIN + 1).json["id"]
    code = shown(shop, ana)
    assert take(browser, id, code).json["status"] == "requires_confirmation"
    assert take(browser, id, code).json["status"] == "requires_confirmation", "asked again, told how it stands"
    assert browser.get("/display/now").text.count('data-state="asked"') == 1
    assert browser.post(f"/api/sales/{id}/cancel").json["status"] == "canceled"
    assert shop.world.balance(ana) == 100_000

    other = browser.charge(NO_PIN + 1).json["id"]
    take(browser, other, shown(shop, ana))
    shop.store.run(presented.decline, intent_id=other, party_id=ana.id)
    assert browser.get(f"/api/sales/{other}").json["status"] == "declined"


def test_the_code_of_a_frozen_user_is_refused_with_its_reason(shop: Shop, browser: Browser, ana: Member) -> None:
    id = browser.charge(1250).json["id"]
    shop.store.run(parties.freeze_self, party_id=ana.id, is_frozen=True)
    assert refusal(take(browser, id, shown(shop, ana))) == (403, "self_frozen")
    shop.store.run(parties.freeze_self, party_id=ana.id, is_frozen=False)
    shop.store.run(parties.freeze, party_id=ana.id, is_frozen=True)
    assert refusal(take(browser, id, shown(shop, ana))) == (403, "party_frozen")
    assert browser.get(f"/api/sales/{id}").json["status"] == "requires_payment", "the sale waits for another way to pay"
    assert shop.world.balance(ana) == 100_000


def test_a_terminal_that_was_revoked_in_the_middle_of_a_sale_takes_nothing_more(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    id = browser.charge(1250).json["id"]
    revoke_terminal(shop)
    for answer in (take(browser, id, shown(shop, ana)), browser.charge(700)):
        assert refusal(answer) == (409, "terminal_revoked")
    assert browser.get(f"/checkout/{id}").status_code == 200, "the till still tells how its sale stands"
    assert browser.post(f"/api/sales/{id}/cancel").json["status"] == "canceled"
    assert shop.world.balance(ana) == 100_000


def test_what_is_no_pay_code_is_refused_and_the_sale_goes_on(shop: Shop, browser: Browser, ana: Member) -> None:
    made = browser.charge(1250).json
    spent = shown(shop, ana)
    take(browser, browser.charge(100).json["id"], spent)
    for code, why in (
        (made["code"], (400, "not_a_payer_code")),
        ("4006381333931", (422, "not_a_code")),
        ("", (422, "not_a_code")),
        (spent, (409, "code_spent")),
        (7, (400, "bad_input")),
    ):
        assert refusal(take(browser, made["id"], code)) == why, code
    assert take(browser, made["id"], shown(shop, ana)).json["status"] == "captured"
    assert refusal(take(browser, made["id"], shown(shop, ana))) == (409, "already_paid")


def test_nobody_takes_a_code_for_another_shops_sale_or_without_signing_in(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    foreign = shop.world.intent(shop.world.shop("noodles"), 500).id
    assert refusal(take(browser, foreign, shown(shop, ana))) == (404, "unknown_intent")
    id = browser.charge(1250).json["id"]
    nobody = shop.browser(is_signed_in=False)
    nobody.token = browser.token
    assert take(nobody, id, shown(shop, ana)).status_code in (401, 403)
    assert shop.world.balance(ana) == 100_000


def test_a_taken_code_stands_in_the_log(shop: Shop, browser: Browser, ana: Member) -> None:
    id = browser.charge(1250).json["id"]
    take(browser, id, shown(shop, ana))
    rows = shop.store.read(
        lambda reader: reader.sql.rows("SELECT subject FROM activity_entry WHERE what = 'code.taken'")
    )
    assert rows == [(id,)]
