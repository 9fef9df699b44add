"""What a shop may see of its customers' phones: calls about its payments, and of those what is said of the payment."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask

from shared.codes import frame as frames
from shared.codes.payloads import OrderKind
from shared.db.unit import Reader
from shared.payments.intents import PaymentIntent
from tests.wallet.conftest import BASE, Phone, refused
from tests.world import World


def kept(app: Flask, world: World) -> list[dict[str, Any]]:
    app.extensions["saoma_wire"].write()
    return world.store.read(_rows)


def _rows(reader: Reader) -> list[dict[str, Any]]:
    names = ("path", "status", "shop_id", "intent_id", "subject", "asked_headers", "asked", "answered")
    rows = reader.sql.rows(f"SELECT {', '.join(names)} FROM web_wire WHERE service = 'wallet' ORDER BY seq")
    return [dict(zip(names, row, strict=True)) for row in rows]


def pay(phone: Phone, intent: PaymentIntent) -> Any:
    order = phone.order(OrderKind.PAY, "tea", intent.amount_minor, subject=bytes.fromhex(intent.jti))
    return phone.ask("POST", "/api/orders", {"order": order, "presented": frames.code_text(BASE, intent.code)})


def test_a_scan_and_a_payment_are_kept_for_their_shop(app: Flask, world: World, ana: Phone) -> None:
    shop = world.shop("tea")
    intent = world.intent(shop, 1250)
    ana.post("/api/scan", {"text": frames.code_text(BASE, intent.code)})
    assert pay(ana, intent).status_code == 200

    scan, payment = kept(app, world)

    for call in (scan, payment):
        assert (call["shop_id"], call["intent_id"], call["status"]) == (shop.id, intent.id, 200)
    assert json.loads(scan["answered"])["kind"] == "payment_request"
    assert json.loads(payment["answered"])["status"] == "captured"
    assert json.loads(payment["asked"]).keys() == {"order", "presented"}
    told = "".join(str(value) for call in (scan, payment) for value in call.values())
    assert ana.session not in told
    assert ana.user not in told


def test_a_refused_payment_is_kept_without_what_the_payer_has(app: Flask, world: World, ana: Phone) -> None:
    intent = world.intent(world.shop("tea"), 10_000_000)
    refused(pay(ana, intent), "pin_not_set", 409)

    [call] = kept(app, world)

    assert call["subject"] == intent.jti
    assert json.loads(call["answered"]) == {"status": 409, "code": "pin_not_set"}


def test_what_people_do_among_themselves_is_not_kept(app: Flask, world: World, ana: Phone, li: Phone) -> None:
    ana.post("/api/orders", {"order": ana.order(OrderKind.SEND, li.handle, 500)})
    asked = li.request(300)
    subject = bytes.fromhex(ana.post("/api/scan", {"text": asked})["subject"])
    answer = ana.order(OrderKind.SEND, li.handle, 300, subject=subject)
    ana.post("/api/orders", {"order": answer, "presented": asked})
    ana.post("/api/scan", {"text": li.card()})
    ana.get("/api/balance")

    assert kept(app, world) == []
