"""The phone of a test: it reads pictures, types its PIN, answers what a till asks, and keeps up with a moved clock."""

from __future__ import annotations

import pytest

from shared.codes import render
from shared.phone.client import Refused
from shared.testing.handset import NothingAsked
from shared.testing.sandbox import Sandbox


def test_it_pays_the_code_in_a_picture(sandbox: Sandbox) -> None:
    shop, phone = sandbox.shop(), sandbox.phone()
    sale = shop.charge(1250)
    picture = render.qr_png(sale["code"])
    assert phone.look_at(picture) == sale["code"]
    assert phone.pay(phone.look_at(picture))["status"] == "captured"


def test_it_types_its_pin_where_one_is_asked_for_and_none_where_a_test_gives_another(sandbox: Sandbox) -> None:
    shop, phone = sandbox.shop(), sandbox.phone()
    sale = shop.charge(30_000)
    with pytest.raises(Refused, match="wrong_pin"):
        phone.pay(sale["code"], pin="000000")
    phone.pay(sale["code"])
    assert phone.balance_minor == 70_000


def test_it_confirms_what_a_till_asks_and_complains_where_none_does(sandbox: Sandbox) -> None:
    shop, phone = sandbox.shop(), sandbox.phone()
    with pytest.raises(NothingAsked):
        phone.confirm()
    sale = shop.charge(30_000)
    assert shop.accept(sale["id"], phone.show_code())["status"] == "requires_confirmation"
    with pytest.raises(NothingAsked):
        phone.confirm("pi_another")
    phone.confirm(sale["id"])
    assert shop.status(sale["id"])["status"] == "captured"


def test_it_pays_after_the_clock_was_moved(sandbox: Sandbox) -> None:
    shop, phone = sandbox.shop(), sandbox.phone()
    before = phone.now_ms()
    sandbox.clock.advance(hours=5)
    assert phone.now_ms() - before >= 5 * 3_600_000
    assert phone.pay(shop.charge(100)["code"])["status"] == "captured"
    assert sandbox.clock.read()["offset_ms"] >= 5 * 3_600_000


def test_it_brings_money_from_the_bank_and_back(sandbox: Sandbox) -> None:
    phone = sandbox.phone()
    phone.top_up(5_000)
    assert phone.balance_minor == 105_000
    phone.withdraw(104_000)
    assert phone.balance_minor == 1_000
