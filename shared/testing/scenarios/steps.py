"""What each verb of a scenario does on the stage."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from shared.testing.scenarios.stage import Dispute, Sale, Stage
from shared.web.caller import Refused


class Disappointed(AssertionError):
    """Something else happened than the step says."""


def charge(stage: Stage, shop: str, amount: int, *, capture: str | None = None, **more: Any) -> None:
    """Make a sale, named by `as`."""
    name, method = more.pop("as"), {} if capture is None else {"capture_method": capture}
    made = stage.shops[shop].charge(amount, **method, **more)
    stage.sales[name] = Sale(shop, made["id"], made["code"], made["expires_at"])


def scan(stage: Stage, who: str, **what: str) -> None:
    """Open a sale's code, and pay nothing."""
    stage.people[who].scan(stage.sales[what["for"]].code)


def pay(stage: Stage, who: str, *, pin: str | None = None, **what: str) -> None:
    """Scan a sale's code and pay it, or authorize it where the shop captures by hand."""
    stage.people[who].pay(stage.sales[what["for"]].code, pin=pin)


def show_code(stage: Stage, who: str, *, cap: int | None = None, **what: str) -> None:
    """Show a payer code, named by `as`."""
    stage.codes[what["as"]] = stage.people[who].show_code(cap)


def accept(stage: Stage, code: str, **what: str) -> None:
    """Charge a sale to a payer code."""
    stage.shop_of(what["for"]).accept(stage.id_of(what["for"]), stage.codes[code])


def confirm(stage: Stage, who: str, **what: str) -> None:
    """Pay on the phone what a shop has charged to its code."""
    stage.people[who].confirm(stage.id_of(what["for"]))


def decline(stage: Stage, who: str, **what: str) -> None:
    """Say no on the phone to what a shop has charged to its code."""
    stage.people[who].decline(stage.id_of(what["for"]))


def test_pay(stage: Stage, payer: str, **what: str) -> None:
    """Have a test payer pay the sale; what comes of it is in the payer's name, and a refusal is one of this step."""
    body = {"payment_intent": stage.id_of(what["for"])}
    told = stage.shop_of(what["for"]).ask("POST", f"/v1/test_payers/{payer}/pay", body)
    if told["refusal"]:
        raise Refused(told["refusal"]["code"], told["refusal"]["detail"], 409, told)


def cancel(stage: Stage, **what: str) -> None:
    """Withdraw an unpaid sale."""
    stage.shop_of(what["for"]).cancel(stage.id_of(what["for"]))


def capture(stage: Stage, amount: int | None = None, **what: str) -> None:
    """Take what was authorized."""
    stage.shop_of(what["for"]).capture(stage.id_of(what["for"]), amount)


def void(stage: Stage, **what: str) -> None:
    """Release what was authorized."""
    stage.shop_of(what["for"]).void(stage.id_of(what["for"]))


def refund(stage: Stage, amount: int | None = None, reason: str = "", **what: str) -> None:
    """Give back what was paid, or a part of it."""
    stage.shop_of(what["for"]).refund(stage.id_of(what["for"]), amount, reason=reason)


def dispute(stage: Stage, who: str, amount: int | None = None, reason: str = "not_received", **what: str) -> None:
    """Complain, on the phone, about a sale that was paid; all of it unless less is said. Named by `as`."""
    sale = what["for"]
    paid = stage.shop_of(sale).status(stage.id_of(sale))
    wanted = paid["amount_captured_minor"] if amount is None else amount
    made = stage.people[who].dispute(paid["transfer"], wanted, reason=reason)
    stage.disputes[what["as"]] = Dispute(stage.sales[sale].shop, made["id"])


def answer(stage: Stage, dispute: str, words: str) -> None:
    """The shop's side of a dispute."""
    _about(stage, dispute, "POST", "/answer", {"words": words})


def give_in(stage: Stage, dispute: str) -> None:
    """The shop says that the payer is right."""
    _about(stage, dispute, "POST", "/accept", {})


def decide(stage: Stage, dispute: str, won: bool) -> None:
    """The operator's word on a dispute: whether the shop has won it."""
    stage.sandbox.decide(stage.disputes[dispute].id, is_won=won)


def send(stage: Stage, to: str, amount: int, **who: str) -> None:
    """Send money from a person to another."""
    stage.people[who["from"]].send(stage.people[to].handle, amount)


def top_up(stage: Stage, who: str, amount: int) -> None:
    """Take play money from the demo bank."""
    stage.people[who].top_up(amount)


def advance(stage: Stage, past: str | None = None, **span: float) -> None:
    """Move the clock on: past the time of a sale's code, or by so much, or both."""
    if past is not None:  # a minute of grace: an order that is on its way still counts
        stage.sandbox.clock.advance_to(stage.sales[past].expires_at)
        stage.sandbox.clock.advance(seconds=61)
    if timedelta(**span):
        stage.sandbox.clock.advance(**span)


