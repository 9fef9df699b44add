"""Scanning: what each kind of code means, and why others are refused. Opening a code moves nothing."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.codes.payloads import OrderKind
from shared.codes.render import qr_png
from shared.db import outbox
from shared.identity.signing import PrivateKey
from shared.payments import intents
from tests.wallet.conftest import BASE, Phone, refused
from tests.world import Member, World


@pytest.fixture
def shop(world: World) -> Member:
    return world.shop("tea")


def text_of(intent: intents.PaymentIntent) -> str:
    return frames.code_text(BASE, intent.code)


def test_a_shops_request_shows_the_registrys_shop_and_the_intents_amount(
    ana: Phone, world: World, shop: Member
) -> None:
    intent = world.intent(shop, 1250, reference="T-1", memo="Tea")

    found = ana.post("/api/scan", {"text": text_of(intent)})

    assert found["kind"] == "payment_request"
    assert found["payee"] == {
        "handle": "tea", "display_name": "Tea", "alias": "", "kind": "shop", "verified": True, "is_contact": False,
        "is_me": False,
    }  # fmt: skip
    assert (found["amount_minor"], found["currency"]) == (1250, "CNY")
    assert (found["reference"], found["memo"], found["verified"]) == ("T-1", "Tea", True)
    assert (found["state"], found["intent"], found["subject"]) == ("requires_payment", intent.id, intent.jti)
    assert found["expires_at"].endswith("Z")
    assert (found["kid"], found["text"]) == (intent.kid, text_of(intent))


def test_the_shop_hears_of_the_first_scan_of_each_person(ana: Phone, li: Phone, world: World, shop: Member) -> None:
    intent = world.intent(shop, 1250)

    for phone in (ana, ana, li):
        phone.post("/api/scan", {"text": text_of(intent)})

    told = [event for event in world.store.read(outbox.events_after, seq=0) if event.name == "intent.scanned"]
    assert [event.body["by"] for event in told] == ["A***", "L***"]
    assert ana.balance() == 100_000


def test_a_paid_request_says_so_and_to_its_payer_by_which_transfer(
    ana: Phone, li: Phone, world: World, shop: Member
) -> None:
    intent = world.intent(shop, 1250)
    paid = ana.post("/api/orders", {"order": ana.order(OrderKind.PAY, "tea", 1250, subject=bytes.fromhex(intent.jti))})
    world.pass_time(3600)

    mine, theirs = (phone.post("/api/scan", {"text": text_of(intent)}) for phone in (ana, li))

    assert (mine["state"], mine["transfer"]) == ("captured", paid["transfer"])
    assert (theirs["state"], theirs["transfer"], theirs["at"]) == ("captured", None, None)


def test_a_canceled_request_says_so_and_an_expired_one_is_refused(ana: Phone, world: World, shop: Member) -> None:
    canceled, expired = world.intent(shop, 100), world.intent(shop, 200)
    world.store.run(intents.cancel, intent_id=canceled.id, shop_id=shop.id)

    assert ana.post("/api/scan", {"text": text_of(canceled)})["state"] == "canceled"
    world.pass_time(361)
    body = refused(ana.ask("POST", "/api/scan", {"text": text_of(expired)}), "code_expired", 422)
    assert "Nothing was paid" in body["detail"]


def test_a_shops_printed_code_leaves_the_amount_open(ana: Phone, world: World, shop: Member) -> None:
    code = seal.seal(payloads.ShopCode("tea", 156, world.now() // 1000), shop.key, world.realm)

    found = ana.post("/api/scan", {"text": frames.code_text("https://another.example/w/x", code)})

    assert (found["kind"], found["amount_minor"], found["currency"]) == ("shop_code", None, "CNY")
    assert (found["payee"]["handle"], found["subject"], found["state"]) == ("tea", None, None)
    assert found["text"] == frames.code_text(BASE, code)


def test_a_persons_request_shows_the_name_that_was_given_and_whether_it_was_paid(ana: Phone, li: Phone) -> None:
    request = li.request(300, memo="Lunch")
    ana.post("/api/contacts", {"card": li.card()})
    ana.ask("PATCH", "/api/contacts/li", {"alias": "Lili"})

    found = ana.post("/api/scan", {"text": request})

    assert (found["kind"], found["amount_minor"], found["memo"]) == ("peer_request", 300, "Lunch")
    payee = found["payee"]
    assert (payee["display_name"], payee["alias"], payee["is_contact"], payee["kind"]) == ("Li", "Lili", True, "user")
    assert found["verified"] is False
    order = ana.order(OrderKind.SEND, "li", 300, subject=bytes.fromhex(found["subject"]))
    ana.post("/api/orders", {"order": order, "presented": request})
    assert ana.post("/api/scan", {"text": request})["state"] == "captured"


def test_a_card_is_a_person_and_ones_own_is_known(ana: Phone, li: Phone) -> None:
    theirs, mine = ana.post("/api/scan", {"text": li.card()}), ana.post("/api/scan", {"text": ana.card()})

    assert (theirs["kind"], theirs["payee"]["handle"], theirs["payee"]["is_me"]) == ("contact_card", "li", False)
    assert theirs["kid"] == li.key.public_key.kid_hex
    assert mine["payee"]["is_me"] is True


def test_a_receipt_tells_anybody_that_the_money_moved(ana: Phone, li: Phone, join: Callable[..., Phone]) -> None:
    done = ana.post("/api/orders", {"order": ana.order(OrderKind.SEND, "li", 700)})

    found = join("Mia").post("/api/scan", {"text": done["receipt"]})

    assert (found["kind"], found["amount_minor"], found["verified"]) == ("receipt", 700, True)
    assert (found["payer"]["handle"], found["payee"]["handle"]) == ("ana", "li")
    assert (found["transfer"], found["seq"]) == (done["transfer"], done["seq"])


def test_an_order_is_not_for_scanning(ana: Phone, li: Phone) -> None:
    order = ana.order(OrderKind.SEND, "li", 700)

    refused(li.ask("POST", "/api/scan", {"text": order}), "order_not_for_scanning", 422)


def test_a_card_that_nobody_registered_and_a_key_that_was_given_up_are_refused(ana: Phone, li: Phone) -> None:
    key = PrivateKey.generate()
    unknown = payloads.ContactCard("bo", ana.world.now() // 1000, "Bo", key.public_key.raw)
    text = frames.code_text(BASE, seal.seal(unknown, key, ana.realm))
    refused(ana.ask("POST", "/api/scan", {"text": text}), "unknown_key", 422)

    card = li.card()
    li.post("/api/keys", {})
    refused(ana.ask("POST", "/api/scan", {"text": card}), "revoked_key", 422)


def test_a_code_of_another_installation_or_with_one_digit_changed_is_not_genuine(ana: Phone, li: Phone) -> None:
    foreign = li.realm
    li.realm = "another"
    refused(ana.ask("POST", "/api/scan", {"text": li.request(300)}), "bad_seal", 422)
    li.realm = foreign
    text = li.request(300)
    changed = text[:-1] + ("1" if text[-1] != "1" else "2")
    assert ana.ask("POST", "/api/scan", {"text": changed}).get_json()["code"] in ("bad_seal", "malformed_code")


@pytest.mark.parametrize(
    ("text", "kind"),
    [("WIFI:T:WPA;S:x;P:y;;", "wifi"), ("https://example.org/", "web_page"), ("12345", "number"), ("", "unknown")],
)
def test_a_foreign_code_is_named_for_what_it_is(ana: Phone, text: str, kind: str) -> None:
    body = refused(ana.ask("POST", "/api/scan", {"text": text}), "not_a_code", 422)

    assert body["x_kind"] == kind
    assert body["detail"] == ana.client.application.extensions["saoma_catalog"].sentence("en", f"foreign.{kind}")


def test_a_photo_is_read_and_opened(ana: Phone, li: Phone) -> None:
    picture = qr_png(li.request(450))

    answer = ana.ask("POST", "/api/scan/image", data={"image": (io.BytesIO(picture), "photo.png")})

    found = answer.get_json()
    assert (answer.status_code, found["kind"], found["amount_minor"]) == (200, "peer_request", 450)
    assert found["text"].startswith(BASE + "/q#")


def test_what_is_no_photo_of_one_code_is_refused(ana: Phone) -> None:
    for data, code in ((b"hello", "not_an_image"), (qr_png("WIFI:S:x;;"), "not_a_code")):
        answer = ana.ask("POST", "/api/scan/image", data={"image": (io.BytesIO(data), "photo.png")})
        refused(answer, code, 400 if code == "not_an_image" else 422)
    refused(ana.ask("POST", "/api/scan/image", data={"photo": "x"}), "bad_input", 400)
    refused(ana.ask("POST", "/api/scan/image", {"image": "x"}), "bad_input", 400)
