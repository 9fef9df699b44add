"""A phone in a sandbox: what it is told while nobody knows, and after a clock that was moved under it."""

from __future__ import annotations

import httpx
import pytest
from flask import Flask

from shared.codes import frame as frames
from shared.codes.payloads import OrderKind
from shared.payments import audit, intents, staging
from shared.payments.intents import PaymentIntent
from shared.phone.client import Phone as Handset
from shared.phone.client import Refused
from tests.wallet.conftest import BASE, Phone, refused
from tests.world import CNY, Member, World


@pytest.fixture
def tea(world: World) -> Member:
    return world.shop("tea")


def paid(ana: Phone, tea: Member, intent: PaymentIntent) -> dict[str, str]:
    order = ana.order(OrderKind.PAY, tea.handle, intent.amount_minor, subject=bytes.fromhex(intent.jti))
    return {"order": order}


def test_an_order_that_waits_is_told_so_however_late_and_then_its_receipt(
    ana: Phone, world: World, tea: Member
) -> None:
    intent = world.intent(tea, 1_250, memo="#succeeds-late", ttl_s=900)
    sent = paid(ana, tea, intent)
    first = ana.ask("POST", "/api/orders", sent)
    assert (first.status_code, first.json["status"], first.json["transfer"]) == (202, "unknown", None)
    balance = ana.balance()
    world.pass_time(600)  # long after the order's own two minutes
    again = ana.ask("POST", "/api/orders", sent)
    assert (again.status_code, again.json["status"]) == (202, "unknown")
    world.pass_time(400)
    world.store.run(staging.resolve_due)
    told = ana.post("/api/orders", sent)
    assert (told["status"], told["is_replay"]) == ("captured", True)
    assert told["receipt"]
    assert ana.balance() == balance - 1_250
    assert world.store.read(audit.run).faults == []


def test_an_order_that_waited_for_nothing_is_declined_when_it_is_asked_for_again(
    ana: Phone, world: World, tea: Member
) -> None:
    balance = ana.balance()
    sent = paid(ana, tea, world.intent(tea, 1_250, memo="#unknown-then-fails"))
    ana.ask("POST", "/api/orders", sent)
    world.pass_time(300)
    world.store.run(staging.resolve_due)
    refused(ana.ask("POST", "/api/orders", sent), "payment_declined", 409)
    assert ana.balance() == balance


def test_a_payment_that_asks_the_phone_again_waits_among_its_confirmations(
    ana: Phone, world: World, tea: Member
) -> None:
    intent = world.intent(tea, 9_903)
    told = ana.ask("POST", "/api/orders", paid(ana, tea, intent))
    assert (told.status_code, told.json["status"]) == (202, "requires_confirmation")
    [asked] = ana.get("/api/confirmations")["data"]
    assert asked["intent"] == intent.id
    assert ana.post("/api/orders", paid(ana, tea, intent))["status"] == "captured"


def test_a_declined_payment_is_declined_for_the_shop_as_well(ana: Phone, world: World, tea: Member) -> None:
    intent = world.intent(tea, 9_901)
    refused(ana.ask("POST", "/api/orders", paid(ana, tea, intent)), "payment_declined", 409)
    assert world.store.read(intents.by_id, id=intent.id).state == "declined"


@pytest.fixture
def handset(app: Flask, world: World) -> Handset:
    """A phone in Python, on the wallet."""
    return Handset.join(BASE, "Bea", transport=httpx.WSGITransport(app=app))


def code_of(intent: PaymentIntent) -> str:
    return frames.code_text(BASE, intent.code)


def test_a_phone_whose_clock_was_left_behind_signs_anew_and_pays_once(
    handset: Handset, world: World, tea: Member
) -> None:
    handset.me()
    balance = handset.balance()["balance_minor"]
    world.pass_time(86_400)
    assert handset.pay(code_of(world.intent(tea, 1_250)))["status"] == "captured"
    assert handset.balance()["balance_minor"] == balance - 1_250
    world.pass_time(86_400)
    shown = frames.frame_of_text(handset.payer_code(CNY, 2_000))
    asked = world.present(tea, world.intent(tea, 500), shown)
    assert asked.state in ("captured", "requires_confirmation")  # and not too old


def test_a_code_that_has_really_run_out_is_refused_once(handset: Handset, world: World, tea: Member) -> None:
    handset.me()
    intent = world.intent(tea, 1_250, ttl_s=60)
    order = handset.order_for(code_of(intent))
    world.pass_time(600)
    with pytest.raises(Refused, match="code_expired"):
        handset.pay(code_of(intent))
    with pytest.raises(Refused, match="code_expired"):
        handset.send_order(order)
