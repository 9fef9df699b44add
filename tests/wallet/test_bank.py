"""The demo bank: taking play money from it, up to so much a day, and giving it back by a signed order."""

from __future__ import annotations

import pytest

from shared.codes.payloads import OrderKind
from shared.db.store import Store
from shared.identity import parties
from shared.payments import audit
from shared.settlement import books
from tests.wallet.browser import Browser
from tests.wallet.conftest import Phone, good, refused
from tests.world import World

DAY_S = 86_400


def top_up(phone: Phone, amount_minor: object, key: str | None = None) -> object:
    headers = {"Authorization": f"Bearer {phone.session}"} | ({"Idempotency-Key": key} if key else {})
    return phone.client.post("/api/bank/top-ups", json={"amount_minor": amount_minor}, headers=headers)


def test_money_comes_from_the_bank_and_goes_back_and_the_books_agree(ana: Phone, wallet_store: Store) -> None:
    taken = good(top_up(ana, 5_000))
    given = ana.post("/api/orders", {"order": ana.order(OrderKind.WITHDRAW, "saoma", 7_000)})

    assert ana.balance() == 98_000
    rows = ana.get("/api/statement")["rows"]
    assert [(row["kind"], row["direction"], row["amount_minor"]) for row in rows[:2]] == [
        ("withdraw", "out", 7_000), ("top_up", "in", 5_000),
    ]  # fmt: skip
    assert [row["transfer"] for row in rows[:2]] == [given["transfer"], taken["transfer"]]
    assert given["receipt"]
    report = wallet_store.read(audit.run)
    assert report.faults == []
    assert report.trial_balances[0].assets_minor == 98_000
    assert wallet_store.read(lambda reader: list(books.differences_of_all(reader))) == []


def test_a_withdrawal_above_the_limit_needs_the_pin_like_any_payment(join: object, ana: Phone) -> None:
    mia = join("Mia", pin="123456")  # type: ignore[operator]
    order = mia.order(OrderKind.WITHDRAW, "saoma", 30_000)
    refused(mia.ask("POST", "/api/orders", {"order": order}), "pin_required", 403)
    confirmation = mia.post("/api/confirmations", {"pin": "123456"})["confirmation"]
    mia.post("/api/orders", {"order": order, "confirmation": confirmation})

    assert mia.balance() == 70_000


def test_what_is_not_there_cannot_be_withdrawn_and_only_the_house_is_the_bank(ana: Phone, li: Phone) -> None:
    order = ana.order(OrderKind.WITHDRAW, "saoma", 15_000)
    ana.post("/api/orders", {"order": ana.order(OrderKind.SEND, "li", 20_000)})
    for _ in range(4):
        ana.post("/api/orders", {"order": ana.order(OrderKind.SEND, "li", 17_000)})
    refused(ana.ask("POST", "/api/orders", {"order": order}), "insufficient_funds", 409)
    refused(ana.ask("POST", "/api/orders", {"order": ana.order(OrderKind.WITHDRAW, "li", 100)}), "wrong_payee", 400)
    refused(ana.ask("POST", "/api/orders", {"order": ana.order(OrderKind.TOP_UP, "li", 100)}), "signer_may_not", 403)
    assert ana.balance() == 12_000


def test_the_bank_gives_so_much_a_day_and_the_next_day_again(ana: Phone, world: World) -> None:
    good(top_up(ana, 400_000))  # with the welcome money that is all there is
    body = refused(top_up(ana, 1), "top_up_limit_reached", 409)
    assert "¥0.00" in body["detail"]

    world.pass_time(DAY_S)
    refused(top_up(ana, 500_001), "top_up_limit_reached", 409)
    good(top_up(ana, 500_000))
    assert ana.balance() == 1_000_000


def test_the_same_top_up_again_moves_nothing_more(ana: Phone) -> None:
    first, again = (good(top_up(ana, 5_000, "k1")) for _ in range(2))

    assert first == again
    assert ana.balance() == 105_000
    refused(top_up(ana, 6_000, "k1"), "idempotency_conflict", 409)
    refused(top_up(ana, 6_000, "k" * 300), "bad_idempotency_key", 400)


@pytest.mark.parametrize("amount", [0, -1, 1.5, 10**13, 10**30, "100", None, True])
def test_an_amount_that_cannot_be_is_refused(ana: Phone, amount: object) -> None:
    assert top_up(ana, amount).status_code == 400  # type: ignore[attr-defined]
    assert ana.balance() == 100_000


def test_a_frozen_person_neither_takes_nor_gives(ana: Phone, wallet_store: Store) -> None:
    wallet_store.run(parties.freeze, party_id=ana.user, is_frozen=True)

    refused(top_up(ana, 100), "party_frozen", 403)
    refused(ana.ask("POST", "/api/orders", {"order": ana.order(OrderKind.WITHDRAW, "saoma", 1)}), "party_frozen", 403)


def test_a_browser_whose_key_the_server_holds_withdraws_too(app: object) -> None:
    browser = Browser(app)  # type: ignore[arg-type]
    mia = good(browser.post("/api/users", {"display_name": "Mia", "handle": "mia"}))
    draft = {
        "kind": "withdraw", "payee": "saoma", "amount_minor": 100, "currency": "CNY", "jti": "11" * 8,
        "issued_at_s": mia["now_ms"] // 1000, "kid": mia["kid"],
    }  # fmt: skip
    good(browser.post("/api/orders", {"draft": draft}))

    assert good(browser.get("/api/balance"))["balance_minor"] == 99_900
