"""Asking a contact for money: paid, declined, withdrawn, expired; and what keeps it from being a nuisance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.codes.payloads import OrderKind
from shared.db.store import Store
from shared.identity import parties
from shared.payments import audit
from tests.wallet.browser import Browser
from tests.wallet.conftest import Phone, good, refused
from tests.world import World
from wallet.asking import actions

DAY_S = 86_400


@pytest.fixture
def friends(ana: Phone, li: Phone) -> tuple[Phone, Phone]:
    """Ana and Li, who are each other's contacts."""
    befriend(ana, li)
    return ana, li


def befriend(one: Phone, other: Phone) -> None:
    one.post("/api/contacts", {"card": other.card()})
    other.post(f"/api/contacts/{one.handle}/accept")


def ask(asker: Phone, payer: str, amount_minor: int = 3000, **more: Any) -> dict[str, Any]:
    body = {"payer": payer, "request": asker.request(amount_minor, **more)}
    return good(asker.ask("POST", "/api/money-requests", body))


def answer(payer: Phone, asked: dict[str, Any], amount_minor: int = 3000, **more: Any) -> dict[str, Any]:
    """What `payer` sends to pay a request."""
    subject = bytes.fromhex(asked["subject"])
    order = payer.order(OrderKind.SEND, asked["asker"]["handle"], amount_minor, subject=subject, **more)
    return {"order": order, "presented": asked["code"]}


def state(phone: Phone, asked: dict[str, Any]) -> str:
    return str(phone.get(f"/api/money-requests/{asked['id']}")["state"])


def test_a_contact_finds_the_request_and_pays_it(friends: tuple[Phone, Phone], wallet_store: Store) -> None:
    ana, li = friends
    asked = ask(ana, "li", memo="Half of the taxi")

    [found] = li.get("/api/money-requests")["received"]
    done = li.post("/api/orders", answer(li, found))

    assert (found["state"], found["asker"]["handle"], found["memo"]) == ("open", "ana", "Half of the taxi")
    paid = ana.get(f"/api/money-requests/{asked['id']}")
    assert (paid["state"], paid["transfer"]) == ("paid", done["transfer"])
    assert (ana.balance(), li.balance()) == (103_000, 97_000)
    assert ana.get("/api/statement")["rows"][0]["memo"] == "Half of the taxi"
    assert wallet_store.read(audit.run).faults == []


def test_a_request_is_paid_once(friends: tuple[Phone, Phone]) -> None:
    ana, li = friends
    asked = ask(ana, "li")
    first = answer(li, asked)
    li.post("/api/orders", first)

    refused(li.ask("POST", "/api/orders", answer(li, asked)), "request_already_paid", 409)
    assert li.post("/api/orders", first)["is_replay"]
    refused(li.ask("POST", f"/api/money-requests/{asked['id']}/decline", {}), "request_already_paid", 409)
    refused(ana.ask("POST", f"/api/money-requests/{asked['id']}/withdraw", {}), "request_already_paid", 409)
    assert li.balance() == 97_000


@pytest.mark.parametrize(("way", "code"), [("decline", "request_declined"), ("withdraw", "request_withdrawn")])
def test_what_was_declined_or_withdrawn_is_not_paid_any_more(friends: tuple[Phone, Phone], way: str, code: str) -> None:
    ana, li = friends
    asked = ask(ana, "li")
    ender = li if way == "decline" else ana
    ended = ender.post(f"/api/money-requests/{asked['id']}/{way}")
    again = ender.post(f"/api/money-requests/{asked['id']}/{way}")

    assert ended == again
    refused(li.ask("POST", "/api/orders", answer(li, asked)), code, 409)
    refused((ana if ender is li else li).ask("POST", f"/api/money-requests/{asked['id']}/"
            + ("withdraw" if way == "decline" else "decline"), {}), code, 409)  # fmt: skip
    assert (ana.balance(), li.balance()) == (100_000, 100_000)


def test_a_request_that_was_paid_stays_paid_however_often_the_same_order_comes(friends: tuple[Phone, Phone]) -> None:
    ana, li = friends
    asked = ask(ana, "li")
    order = answer(li, asked)
    li.post("/api/orders", order)

    assert [li.post("/api/orders", order)["transfer"] for _ in range(2)] == [state_of(ana, asked)["transfer"]] * 2


