"""Every row of the outcomes' table, over HTTP alone: what an outside program makes, plays, waits for and sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.codes import frame as frames
from shared.payments import audit
from tests.merchant.shop import Program, Shop, open_shop
from tests.world import Member

PAYS = "test-pays"


@pytest.fixture(autouse=True)
def _audited(shop: Shop) -> Iterator[None]:
    """Whatever a test did, every transfer has its order, and the sums are right."""
    yield
    assert shop.store.read(audit.run).faults == []


class Asks:
    """A way to ask for an outcome: who pays what, with which memo."""

    def __init__(self, program: Program, way: str, row: dict[str, Any]) -> None:
        self.program = program
        self.payer = row["payer"] if way == "payer" else PAYS
        self.terms: dict[str, Any] = {"amount_minor": 1250}
        if way == "amount":
            self.terms["amount_minor"] = row["amount_minor"]
        elif way == "note":
            self.terms["memo"] = f"2 teas {row['note']}"

    def made(self, **more: Any) -> str:
        answer = self.program.ask("POST", "/payment_intents", self.terms | more)
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])

    def scanned_and_paid(self, id: str, payer: str | None = None) -> dict[str, Any]:
        path = f"/test_payers/{payer or self.payer}/pay"
        return good(self.program.ask("POST", path, {"payment_intent": id}))

    def charged(self, id: str) -> tuple[int, dict[str, Any]]:
        code = good(self.program.ask("POST", f"/test_payers/{self.payer}/payer_code"))["code"]
        answer = self.program.ask("POST", f"/payment_intents/{id}/charge", {"code": code})
        return answer.status_code, answer.json

    def status(self, id: str) -> str:
        return str(good(self.program.ask("GET", f"/payment_intents/{id}"))["status"])

    def events(self, id: str) -> list[str]:
        found = good(self.program.ask("GET", "/events?limit=100"))["data"]
        return [event["type"] for event in reversed(found) if event["data"]["object"].get("id") == id]

    def wait(self, seconds: int) -> None:
        good(self.program.ask("POST", "/test_clock/advance", {"by_s": seconds}))


def good(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json
    return told


Asking = Callable[[str], Asks]


@pytest.fixture(params=["amount", "note", "payer"])
def asking(request: pytest.FixtureRequest, program: Program) -> Asking:
    """The three ways to ask for an outcome, each by the table that the service itself gives out."""
    table = {row["outcome"]: row for row in good(program.ask("GET", "/test_outcomes"))["data"]}
    return lambda outcome: Asks(program, request.param, table[outcome])


def test_declined(asking: Asking) -> None:
    asks = asking("declined")
    id = asks.made()
    told = asks.scanned_and_paid(id)
    assert (told["refusal"]["code"], told["payment_intent"]["status"]) == ("payment_declined", "declined")
    assert asks.events(id)[-1] == "intent.declined"
    charged = asks.made()
    assert asks.charged(charged)[1]["status"] == "declined"


def test_insufficient(asking: Asking) -> None:
    asks = asking("insufficient")
    id = asks.made()
    assert asks.scanned_and_paid(id)["refusal"]["code"] == "insufficient_funds"
    assert asks.status(id) == "requires_payment"
    status, problem = asks.charged(id)
    assert (status, problem["code"]) == (409, "payer_insufficient_funds")
    asks.wait(400)
    assert asks.status(id) == "expired"


def test_needs_confirmation(asking: Asking) -> None:
    asks = asking("needs_confirmation")
    id = asks.made()
    told = asks.scanned_and_paid(id)
    assert (told["refusal"], told["payment_intent"]["status"]) == (None, "requires_confirmation")
    assert asks.scanned_and_paid(id)["payment_intent"]["status"] == "captured"
    shown = asks.made()
    assert asks.charged(shown)[1]["status"] == "requires_confirmation"
    said = asks.program.ask("POST", f"/test_payers/{asks.payer}/decline", {"payment_intent": shown})
    assert good(said)["payment_intent"]["status"] == "declined"


def test_times_out(asking: Asking) -> None:
    asks = asking("times_out")
    id = asks.made()
    assert asks.scanned_and_paid(id)["refusal"]["code"] == "payment_timed_out"
    status, problem = asks.charged(id)
    assert (status, problem["code"]) == (504, "payment_timed_out")
    assert asks.status(id) == "requires_payment"
    asks.wait(400)
    assert asks.status(id) == "expired"


@pytest.mark.parametrize("is_charged", [False, True], ids=["scanned", "charged"])
def test_succeeds_late(asking: Asking, is_charged: bool) -> None:
    asks = asking("succeeds_late")
    id = asks.made(ttl_s=300)
    pay(asks, id, is_charged)
    asks.wait(310)
    assert asks.status(id) == "unknown"
    asks.wait(25)
    paid = good(asks.program.ask("GET", f"/payment_intents/{id}?expand[]=transfer"))
    assert paid["status"] == "captured"
    assert paid["transfer"]["created_at"] > paid["expires_at"]
    assert asks.events(id)[-2:] == ["intent.became_unknown", "intent.captured"]


@pytest.mark.parametrize("is_charged", [False, True], ids=["scanned", "charged"])
def test_unknown_then_succeeds(asking: Asking, is_charged: bool) -> None:
    asks = asking("unknown_then_succeeds")
    id = asks.made()
    pay(asks, id, is_charged)
    asks.wait(30)
    assert asks.status(id) == "unknown"
    asks.wait(31)
    assert asks.status(id) == "captured"
    assert asks.events(id)[-2:] == ["intent.became_unknown", "intent.captured"]


@pytest.mark.parametrize("is_charged", [False, True], ids=["scanned", "charged"])
def test_unknown_then_fails(asking: Asking, is_charged: bool) -> None:
    asks = asking("unknown_then_fails")
    id = asks.made()
    pay(asks, id, is_charged)
    asks.wait(61)
    assert asks.status(id) == "declined"
    assert asks.events(id)[-2:] == ["intent.became_unknown", "intent.declined"]


def test_paid_twice(asking: Asking) -> None:
    asks = asking("paid_twice")
    id = asks.made()
    assert asks.scanned_and_paid(id)["payment_intent"]["status"] == "captured"
    assert asks.events(id)[-2:] == ["intent.captured", "intent.payment_refused"]
    assert asks.scanned_and_paid(id, PAYS)["refusal"]["code"] == "already_paid"
    shown = asks.made()
    assert asks.charged(shown)[1]["status"] == "captured"
    assert asks.events(shown)[-2:] == ["intent.captured", "intent.payment_refused"]


def test_scanned_and_abandoned(asking: Asking) -> None:
    asks = asking("scanned_and_abandoned")
    id = asks.made()
    told = asks.scanned_and_paid(id)
    assert told["refusal"]["code"] == "payment_abandoned"
    assert (told["payment_intent"]["status"], told["payment_intent"]["scanned_by"]) == ("requires_payment", "T***")
    shown = asks.made()
    assert asks.charged(shown)[1]["status"] == "requires_confirmation"
    asks.wait(400)
    assert (asks.status(id), asks.status(shown)) == ("expired", "expired")


def test_succeeds(asking: Asking) -> None:
    asks = asking("succeeds")
    id = asks.made()
    told = asks.scanned_and_paid(id)
    assert (told["refusal"], told["payment_intent"]["status"]) == (None, "captured")
    assert asks.charged(asks.made())[1]["status"] == "captured"


def pay(asks: Asks, id: str, is_charged: bool) -> None:
    """Either direction: both leave the intent unknown, and nothing moved."""
    if is_charged:
        assert asks.charged(id)[1]["status"] == "unknown"
    else:
        told = asks.scanned_and_paid(id)
        assert (told["refusal"], told["payment_intent"]["status"]) == (None, "unknown")
        assert told["payment_intent"]["transfer"] is None


@pytest.fixture
def unknown(program: Program) -> tuple[Asks, str]:
    """An intent whose outcome nobody knows yet."""
    asks = Asks(program, "note", {"note": "#unknown-then-succeeds"})
    id = asks.made()
    asks.scanned_and_paid(id)
    return asks, id


def test_nobody_else_pays_what_is_unknown(unknown: tuple[Asks, str]) -> None:
    asks, id = unknown
    assert asks.scanned_and_paid(id, "test-declined")["refusal"]["code"] == "outcome_pending"
    status, problem = asks.charged(id)
    assert (status, problem["code"]) == (409, "outcome_pending")


def test_a_shop_that_withdraws_the_unknown_is_never_paid(unknown: tuple[Asks, str]) -> None:
    asks, id = unknown
    canceled = good(asks.program.ask("POST", f"/payment_intents/{id}/cancel"))
    asks.wait(3600)
    assert (canceled["status"], asks.status(id)) == ("canceled", "canceled")


def test_what_was_authorized_late_is_captured_by_the_shop(program: Program) -> None:
    asks = Asks(program, "note", {"note": "#unknown-then-succeeds"})
    id = asks.made(capture_method="manual")
    pay(asks, id, is_charged=False)
    asks.wait(61)
    assert asks.status(id) == "authorized"
    assert good(program.ask("POST", f"/payment_intents/{id}/capture"))["status"] == "captured"


def test_the_same_wish_is_one_payment(program: Program) -> None:
    asks = Asks(program, "payer", {"payer": "test-needs-confirmation"})
    path, body = f"/test_payers/{asks.payer}/pay", {"payment_intent": asks.made()}
    first = program.ask("POST", path, body, key="once")
    again = program.ask("POST", path, body, key="once")
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert first.json["payment_intent"]["status"] == "requires_confirmation"


def test_a_test_payer_pays_by_the_codes_text_and_only_its_own_shop(shop: Shop, program: Program) -> None:
    made = program.create(700).json
    paid = good(program.ask("POST", "/test_payers/pays/pay", {"code": made["code"]}))
    assert paid["payment_intent"]["status"] == "captured"
    elsewhere = shop.world.intent(shop.world.shop("other"), 700).id
    refused = program.ask("POST", "/test_payers/pays/pay", {"payment_intent": elsewhere})
    assert (refused.status_code, refused.json["code"]) == (404, "unknown_intent")
    unknown = program.ask("POST", "/test_payers/nobody/pay", {"payment_intent": made["id"]})
    assert (unknown.status_code, unknown.json["code"]) == (404, "unknown_test_payer")


def test_a_payer_who_has_no_more_when_it_is_learnt_pays_nothing(shop: Shop, program: Program) -> None:
    ana = shop.world.person("ana", balance_minor=1_000)
    shop.world.limit(ana, 10_000)
    asks = Asks(program, "note", {"note": "#unknown-then-succeeds"})
    id = asks.made(amount_minor=900)
    code = shop.world.payer_code(ana)
    shown = program.ask("POST", f"/payment_intents/{id}/charge", {"code": text_of(shop, code)})
    assert shown.json["status"] == "unknown"
    shop.world.execute(shop.world.transfer(ana, shop.world.person("bea", balance_minor=0), 500))
    asks.wait(61)
    assert (asks.status(id), shop.world.balance(ana)) == ("declined", 500)


def text_of(shop: Shop, frame: bytes) -> str:
    return frames.code_text(shop.config.wallet_url, frame)


def test_outside_a_sandbox_an_amount_is_an_amount(shop: Shop, tmp_path: Path, ana: Member) -> None:
    program = open_shop(shop.store, tmp_path / "serious", SAOMA_SANDBOX="0").program()
    shop.world.limit(ana, 100_000)
    id = program.create(9901, memo="#declined").json["id"]
    code = text_of(shop, shop.world.payer_code(ana))
    assert program.ask("POST", f"/payment_intents/{id}/charge", {"code": code}).json["status"] == "captured"
    refused = program.ask("POST", "/test_payers/pays/pay", {"payment_intent": id})
    assert (refused.status_code, refused.json["code"]) == (403, "not_a_sandbox")