def settle(stage: Stage) -> None:
    """Close the day of every shop."""
    stage.sandbox.settle()


def fault(stage: Stage, shop: str, next: int | None = None, **order: Any) -> None:
    """Have the next callbacks of a shop go wrong, or all of them from now on."""
    times = {} if next is None else {"times": next}
    stage.shops[shop].ask("POST", "/v1/test_faults", {**order, **times})


def refuse_webhooks(stage: Stage, shop: str, type: str, times: int = 1, status: int = 500) -> None:
    """Have the shop's receiver answer the next webhooks of a type with an error."""
    stage.webhooks[shop].refuse_next(type, times=times, status=status)


def call(
    stage: Stage, shop: str, method: str, path: str, body: dict[str, Any] | None = None,
    gives: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Any call of the API; `{sale}` in the path stands for its intent. `gives` are fields of the answer."""
    try:
        place = path.format_map({name: sale.id for name, sale in stage.sales.items()})
    except (LookupError, ValueError):
        raise Disappointed(f"{path} names a sale that there is not") from None
    answer = stage.shops[shop].ask(method, place, body)
    for name, value in (gives or {}).items():
        if answer.get(name) != value:
            raise Disappointed(f"{name} is {answer.get(name)!r}, not {value!r}")


def expect(stage: Stage, **wanted: dict[str, Any]) -> None:
    """Hold what is expected against what is."""
    for what, values in wanted.items():
        for name, value in values.items():
            _EXPECTED[what](stage, name, value)


def _status(stage: Stage, sale: str, wanted: Any) -> None:
    _same(f"{sale} is", stage.shop_of(sale).status(stage.id_of(sale))["status"], wanted)


def _captured(stage: Stage, sale: str, wanted: Any) -> None:
    _same(f"captured of {sale} is", stage.shop_of(sale).status(stage.id_of(sale))["amount_captured_minor"], wanted)


def _refunded(stage: Stage, sale: str, wanted: Any) -> None:
    _same(f"refunded of {sale} is", stage.shop_of(sale).status(stage.id_of(sale))["amount_refunded_minor"], wanted)


def _balance(stage: Stage, person: str, wanted: Any) -> None:
    _same(f"{person} has", stage.people[person].balance_minor, wanted)


def _disputes(stage: Stage, dispute: str, wanted: Any) -> None:
    _same(f"{dispute} is", _about(stage, dispute, "GET", "")["status"], wanted)


def _about(stage: Stage, dispute: str, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    known = stage.disputes[dispute]
    return stage.shops[known.shop].ask(method, f"/v1/disputes/{known.id}{path}", body)


def _settled(stage: Stage, shop: str, wanted: Any) -> None:
    newest = stage.shops[shop].ask("GET", "/v1/settlement_batches?limit=1")["data"]
    _same(f"the newest batch of {shop} pays", newest[0]["net_minor"] if newest else None, wanted)


def _webhooks(stage: Stage, sale: str, wanted: Any) -> None:
    """Types, each with how often the shop must have taken it at least; a list means once each."""
    _wait(stage, sale, wanted, answered=None)


def _refused_webhooks(stage: Stage, sale: str, wanted: Any) -> None:
    """The same of those that the shop could not take, in the way of `refuse_webhooks` with its usual status."""
    _wait(stage, sale, wanted, answered=500)


def _forged_webhooks(stage: Stage, sale: str, wanted: Any) -> None:
    """The same of those whose signature was wrong, which the receiver refuses."""
    _wait(stage, sale, wanted, answered=400)


def _wait(stage: Stage, sale: str, wanted: Any, *, answered: int | None) -> None:
    times = wanted if isinstance(wanted, dict) else dict.fromkeys([wanted] if isinstance(wanted, str) else wanted, 1)
    for type, count in times.items():
        stage.webhooks[stage.sales[sale].shop].wait_for(type, stage.id_of(sale), times=count, answered=answered)


def _same(said: str, found: Any, wanted: Any) -> None:
    if found != wanted or isinstance(found, bool) != isinstance(wanted, bool):
        raise Disappointed(f"{said} {found!r}, not {wanted!r}")


_EXPECTED: dict[str, Callable[[Stage, str, Any], None]] = {
    "status": _status,
    "captured": _captured,
    "refunded": _refunded,
    "balance": _balance,
    "settled": _settled,
    "disputes": _disputes,
    "webhooks": _webhooks,
    "refused_webhooks": _refused_webhooks,
    "forged_webhooks": _forged_webhooks,
}

DEEDS: dict[str, Callable[..., None]] = {
    deed.__name__: deed
    for deed in (
        charge, scan, pay, show_code, accept, confirm, decline, test_pay, cancel, capture, void, refund, dispute,
        answer, give_in, decide, send, top_up, advance, settle, fault, refuse_webhooks, call, expect,
    )
}  # fmt: skip
"""Verb → what it does; the verbs and their fields are those of grammar.py."""