def state_of(phone: Phone, asked: dict[str, Any]) -> dict[str, Any]:
    return phone.get(f"/api/money-requests/{asked['id']}")


def test_a_request_ends_by_itself(friends: tuple[Phone, Phone], world: World) -> None:
    ana, li = friends
    asked = ask(ana, "li", ttl_s=3600)

    world.pass_time(3600)
    assert state(li, asked) == "expired"
    assert "¥30.00" not in page(li, "/")
    world.pass_time(120)

    refused(li.ask("POST", "/api/orders", answer(li, asked)), "code_expired", 422)
    assert li.balance() == 100_000


def page(phone: Phone, path: str) -> str:
    answer = phone.ask("GET", path)
    assert answer.status_code == 200, path
    return str(answer.get_data(as_text=True))


def test_the_same_request_again_is_the_same_request(friends: tuple[Phone, Phone], join: Callable[..., Phone]) -> None:
    ana, li = friends
    body = {"payer": "li", "request": ana.request(3000)}
    first, again = (good(ana.ask("POST", "/api/money-requests", body)) for _ in range(2))
    befriend(ana, join("Mia"))

    assert first == again
    assert len(li.get("/api/money-requests")["received"]) == 1
    refused(ana.ask("POST", "/api/money-requests", body | {"payer": "mia"}), "idempotency_conflict", 409)


def test_only_contacts_who_have_both_said_yes_may_ask(ana: Phone, li: Phone, join: Callable[..., Phone]) -> None:
    join("Mia")
    ana.post("/api/contacts", {"card": li.card()})
    for payer in ("mia", "li"):
        body = {"payer": payer, "request": ana.request(3000)}
        refused(ana.ask("POST", "/api/money-requests", body), "not_a_friend", 403)
    li.post("/api/contacts/ana/accept")
    ask(ana, "li")
    li.ask("DELETE", "/api/contacts/ana")

    refused(ana.ask("POST", "/api/money-requests", {"payer": "li", "request": ana.request(1)}), "not_a_friend", 403)


def test_requests_can_be_switched_off_for_all_and_for_one(
    friends: tuple[Phone, Phone], join: Callable[..., Phone]
) -> None:
    ana, li = friends
    mia = join("Mia")
    befriend(mia, li)
    good(li.ask("PUT", "/api/contacts/ana/requests", {"takes_requests": False}))

    told = refused(ask_of(ana, "li"), "requests_not_taken", 403)
    ask(mia, "li")
    good(li.ask("PUT", "/api/contacts/ana/requests", {"takes_requests": True}))
    ask(ana, "li")
    good(li.ask("PUT", "/api/money-requests/preference", {"takes_requests": False}))

    assert refused(ask_of(mia, "li"), "requests_not_taken", 403)["detail"] == told["detail"]
    assert 'aria-checked="false"' in page(li, "/requests")


def ask_of(asker: Phone, payer: str) -> Any:
    return asker.ask("POST", "/api/money-requests", {"payer": payer, "request": asker.request(3000)})


def test_nobody_can_be_pestered(friends: tuple[Phone, Phone], world: World) -> None:
    ana, li = friends
    waiting = [ask(ana, "li") for _ in range(actions.OPEN_WITH_ONE)]
    refused(ask_of(ana, "li"), "asked_too_often", 429)
    for asked in waiting:
        li.post(f"/api/money-requests/{asked['id']}/decline")
    for _ in range(actions.ASKED_OF_ONE_A_DAY - actions.OPEN_WITH_ONE):
        li.post(f"/api/money-requests/{ask(ana, 'li')['id']}/decline")

    refused(ask_of(ana, "li"), "asked_too_often", 429)
    world.pass_time(DAY_S + 1)
    ask(ana, "li")


