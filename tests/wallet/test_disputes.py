"""A payer's disputes at the wallet's doors: from the receipt, to the decision, and what the pages say on the way."""

from __future__ import annotations

from flask import Flask

from shared.codes.payloads import OrderKind
from shared.disputes import actions, queries
from shared.disputes.pictures import Picture
from shared.payments import audit
from shared.web.secrets import load_secret
from tests.wallet.conftest import Phone, refused
from tests.world import Member, World


def pay(phone: Phone, world: World, shop: Member, amount_minor: int = 800) -> str:
    """Pay an intent; the transfer."""
    intent = world.intent(shop, amount_minor)
    order = phone.order(OrderKind.PAY, shop.handle, amount_minor, subject=bytes.fromhex(intent.jti))
    return str(phone.post("/api/orders", {"order": order})["transfer"])


def page(phone: Phone, path: str) -> str:
    answer = phone.ask("GET", path)
    assert answer.status_code == 200, path
    return str(answer.get_data(as_text=True))


def complaint(transfer: str, amount_minor: int = 500, **more: object) -> dict[str, object]:
    words = "Nothing came\nfor an hour"
    return {"transfer": transfer, "reason": "not_received", "words": words, "amount_minor": amount_minor} | more


def test_from_the_receipt_to_the_money(ana: Phone, world: World, app: Flask) -> None:
    secret, shop = load_secret(app.config["SAOMA_CONFIG"]), world.shop("tea")
    transfer = pay(ana, world, shop)
    before = ana.balance()
    assert f"/disputes/new?payment={transfer}" in page(ana, f"/receipts/{transfer}")
    form = page(ana, f"/disputes/new?payment={transfer}")
    assert 'value="8.00"' in form
    assert 'data-most="800"' in form
    opened = ana.post("/api/disputes", complaint(transfer))
    assert (opened["state"], opened["words"], opened["left_minor"]) == ("open", "Nothing came for an hour", 500)
    shown = page(ana, f"/receipts/{transfer}")
    assert f'href="/disputes/{opened["id"]}"' in shown
    assert "/disputes/new" not in shown
    moved_on = ana.ask("GET", f"/disputes/new?payment={transfer}")
    assert (moved_on.status_code, moved_on.location) == (302, f"/disputes/{opened['id']}")
    assert "Waiting for the shop" in page(ana, "/disputes")

    said = {"dispute_id": opened["id"], "shop_id": shop.id, "words": "<b>It</b> was there"}
    world.store.run(actions.answer, pictures=[Picture(b"\xff\xd8", 1, 1)], **said)
    answered = page(ana, f"/disputes/{opened['id']}")
    assert "&lt;b&gt;It&lt;/b&gt; was there" in answered
    picture = ana.ask("GET", f"/disputes/{opened['id']}/pictures/1")
    assert (picture.mimetype, picture.get_data()) == ("image/jpeg", b"\xff\xd8")
    assert ana.ask("GET", f"/disputes/{opened['id']}/pictures/2").status_code == 404

    lost = world.store.run(
        actions.decide, dispute_id=opened["id"], is_won=False, note="The log says otherwise", secret=secret
    )
    assert ana.balance() - before == 500
    end = page(ana, f"/disputes/{opened['id']}")
    assert "The log says otherwise" in end
    assert f"/receipts/{lost.transfer_id}" in end
    money = page(ana, f"/receipts/{lost.transfer_id}")
    assert "Paid back after a dispute" in money
    assert f"/receipts/{transfer}" in money
    assert "Paid back after a dispute" in page(ana, f"/receipts/{transfer}")
    assert ana.get("/api/disputes")["disputes"][0]["transfer"] == lost.transfer_id
    refused(ana.ask("POST", "/api/disputes", complaint(transfer, 10)), "already_disputed", 409)
    assert world.store.read(audit.run).faults == []


def test_a_dispute_can_be_taken_back(ana: Phone, world: World) -> None:
    transfer = pay(ana, world, world.shop("tea"))
    opened = ana.post("/api/disputes", complaint(transfer))
    assert ana.post(f"/api/disputes/{opened['id']}/withdraw")["state"] == "withdrawn"
    assert "You took the dispute back" in page(ana, f"/disputes/{opened['id']}")
    assert ana.post("/api/disputes", complaint(transfer))["id"] != opened["id"]


def test_what_cannot_be_disputed(ana: Phone, li: Phone, world: World) -> None:
    shop = world.shop("tea")
    transfer = pay(ana, world, shop)
    sent = str(ana.post("/api/orders", {"order": ana.order(OrderKind.SEND, li.handle, 100)})["transfer"])
    for body in (complaint(sent), complaint("trf_nothing")):
        refused(ana.ask("POST", "/api/disputes", body), "no_such_transfer", 404)
    refused(li.ask("POST", "/api/disputes", complaint(transfer)), "no_such_transfer", 404)
    refused(ana.ask("POST", "/api/disputes", complaint(transfer, 801)), "dispute_exceeds_payment", 409)
    refused(ana.ask("POST", "/api/disputes", complaint(transfer, reason="mood")), "bad_input", 400)
    refused(ana.ask("POST", "/api/disputes", complaint(transfer, more=1)), "bad_input", 400)
    assert "/disputes/new" not in page(ana, f"/receipts/{sent}")
    assert world.store.read(queries.list_all) == []


def test_others_disputes_do_not_exist(ana: Phone, li: Phone, world: World) -> None:
    opened = ana.post("/api/disputes", complaint(pay(ana, world, world.shop("tea"))))
    refused(li.ask("POST", f"/api/disputes/{opened['id']}/withdraw", {}), "unknown_dispute", 404)
    for path in ("", "/pictures/1"):
        assert li.ask("GET", f"/disputes/{opened['id']}{path}").status_code == 404
    assert "No disputes" in page(li, "/disputes")
