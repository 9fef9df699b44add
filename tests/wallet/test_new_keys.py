"""A contact whose key is new: noticed on every page before money goes out, until both numbers were compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from shared.codes import frame as frames
from shared.codes import payloads
from shared.codes.payloads import OrderKind
from shared.identity.signing import PrivateKey
from tests.wallet.conftest import BASE, Phone, refused
from tests.world import World

WARNING, SHORT = "has a key that you do not know yet", "has a new key"
ABOVE = 20_001


def befriend(one: Phone, other: Phone) -> None:
    one.post("/api/contacts", {"card": other.card()})
    other.post(f"/api/contacts/{one.handle}/accept")


def with_new_key(phone: Phone, name: str) -> Phone:
    """The same person on a phone whose key was made anew."""
    fresh = replace(phone, key=PrivateKey.generate())
    now_s = phone.world.now() // 1000
    card = fresh.seal(payloads.ContactCard(phone.handle, now_s, name, fresh.key.public_key.raw))
    headers = {"Authorization": f"Bearer {phone.session}"}
    answer = phone.client.post("/api/keys", json={"card": card}, headers=headers)
    token = answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    return replace(fresh, session=token)


def page(phone: Phone, path: str) -> str:
    return phone.ask("GET", path).get_data(as_text=True)


def test_both_see_the_same_number_and_nothing_to_worry_about(ana: Phone, li: Phone) -> None:
    befriend(ana, li)

    mine, theirs = ana.get("/api/contacts/li/safety"), li.get("/api/contacts/ana/safety")

    assert mine["safety_number"] == theirs["safety_number"]
    assert (mine["new_kids"], theirs["new_kids"]) == ([], [])
    assert WARNING not in page(ana, "/contacts/li") + page(li, "/contacts/ana")
    assert SHORT not in page(ana, "/send/li")
    assert mine["safety_number"][:5] in page(ana, "/contacts/li")


def test_a_new_key_is_warned_of_until_it_is_checked(ana: Phone, li: Phone) -> None:
    befriend(ana, li)
    before = ana.get("/api/contacts/li/safety")["safety_number"]
    li = with_new_key(li, "Li")
    found = ana.get("/api/contacts/li/safety")

    assert found["new_kids"] == [li.key.public_key.kid_hex]
    assert found["safety_number"] != before
    card, request = ana.post("/q/view", {"text": li.card()}), ana.post("/q/view", {"text": li.request(500)})
    for shown in (page(ana, "/contacts/li"), card["html"]):
        assert WARNING in shown
    for shown in (page(ana, "/send/li"), request["html"]):
        assert SHORT in shown
        assert 'id="caution"' in shown, "a second tap before sending"

    ana.post("/api/contacts", {"card": li.card()})
    assert ana.get("/api/contacts/li/safety")["new_kids"], "scanning alone checks nothing"
    refused(ana.ask("POST", "/api/contacts/li/checked", {"safety_number": before}), "keys_changed", 409)
    checked = ana.post("/api/contacts/li/checked", {"safety_number": found["safety_number"]})
    assert checked["new_kids"] == []
    assert WARNING not in page(ana, "/contacts/li")
    assert SHORT not in page(ana, "/send/li")
    assert li.get("/api/contacts/ana/safety")["safety_number"] == found["safety_number"]


def test_the_number_is_of_contacts_alone(ana: Phone, li: Phone) -> None:
    refused(ana.ask("GET", "/api/contacts/li/safety"), "not_a_contact", 404)
    refused(ana.ask("POST", "/api/contacts/li/checked", {"safety_number": "0" * 60}), "not_a_contact", 404)


def test_a_stranger_is_paid_after_a_second_look_and_the_next_time_without_one(ana: Phone, li: Phone) -> None:
    assert 'data-above="20000"' in page(ana, "/send/li")
    assert "never paid @li" in ana.post("/q/view", {"text": li.request(ABOVE)})["html"]

    ana.post("/api/orders", {"order": ana.order(OrderKind.SEND, "li", 100)})

    assert 'id="caution"' not in page(ana, "/send/li") + ana.post("/q/view", {"text": li.request(ABOVE)})["html"]


def test_contacts_and_verified_shops_are_paid_without_a_second_look(
    ana: Phone, li: Phone, world: World, join: Callable[..., Phone]
) -> None:
    befriend(ana, li)
    intent = world.intent(world.shop("tea"), ABOVE)
    shown = ana.post("/q/view", {"text": frames.code_text(BASE, intent.code)})["html"]

    assert 'id="go"' in shown
    assert 'id="caution"' not in shown + page(ana, "/send/li")
