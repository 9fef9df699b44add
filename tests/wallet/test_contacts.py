"""Contacts: asked by scanning, answered by yes, no, or scanning back; a list is nobody else's business."""

from __future__ import annotations

from collections.abc import Callable

from shared.db import outbox
from tests.wallet.conftest import Phone, refused
from tests.world import World


def states(phone: Phone) -> dict[str, str]:
    return {friend["handle"]: friend["state"] for friend in phone.get("/api/contacts")["contacts"]}


def test_a_scanned_card_asks_and_a_yes_makes_two_friends(ana: Phone, li: Phone) -> None:
    added = ana.post("/api/contacts", {"card": li.card()})

    assert (added["handle"], added["display_name"], added["alias"], added["state"]) == ("li", "Li", "", "requested")
    assert (states(ana), states(li)) == ({"li": "requested"}, {"ana": "incoming"})
    assert li.post("/api/contacts/ana/accept")["state"] == "accepted"
    assert li.post("/api/contacts/ana/accept")["state"] == "accepted"
    assert (states(ana), states(li)) == ({"li": "accepted"}, {"ana": "accepted"})


def test_scanning_back_is_a_yes_and_pins_both_keys(ana: Phone, li: Phone) -> None:
    ana.post("/api/contacts", {"card": li.card()})

    back = li.post("/api/contacts", {"card": ana.card()})

    assert (back["state"], back["pinned_kid"]) == ("accepted", ana.key.public_key.kid_hex)
    assert (states(ana), states(li)) == ({"li": "accepted"}, {"ana": "accepted"})


def test_a_no_is_not_told_and_the_other_may_ask_again(ana: Phone, li: Phone) -> None:
    ana.post("/api/contacts", {"card": li.card()})

    assert li.ask("DELETE", "/api/contacts/ana").get_json() == {}

    assert (states(ana), states(li)) == ({"li": "requested"}, {})
    ana.post("/api/contacts", {"card": li.card()})
    assert states(li) == {"ana": "incoming"}


def test_one_who_only_asked_is_no_contact_yet(ana: Phone, li: Phone) -> None:
    ana.post("/api/contacts", {"card": li.card()})

    assert li.post("/api/scan", {"text": ana.card()})["payee"]["is_contact"] is False
    assert ana.post("/api/scan", {"text": li.card()})["payee"]["is_contact"] is True


def test_a_name_is_the_owners_own(ana: Phone, li: Phone) -> None:
    ana.post("/api/contacts", {"card": li.card()})

    assert ana.ask("PATCH", "/api/contacts/li", {"alias": "Lili"}).get_json()["alias"] == "Lili"
    assert li.get("/api/contacts")["contacts"][0]["alias"] == ""
    assert ana.ask("PATCH", "/api/contacts/li", {"alias": ""}).get_json()["alias"] == ""
    for alias in ("x" * 41, "a\u202eb", " "):
        refused(ana.ask("PATCH", "/api/contacts/li", {"alias": alias}), "bad_name", 400)
    refused(ana.ask("PATCH", "/api/contacts/li", {"alias": 5}), "bad_input", 400)
    refused(ana.ask("PATCH", "/api/contacts/li", {}), "bad_input", 400)


def test_strangers_are_not_found_in_ones_list(ana: Phone, li: Phone, join: Callable[..., Phone]) -> None:
    mia = join("Mia")
    ana.post("/api/contacts", {"card": li.card()})

    for handle in ("li", "nobody", "saoma"):
        refused(mia.ask("POST", f"/api/contacts/{handle}/accept", {}), "not_a_contact", 404)
        refused(mia.ask("PATCH", f"/api/contacts/{handle}", {"alias": "x"}), "not_a_contact", 404)
        refused(mia.ask("DELETE", f"/api/contacts/{handle}"), "not_a_contact", 404)
    assert states(mia) == {}
    assert states(ana) == {"li": "requested"}


def test_accepting_what_one_asked_oneself_changes_nothing(ana: Phone, li: Phone) -> None:
    ana.post("/api/contacts", {"card": li.card()})

    assert ana.post("/api/contacts/li/accept")["state"] == "requested"
    assert states(li) == {"ana": "incoming"}


def test_only_another_persons_card_makes_a_contact(ana: Phone, li: Phone) -> None:
    refused(ana.ask("POST", "/api/contacts", {"card": ana.card()}), "own_card", 400)
    refused(ana.ask("POST", "/api/contacts", {"card": li.request(100)}), "not_a_card", 422)
    refused(ana.ask("POST", "/api/contacts", {"card": "hello"}), "not_a_code", 422)
    assert states(ana) == {}


def test_both_hear_of_it(ana: Phone, li: Phone, world: World) -> None:
    ana.post("/api/contacts", {"card": li.card()})
    li.post("/api/contacts/ana/accept")

    told = [event for event in world.store.read(outbox.events_after, seq=0) if event.name.startswith("contact.")]
    assert [(event.name, event.body["by_handle"]) for event in told] == [
        ("contact.requested", "ana"), ("contact.accepted", "li"),
    ]  # fmt: skip
    assert all(set(event.topics) == {f"party:{ana.user}", f"party:{li.user}"} for event in told)
