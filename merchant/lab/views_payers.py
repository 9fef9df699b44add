"""The doors by which a program plays a payer's phone: pay, say no, show a payer code."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from merchant import service
from merchant.api import entry, forms, intent_json
from merchant.api.description import MINOR, TEXT, TIME, body, choice, form, list_of, named, nullable, text
from merchant.api.description import described as describe
from merchant.checkout import sales
from merchant.lab import keeping, payers, sandbox
from merchant.lab.payers import Attempt, Shown
from shared import clock, money
from shared.errors import BadInput, DomainError
from shared.payments import intents, outcomes
from shared.payments.intents import PaymentIntent
from shared.payments.outcomes import Row
from shared.web import body as bodies
from shared.web import problems
from shared.web.body import Body

doors = entry.doors_of("lab_payers")
_PAYER = form("test_payer", object=named("test_payer"), name=TEXT, outcome=choice(*outcomes.Outcome))
_PAYERS = form("test_payers", object=named("list"), data=list_of(_PAYER))
_REFUSAL = form("test_refusal", code=TEXT, detail=TEXT)
_PAYMENT = form(
    "test_payment", object=named("test_payment"), payer=TEXT, payment_intent=forms.INTENT,
    refusal=nullable({"$ref": "#/components/schemas/test_refusal", "x-form": _REFUSAL}),
)  # fmt: skip
_PAY = body("test_payment_sent", payment_intent=nullable(text(60)), code=nullable(text(1000))).like(
    payment_intent="pi_…"
)
_DECLINE = body("test_decline_sent", "payment_intent", payment_intent=text(60)).like(payment_intent="pi_…")
_CODE_SENT = body("test_payer_code_sent", cap_minor=nullable(MINOR)).like(cap_minor=50_000)
_CODE = form(
    "test_payer_code", object=named("test_payer_code"), payer=TEXT, code=TEXT, number=TEXT, cap_minor=MINOR,
    expires_at=TIME,
)  # fmt: skip
_MISSING = ("not_a_sandbox", "unknown_test_payer", "unknown_intent")


@doors.get("/test_payers")
@entry.allows("test_payers:read")
@describe("List test payers", answers={200: _PAYERS})
def list_payers() -> Response:
    """Who can be made to pay by a program, and how each payment of theirs ends."""
    return jsonify({"object": "list", "data": [_payer_as_json(row) for row in outcomes.TABLE]})


@doors.post("/test_payers/<name>/pay")
@entry.allows("test_payers:write")
@describe("Pay as a test payer", sent=_PAY, answers={200: _PAYMENT}, refuses=(*_MISSING, *forms.CODE_REFUSED))
def pay(name: str) -> Response:
    """Scan an intent's code and pay, as a phone would: a `payment_intent`, or the text of its `code`. What the phone
    would have been refused by is the answer's `refusal`. Paying one that waits for this payer confirms it.
    """
    sandbox.required()
    row, given = payers.row_of(name), bodies.read().only("payment_intent", "code")
    asked: dict[str, Any] = {"row": row, "intent": _wanted(given)} | _means()
    return jsonify(keeping.kept(given, lambda: _attempt_as_json(row, payers.pay(service.store(), **asked))))


@doors.post("/test_payers/<name>/decline")
@entry.allows("test_payers:write")
@describe(
    "Decline as a test payer", sent=_DECLINE, answers={200: _PAYMENT}, refuses=(*_MISSING, "already_paid",
    "intent_canceled", "intent_closed"),
)  # fmt: skip
def decline(name: str) -> Response:
    """Say no, on the phone, to a charge that waits for this payer (`requires_confirmation`)."""
    sandbox.required()
    row, given = payers.row_of(name), bodies.read().only("payment_intent")
    asked: dict[str, Any] = {"row": row, "intent": _own(given.text("payment_intent"))} | _means()
    return jsonify(keeping.kept(given, lambda: _attempt_as_json(row, payers.decline(service.store(), **asked))))


@doors.post("/test_payers/<name>/payer_code")
@entry.allows("test_payers:write")
@describe(
    "Show a payer code as a test payer",
    sent=_CODE_SENT,
    is_sent_optional=True,
    answers={200: _CODE},
    refuses=("not_a_sandbox", "unknown_test_payer", "invalid_amount"),
)
def show_code(name: str) -> Response:
    """The code that a customer's phone shows, to be charged by the till: its text, and the 18 digits under it. Good
    once, for two minutes, and until a newer one of the same payer is charged.
    """
    sandbox.required()
    row, given = payers.row_of(name), entry.optional_body().only("cap_minor")
    cap_minor = money.check_minor(given.integer("cap_minor")) if given.has("cap_minor") else None
    asked: dict[str, Any] = {"row": row, "cap_minor": cap_minor} | _means()
    return jsonify(keeping.kept(given, lambda: _code_as_json(row, payers.show_code(service.store(), **asked))))


def _means() -> dict[str, Any]:
    """What unlocks a payer's key, and the money they pay in."""
    return {"secret": service.secret(), "unit": service.unit()}


def _wanted(given: Body) -> PaymentIntent:
    if given.has("payment_intent") == given.has("code"):
        raise BadInput(field="payment_intent")
    if given.has("payment_intent"):
        return _own(given.text("payment_intent"))
    return service.read(payers.intent_in, text=given.text("code"), shop_id=entry.shop().id)


def _own(id: str) -> PaymentIntent:
    return service.read(intents.of_shop, id=sales.checked(id), shop_id=entry.shop().id)


def _payer_as_json(row: Row) -> dict[str, Any]:
    return {"object": "test_payer", "name": row.payer, "outcome": row.outcome.value}


def _attempt_as_json(row: Row, attempt: Attempt) -> dict[str, Any]:
    told = service.read(intent_json.told, intent=attempt.intent, config=service.config())
    return {
        "object": "test_payment",
        "payer": row.payer,
        "payment_intent": told,
        "refusal": None if attempt.refusal is None else _refusal_as_json(attempt.refusal),
    }


def _refusal_as_json(refusal: DomainError) -> dict[str, Any]:
    return {"code": refusal.code, "detail": problems.sentence(refusal)}


def _code_as_json(row: Row, shown: Shown) -> dict[str, Any]:
    return {
        "object": "test_payer_code",
        "payer": row.payer,
        "code": service.code_text(shown.frame),
        "number": shown.number.number,
        "cap_minor": shown.cap_minor,
        "expires_at": clock.rfc3339(shown.number.expires_at),
    }