def test_a_day_has_an_end_for_asking_many(ana: Phone, join: Callable[..., Phone]) -> None:
    asked = 0
    while asked < actions.ASKED_A_DAY:
        friend = join(f"Bo{asked}")
        befriend(ana, friend)
        for _ in range(min(actions.OPEN_WITH_ONE, actions.ASKED_A_DAY - asked)):
            ask(ana, friend.handle)
            asked += 1
    last = join("Mia")
    befriend(ana, last)

    refused(ask_of(ana, "mia"), "asked_too_often", 429)


def test_oneself_a_shop_and_nobody_cannot_be_asked(ana: Phone, world: World) -> None:
    world.shop("tea")
    refused(ask_of(ana, "ana"), "asked_oneself", 400)
    for payer in ("tea", "saoma", "nobody"):
        refused(ask_of(ana, payer), "unknown_party", 404)
    for path in ("/contacts/ana/ask", "/contacts/tea/ask", "/contacts/nobody/ask"):
        assert ana.ask("GET", path).status_code == 404


def test_a_frozen_person_is_not_asked_and_does_not_ask(friends: tuple[Phone, Phone], wallet_store: Store) -> None:
    ana, li = friends
    for party in (li.user, ana.user):
        wallet_store.run(parties.freeze, party_id=party, is_frozen=True)
        refused(ask_of(ana, "li"), "party_frozen", 403)
        wallet_store.run(parties.freeze, party_id=party, is_frozen=False)


def test_only_the_two_of_them_know_of_it_and_each_has_their_own_way_to_end_it(
    friends: tuple[Phone, Phone], join: Callable[..., Phone]
) -> None:
    ana, li = friends
    asked, mia = ask(ana, "li"), join("Mia")

    for phone, way in ((ana, "decline"), (li, "withdraw"), (mia, "decline"), (mia, "withdraw")):
        refused(phone.ask("POST", f"/api/money-requests/{asked['id']}/{way}", {}), "unknown_request", 404)
    refused(mia.ask("GET", f"/api/money-requests/{asked['id']}"), "unknown_request", 404)
    assert mia.ask("GET", f"/requests/{asked['id']}").status_code == 404
    assert mia.get("/api/money-requests") == {"received": [], "sent": []}


def test_a_request_without_an_amount_or_of_somebody_else_is_none(friends: tuple[Phone, Phone]) -> None:
    ana, li = friends
    for request, code, status in (
        (ana.request(None), "bad_input", 400), (li.request(100), "not_your_request", 403),
        (ana.card(), "not_a_request", 422), (ana.request(100, currency=978), "currencies_must_match", 400),
        ("x", "not_a_code", 422),
    ):  # fmt: skip
        refused(ana.ask("POST", "/api/money-requests", {"payer": "li", "request": request}), code, status)


def test_a_browser_whose_key_the_server_holds_asks_too(app: Any, ana: Phone) -> None:
    browser = Browser(app)
    mia = good(browser.post("/api/users", {"display_name": "Mia", "handle": "mia"}))
    ana.post("/api/contacts", {"card": mia["card"]})
    good(browser.post("/api/contacts/ana/accept", {}))
    body = {"payer": "ana", "amount_minor": 500, "memo": "Tea", "jti": "00" * 8}

    first, again = (good(browser.post("/api/money-requests", body)) for _ in range(2))
    ana.post("/api/orders", answer(ana, first, 500))

    assert first["id"] == again["id"]
    assert ana.balance() == 99_500


def test_both_sides_see_it_on_their_pages(friends: tuple[Phone, Phone]) -> None:
    ana, li = friends
    asked = ask(ana, "li", memo="<i>Taxi</i>")

    home, mine, theirs = page(li, "/"), page(ana, f"/requests/{asked['id']}"), page(li, f"/requests/{asked['id']}")

    assert "Ana asks you for ¥30.00." in home
    assert "asks you for ¥" not in page(ana, "/")
    assert "Withdraw the request" in mine
    assert 'id="go"' not in mine
    assert 'id="decline"' in theirs
    assert "&lt;i&gt;Taxi" in theirs
    li.post(f"/api/money-requests/{asked['id']}/decline")
    assert "asks you for ¥" not in page(li, "/")
    assert "Declined" in page(ana, "/requests")
    assert 'id="go"' not in page(li, f"/requests/{asked['id']}")
