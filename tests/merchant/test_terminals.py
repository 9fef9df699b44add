"""Tills: each has a key of its own; a browser becomes one, and a revoked one charges nothing any more."""

from __future__ import annotations

from merchant.terminals import queries
from merchant.terminals.queries import Terminal
from shared.codes.payloads import OrderKind
from shared.payments.states import IntentState
from tests.merchant.shop import Browser, Shop
from tests.merchant.standing import other_shop, owner_of, signed_in
from tests.world import Member


def tills(shop: Shop) -> dict[str, Terminal]:
    return {known.name: known for known in shop.store.read(queries.of_shop, shop_id=shop.party.id)}


def move_in(browser: Browser, name: str = "Terrace"):  # type: ignore[no-untyped-def]
    return browser.post("/api/terminals", {"name": name})


def terrace(shop: Shop) -> Browser:
    """A browser that is a till of its own, with its shift open."""
    browser = signed_in(shop, "Wu")
    assert move_in(browser).status_code == 201
    assert browser.post("/api/shifts", {"float": "0"}).status_code == 201
    return browser


def test_what_a_till_charges_is_sealed_by_its_own_key(shop: Shop, browser: Browser) -> None:
    outside = terrace(shop)
    here, there = (shop.intent(one.charge(100).json["id"]).kid for one in (browser, outside))
    assert (here, there) == (tills(shop)["Till 1"].kid, tills(shop)["Terrace"].kid)
    by_program = shop.intent(shop.program().create(100).json["id"]).kid
    assert by_program not in (here, there), "the shop's own key is no till's"


def test_what_a_shop_orders_about_a_sale_is_sealed_by_its_own_key_whatever_became_of_the_till(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    outside = terrace(shop)
    paid = outside.charge(900).json["id"]
    shop.paid_by(ana, paid)
    browser.post(f"/api/terminals/{tills(shop)['Terrace'].id}/revoke")
    assert browser.post(f"/api/sales/{paid}/refund", {"amount_minor": 900, "reason": "cold"}).status_code == 201
    own = shop.intent(shop.program().create(100).json["id"]).kid
    [(order,)] = shop.store.read(
        lambda reader: reader.sql.rows("SELECT id FROM payments_order WHERE kind = :kind", kind=OrderKind.REFUND)
    )
    assert order.startswith(own)


def test_every_browser_that_is_no_till_of_its_own_stands_at_the_first_one(shop: Shop, browser: Browser) -> None:
    assert "Till 1" in browser.get("/shop").text
    assert "Till 1" in signed_in(shop, "Lin").get("/shop").text
    outside = terrace(shop)
    assert "Terrace" in outside.get("/shop").text
    assert "Till 1" in browser.get("/shop").text


def test_a_till_stays_the_same_whoever_signs_in(shop: Shop) -> None:
    outside = terrace(shop)
    outside.client.post("/signout", data={"csrf_token": outside.token})
    lin = next(person for person in shop.told["staff"] if person["name"] == "Lin")
    assert outside.sign_in("corner-tea", "Lin", lin["pin"]).status_code == 303
    assert "Terrace" in outside.get("/shop").text


def test_a_till_that_is_revoked_in_the_middle_of_a_sale_is_not_paid_any_more(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    outside = terrace(shop)
    paid, waiting = (outside.charge(amount).json["id"] for amount in (100, 200))
    shop.paid_by(ana, paid)
    elsewhere = browser.charge(300).json["id"]
    assert browser.post(f"/api/terminals/{tills(shop)['Terrace'].id}/revoke").status_code == 200
    assert shop.intent(paid).state is IntentState.CAPTURED
    assert shop.intent(waiting).state is IntentState.CANCELED
    assert shop.intent(elsewhere).state is IntentState.REQUIRES_PAYMENT, "the other till goes on"
    refused = outside.charge(100)
    assert (refused.status_code, refused.json["code"]) == (409, "terminal_revoked")
    assert "was revoked" in outside.get("/terminals").text
    assert browser.post(f"/api/terminals/{tills(shop)['Terrace'].id}/revoke").status_code == 200, "once more is no harm"


def test_a_revoked_browser_can_become_a_till_again(shop: Shop) -> None:
    outside = terrace(shop)
    outside.post(f"/api/terminals/{tills(shop)['Terrace'].id}/revoke")
    assert move_in(outside, "Garden").status_code == 201
    assert outside.charge(100).json["code"] == "shift_closed"
    outside.post("/api/shifts", {"float": "0"})
    assert outside.charge(100).status_code == 201


def test_a_browser_that_becomes_another_till_gives_the_first_one_up(shop: Shop) -> None:
    outside = terrace(shop)
    move_in(outside, "Garden")
    assert tills(shop)["Terrace"].revoked_at is not None
    assert tills(shop)["Garden"].revoked_at is None


def test_one_browser_is_a_till_of_each_of_two_shops(shop: Shop) -> None:
    outside, other = terrace(shop), other_shop(shop)
    outside.client.post("/signout", data={"csrf_token": outside.token})
    zoe = owner_of(shop, other)
    for cookie in ("merchant_terminal",):
        zoe.client.set_cookie(cookie, outside.client.get_cookie(cookie).value)  # type: ignore[union-attr]
    assert "Till 1" in zoe.get("/shop").text
    assert move_in(zoe, "Stall").status_code == 201
    assert "Stall" in zoe.get("/shop").text
    assert "Terrace" in signed_in_at(shop, outside).get("/shop").text


def signed_in_at(shop: Shop, browser: Browser) -> Browser:
    browser.sign_in("corner-tea", "May", shop.told["pin"])
    return browser


def test_names_of_tills_are_short_and_not_given_twice(shop: Shop, browser: Browser) -> None:
    assert move_in(browser, "till 1").json["code"] == "terminal_name_taken"
    for name in ("", "a name of many letters", "a\u202eb"):
        assert move_in(browser, name).status_code == 400
    assert move_in(browser, "<b>1</b>").status_code == 201
    assert "<b>1</b>" not in browser.get("/terminals").text


def test_a_cashier_makes_and_revokes_no_till(shop: Shop) -> None:
    lin = signed_in(shop, "Lin")
    assert move_in(lin).json["code"] == "not_your_role"
    assert lin.post(f"/api/terminals/{tills(shop)['Till 1'].id}/revoke").json["code"] == "not_your_role"


def test_another_shops_till_does_not_exist(shop: Shop) -> None:
    zoe = owner_of(shop, other_shop(shop))
    assert zoe.post(f"/api/terminals/{tills(shop)['Till 1'].id}/revoke").json["code"] == "unknown_terminal"


def test_a_terminals_cookie_is_no_session(shop: Shop) -> None:
    outside = terrace(shop)
    stranger = shop.browser(is_signed_in=False)
    stranger.client.set_cookie("merchant_terminal", outside.client.get_cookie("merchant_terminal").value)  # type: ignore[union-attr]
    assert stranger.get("/").location == "/signin"
