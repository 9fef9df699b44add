"""The shop's own tests. `till`, `phone`, `clock` and `webhooks` come with Saoma, and nothing is mocked."""

import httpx
import pytest
from shop import create_app


@pytest.fixture
def shop(till, webhooks):
    """The shop, hearing Saoma's webhooks."""
    app = create_app(saoma_url=till.url, api_key=till.api_key, webhook_secret=webhooks.secret)
    webhooks.pass_on(lambda headers, body: app.test_client().post("/webhooks", headers=headers, data=body).status_code)
    return app


@pytest.fixture
def order(shop):
    """Somebody buys a tin of tea and is sent to the page where it is paid."""
    sent = shop.test_client().post("/orders", data={"what": "tea"})
    [order] = shop.extensions["orders"].values()
    assert sent.location == order["pay_url"]
    return order


def test_an_order_ships_when_the_phone_has_paid(order, till, phone, webhooks):
    phone.pay(till.status(order["intent"])["code"])
    webhooks.wait_for("intent.captured", order["intent"])
    assert order["state"] == "shipped"


def test_the_buyer_finds_the_code_on_the_hosted_page(order):
    page = httpx.get(order["pay_url"])
    assert page.status_code == 200
    assert "48.00" in page.text


def test_nothing_ships_while_nobody_has_paid(order, clock, webhooks):
    clock.advance(minutes=20)
    webhooks.wait_for("intent.expired", order["intent"])
    assert order["state"] == "not paid"


def test_an_order_ships_though_the_shop_was_down_when_it_was_paid(order, till, phone, clock, webhooks):
    webhooks.refuse_next("intent.captured")
    phone.pay(till.status(order["intent"])["code"])
    webhooks.wait_for("intent.captured", order["intent"], answered=500)
    assert order["state"] == "waiting"
    clock.advance(hours=1)
    webhooks.wait_for("intent.captured", order["intent"])
    assert order["state"] == "shipped"


def test_an_order_that_is_given_back_is_not_shipped_again(order, till, phone, webhooks):
    phone.pay(till.status(order["intent"])["code"])
    refund = till.refund(order["intent"])
    webhooks.wait_for("refund.succeeded", refund["id"])
    webhooks.wait_for("intent.captured", order["intent"])
    assert order["state"] == "refunded"
    assert phone.balance_minor == 100_000


def test_a_webhook_that_is_not_ours_ships_nothing(shop, order):
    forged = {"id": "evt_1", "type": "intent.captured", "data": {"object": {"id": order["intent"]}}}
    headers = {"webhook-id": "evt_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
    assert shop.test_client().post("/webhooks", json=forged, headers=headers).status_code == 401
    assert order["state"] == "waiting"
