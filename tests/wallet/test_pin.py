"""The PIN: set once, tried five times, kept over restarts, and good for one payment at a time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.codes.payloads import OrderKind
from shared.config import Config
from shared.db.store import Store
from tests.wallet.conftest import Phone, refused
from wallet.app import create_app

LARGE = 20_001


def test_the_first_pin_is_set_once(ana: Phone) -> None:
    refused(ana.ask("POST", "/api/confirmations", {"pin": "123456"}), "pin_not_set", 409)
    assert ana.post("/api/pin", {"pin": "123456"}) == {}
    assert ana.get("/api/me")["has_pin"] is True
    refused(ana.ask("POST", "/api/pin", {"pin": "654321"}), "pin_already_set", 409)
    assert ana.post("/api/confirmations", {"pin": "123456"})["confirmation"]


@pytest.mark.parametrize("pin", ["12345", "1234567", "12345x", " 12345", "", "¹²³⁴⁵⁶"])
def test_a_pin_is_six_digits(ana: Phone, pin: str) -> None:
    refused(ana.ask("POST", "/api/pin", {"pin": pin}), "bad_pin", 400)
    assert ana.get("/api/me")["has_pin"] is False


def test_five_wrong_tries_make_a_wait_that_outlives_a_restart(
    join: Callable[..., Phone], config: Config, open_store: Callable[[str], Store]
) -> None:
    ana = join("Ana", pin="123456")

    for left in (4, 3, 2, 1, 0):
        body = refused(ana.ask("POST", "/api/confirmations", {"pin": "000000"}), "wrong_pin", 403)
        assert body["x_tries_left"] == left
        assert str(left) in body["detail"]
    blocked = ana.ask("POST", "/api/confirmations", {"pin": "123456"})
    body = refused(blocked, "too_many_attempts", 429)
    assert blocked.headers["Retry-After"] == str(body["x_retry_after_s"])
    assert 0 < body["x_retry_after_s"] <= 30

    ana.client = create_app(config, open_store(config.database_url)).test_client(use_cookies=False)
    refused(ana.ask("POST", "/api/confirmations", {"pin": "123456"}), "too_many_attempts", 429)
    ana.world.pass_time(31)
    assert ana.post("/api/confirmations", {"pin": "123456"})["confirmation"]


def test_a_right_pin_clears_the_count_and_a_second_round_waits_longer(join: Callable[..., Phone]) -> None:
    ana = join("Ana", pin="123456")

    for _ in range(4):
        refused(ana.ask("POST", "/api/confirmations", {"pin": "000000"}), "wrong_pin", 403)
    ana.post("/api/confirmations", {"pin": "123456"})
    body = refused(ana.ask("POST", "/api/confirmations", {"pin": "000000"}), "wrong_pin", 403)
    assert body["x_tries_left"] == 4
    for _ in range(4):
        ana.ask("POST", "/api/confirmations", {"pin": "000000"})
    ana.world.pass_time(31)
    refused(ana.ask("POST", "/api/confirmations", {"pin": "000000"}), "wrong_pin", 403)
    body = refused(ana.ask("POST", "/api/confirmations", {"pin": "123456"}), "too_many_attempts", 429)
    assert 30 < body["x_retry_after_s"] <= 60


def test_a_confirmation_pays_once(join: Callable[..., Phone], li: Phone) -> None:
    ana = join("Ana", pin="123456")
    token = ana.post("/api/confirmations", {"pin": "123456"})["confirmation"]
    first, second = (ana.order(OrderKind.SEND, "li", LARGE) for _ in range(2))

    ana.post("/api/orders", {"order": first, "confirmation": token})

    refused(ana.ask("POST", "/api/orders", {"order": second, "confirmation": token}), "pin_required", 403)
    assert li.balance() == 100_000 + LARGE


def test_a_confirmation_is_its_owners_for_two_minutes_and_survives_a_refusal(
    join: Callable[..., Phone], li: Phone
) -> None:
    ana, mia = join("Ana", pin="123456"), join("Mia", pin="123456")
    token = mia.post("/api/confirmations", {"pin": "123456"})["confirmation"]

    order = ana.order(OrderKind.SEND, "li", LARGE)
    refused(ana.ask("POST", "/api/orders", {"order": order, "confirmation": token}), "pin_required", 403)
    too_much = mia.order(OrderKind.SEND, "li", 200_000)
    refused(mia.ask("POST", "/api/orders", {"order": too_much, "confirmation": token}), "insufficient_funds", 409)
    mia.post("/api/orders", {"order": mia.order(OrderKind.SEND, "li", LARGE), "confirmation": token})

    late = ana.post("/api/confirmations", {"pin": "123456"})["confirmation"]
    ana.world.pass_time(121)
    order = ana.order(OrderKind.SEND, "li", LARGE)
    refused(ana.ask("POST", "/api/orders", {"order": order, "confirmation": late}), "pin_required", 403)
    assert li.balance() == 100_000 + LARGE


def test_the_limit_itself_needs_no_pin_and_one_more_does(ana: Phone, li: Phone) -> None:
    ana.post("/api/orders", {"order": ana.order(OrderKind.SEND, "li", LARGE - 1)})

    refused(ana.ask("POST", "/api/orders", {"order": ana.order(OrderKind.SEND, "li", LARGE)}), "pin_not_set", 409)
    ana.post("/api/pin", {"pin": "123456"})
    refused(ana.ask("POST", "/api/orders", {"order": ana.order(OrderKind.SEND, "li", LARGE)}), "pin_required", 403)
    assert li.balance() == 100_000 + LARGE - 1


def test_a_paid_order_that_comes_again_needs_no_second_confirmation(join: Callable[..., Phone], li: Phone) -> None:
    ana = join("Ana", pin="123456")
    token = ana.post("/api/confirmations", {"pin": "123456"})["confirmation"]
    order = ana.order(OrderKind.SEND, "li", LARGE)
    first = ana.post("/api/orders", {"order": order, "confirmation": token})

    again = ana.post("/api/orders", {"order": order, "confirmation": token})

    assert again == first | {"is_replay": True}
    assert li.balance() == 100_000 + LARGE
