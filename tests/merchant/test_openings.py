"""A new shop in three screens; and an owner's shops, gone to from each other without signing in again."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from merchant.groups import actions as groups
from merchant.staff import members
from shared.identity import parties
from shared.identity.signing import PrivateKey
from shared.ledger import accounts, chart
from shared.settlement import batches
from tests.merchant.operator import open_desk
from tests.merchant.shop import Browser, Shop, token_of
from tests.merchant.standing import other_shop, owner_of, signed_in
from tests.world import Member

PIN = "135790"


@pytest.fixture
def stranger(shop: Shop) -> Browser:
    """Somebody who has no shop yet."""
    browser = shop.browser(is_signed_in=False)
    browser.token = token_of(browser.get("/open").text)
    return browser


def send(browser: Browser, path: str, **form: Any) -> TestResponse:
    return browser.client.post(path, data={**form, "csrf_token": browser.token})


def opened(browser: Browser, name: str = "Noodle Bar", handle: str = "noodle-bar", **change: str) -> TestResponse:
    form = {"name": name, "handle": handle, "owner": "Kim", "pin": PIN, "again": PIN} | change
    return send(browser, "/open/owner", **form)


def known(shop: Shop, handle: str) -> parties.Known:
    return shop.store.read(parties.by_handle, handle=handle)


def test_three_screens_lead_to_a_till_that_charges(shop: Shop, stranger: Browser, ana: Member) -> None:
    answer = send(stranger, "/open", name="Noodle Bar", handle="")
    assert (answer.status_code, answer.location) == (303, "/open/owner?name=Noodle+Bar&handle=noodle-bar")
    assert "@noodle-bar" in stranger.get(answer.location).text
    assert opened(stranger).location == "/open/items"
    page = stranger.get("/open/items").text
    assert "not verified" in page
    assert "<svg" in page
    answer = send(stranger, "/open/items", item=["Ramen", "", "Gyoza"], price=["48", "", "22.50"])
    assert answer.location == "/"
    stranger.token = token_of(stranger.get("/").text)
    assert "Ramen" in stranger.get("/").text
    made = stranger.charge(1250)
    assert made.status_code == 201
    bar = Member(known(shop, "noodle-bar"), PrivateKey.generate())
    paid = shop.world.execute(shop.world.payment(ana, shop.intent(made.json["id"]), bar))
    assert paid.transfer.credit_account == chart.shop_account(bar.id)
    assert shop.store.read(accounts.balance, code=chart.shop_account(bar.id)).balance_minor == 1250


def test_a_new_shop_is_not_verified_until_the_operator_says_so(shop: Shop, stranger: Browser) -> None:
    opened(stranger)
    bar = known(shop, "noodle-bar")
    assert bar.verified_at is None
    assert shop.store.read(batches.rate_of, shop_id=bar.id).basis_points == 60
    open_desk(shop).decide(f"/operator/shops/{bar.id}/verified", is_verified="yes")
    assert known(shop, "noodle-bar").verified_at is not None


def test_its_owner_signs_in_again_with_the_pin_that_was_chosen(shop: Shop, stranger: Browser) -> None:
    opened(stranger)
    assert shop.browser(is_signed_in=False).sign_in("noodle-bar", "Kim", PIN).location == "/"


@pytest.mark.parametrize(
    ("name", "handle"),
    [("", ""), ("x" * 41, ""), ("Tea\u202eesuoh", ""), ("Сорner", ""), ("Tea", "corner-tea"), ("Tea", "no spaces"),
     ("Tea", "saoma"), ("Tea", "-"), ("Saoma", ""), ("SA0RNA", "tea"), ("Saoma Support", ""), ("Tea", "s.a.o.m.a"),
     ("Tea", "operator"), ("Tea \u2713", "tea")],
)  # fmt: skip
def test_a_name_or_handle_that_cannot_be_stays_on_the_first_screen(stranger: Browser, name: str, handle: str) -> None:
    for answer in (send(stranger, "/open", name=name, handle=handle), opened(stranger, name, handle)):
        assert answer.status_code in (400, 409)
        assert 'id="problem"' in answer.text
    assert stranger.get("/").location == "/signin"


def test_markup_in_a_name_is_only_text(stranger: Browser) -> None:
    answer = send(stranger, "/open", name="<b>Tea</b>", handle="")
    assert "<b>Tea</b>" not in stranger.get(answer.location).text


@pytest.mark.parametrize("change", [{"again": "135791"}, {"pin": "12345", "again": "12345"}, {"owner": ""}])
def test_an_owner_needs_a_name_and_one_pin_twice(shop: Shop, stranger: Browser, change: dict[str, str]) -> None:
    answer = opened(stranger, **change)
    assert answer.status_code == 400
    assert "Who owns it?" in answer.text
    assert "noodle-bar" not in shop.store.read(parties.by_handles, handles=["noodle-bar"])


def test_items_that_do_not_fit_are_told_and_none_is_kept(stranger: Browser) -> None:
    opened(stranger)
    answer = send(stranger, "/open/items", item=["Ramen", "Gyoza"], price=["48", "0"])
    assert answer.status_code == 400
    assert "Ramen" in answer.text
    assert "Ramen" not in stranger.get("/").text


def test_two_who_want_one_handle_get_one_shop(shop: Shop, stranger: Browser) -> None:
    opened(stranger)
    late = shop.browser(is_signed_in=False)
    late.token = token_of(late.get("/open").text)
    answer = opened(late)
    assert answer.status_code == 409
    assert send(late, "/open", name="Noodle Bar", handle="").location.endswith("handle=noodle-bar-2")


def test_one_address_cannot_open_shops_for_ever(shop: Shop, stranger: Browser) -> None:
    shop.store.run(lambda uow: uow.sql.run(
        "INSERT INTO web_attempt (scope, failures, blocked_until, last_at) VALUES ('opening:127.0.0.1', 49, 0, :now)",
        now=uow.now,
    ))  # fmt: skip
    assert opened(stranger).status_code == 303
    answer = opened(stranger, "Second", "second")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_an_owner_who_opens_another_shop_goes_between_them_without_signing_in(shop: Shop, browser: Browser) -> None:
    assert opened(browser, owner="May").location == "/open/items"
    assert "Noodle Bar" in browser.get("/").text
    page = browser.get("/shops").text
    assert "Corner Tea House" in page
    old = browser.client.get_cookie("merchant_session")
    assert send(browser, f"/shops/{shop.party.id}/enter").location == "/"
    assert "Corner Tea House" in browser.get("/").text
    assert old is not None
    other = shop.browser(is_signed_in=False)
    other.client.set_cookie("merchant_session", old.value)
    assert other.get("/").location == "/signin", "the session that was left is over"


def test_a_shop_of_ones_own_is_added_by_its_pin_and_taken_out_again(
    shop: Shop, stranger: Browser, browser: Browser
) -> None:
    opened(stranger)
    bar = known(shop, "noodle-bar")
    wrong = send(browser, "/shops/add", handle="noodle-bar", name="Kim", pin="000000")
    assert wrong.status_code == 401
    assert "Tries left: 4" in wrong.text
    assert send(browser, f"/shops/{bar.id}/enter").status_code == 404
    assert send(browser, "/shops/add", handle="noodle-bar", name="Kim", pin=PIN).location == "/shops"
    assert send(browser, "/shops/add", handle="noodle-bar", name="Kim", pin=PIN).status_code == 409
    send(browser, f"/shops/{bar.id}/leave")
    assert send(browser, f"/shops/{bar.id}/enter").status_code == 404
    assert send(browser, f"/shops/{bar.id}/leave").status_code == 404


def test_only_owners_of_both_shops_put_them_together(shop: Shop, stranger: Browser, browser: Browser) -> None:
    opened(stranger)
    bar = known(shop, "noodle-bar")
    hired = shop.store.run(members.add, shop_id=bar.id, name="Lee", pin_hash=members.hashed("246802"))
    assert send(browser, "/shops/add", handle="noodle-bar", name="Lee", pin="246802").status_code == 403
    may = shop.store.read(members.of_shop, shop_id=shop.party.id)[0]
    with pytest.raises(members.NotYourRole):
        shop.store.run(groups.join, founder=may, owner=hired)


def test_an_owner_who_owns_it_no_more_goes_there_no_more(shop: Shop, browser: Browser) -> None:
    opened(browser, owner="May")
    bar = known(shop, "noodle-bar")
    send(browser, f"/shops/{shop.party.id}/enter")
    [may] = shop.store.read(members.of_shop, shop_id=bar.id)
    heir = members.Role.OWNER
    shop.store.run(members.add, shop_id=bar.id, name="Kim", pin_hash=members.hashed(PIN), role=heir)
    shop.store.run(members.set_role, member=may, role=members.Role.CASHIER)
    assert send(browser, f"/shops/{bar.id}/enter").status_code == 404
    assert "Noodle Bar" not in browser.get("/shops").text


def test_the_groups_sum_is_that_of_its_shops(shop: Shop, browser: Browser, ana: Member) -> None:
    shop.paid_by(ana, browser.charge(1000).json["id"])
    opened(browser, owner="May")
    browser.token = token_of(browser.get("/").text)
    bar = Member(known(shop, "noodle-bar"), PrivateKey.generate())
    for amount in (250, 350):
        shop.world.execute(shop.world.payment(ana, shop.intent(browser.charge(amount).json["id"]), bar))
    page = browser.get("/shops").text
    assert "¥16.00" in page
    assert "¥10.00" in page
    assert "¥6.00" in page
    shop.world.pass_time(25 * 3600)
    assert "Sales today: 0" in browser.get("/shops").text


def test_a_shop_that_changed_hands_leaves_its_group_for_its_new_owners(shop: Shop) -> None:
    branch, third = other_shop(shop), other_shop(shop, "third")
    may, zoe = (shop.store.read(members.of_shop, shop_id=id)[0] for id in (shop.party.id, branch.id))
    shop.store.run(groups.join, founder=may, owner=zoe)
    new_owner = {"name": "Yan", "pin_hash": members.hashed(PIN), "role": members.Role.OWNER}
    shop.store.run(members.add, shop_id=branch.id, **new_owner)
    shop.store.run(members.remove, member=zoe)
    browser = owner_of(shop, third)
    browser.token = token_of(browser.get("/shops").text)
    answer = send(browser, "/shops/add", handle=branch.handle, name="Yan", pin=PIN)
    assert (answer.status_code, answer.location) == (303, "/shops")
    assert branch.id in browser.get("/shops").text
    assert branch.id not in signed_in(shop, "May").get("/shops").text
