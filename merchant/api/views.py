"""Payment intents and the printed code: a shop's programs charge, look, change, cancel, capture and void by bearer key.

Amounts are minor units. Refunds: views_refunds.py; what follows from payments: views_settlement.py and its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify

from merchant import service
from merchant.api import entry, expanding, forms, intent_json, metadata, paging, queries
from merchant.api.description import described
from merchant.checkout import actions, afterwards, presenting, sales, static_code
from merchant.hosted import actions as hosted
from shared import money
from shared.config import Config
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput
from shared.payments import intents, rewording
from shared.payments.intents import PaymentIntent
from shared.web import body
from shared.web.body import Body

doors = entry.doors_of("api")
_KIND = "payment_intent"
_CLOSED = ("already_paid", "intent_canceled", "intent_closed")
_SEALED_HERE = ("no_server_key", "revoked_key", "party_frozen")
_MOVES = (
    *_SEALED_HERE, "insufficient_funds", "self_frozen", "bad_seal", "unknown_key", "unknown_party", "code_expired",
    "key_may_not_seal",
)  # fmt: skip


class ForeignCurrency(BadInput):
    """A currency that exists and that this installation does not run on."""

    code = "foreign_currency"


@doors.post("/payment_intents")
@entry.allows("payment_intents:write", status=201)
@described(
    "Create a payment intent",
    sent=forms.INTENT_SENT,
    answers={201: forms.INTENT},
    refuses=("invalid_amount", "unknown_currency", "foreign_currency", "bad_ttl", "bad_field", "bad_metadata",
             "bad_return_url", "bad_embed_origin", *_SEALED_HERE),
)  # fmt: skip
def create_intent() -> tuple[Response, int]:
    """What a shop wants to be paid. The answer has its `code`, to be drawn as a QR for the customer to scan."""
    given = body.read().only(*forms.INTENT_SENT.schema["properties"])
    words, wish = metadata.changed({}, _metadata(given)), hosted.wish_of(given)
    intent = _drafted(given)
    made = {"intent": intent, "words": words, "wish": wish, "config": service.config()}
    return jsonify(afterwards.run_once(entry.shop().id, given, _create, **made)), 201


@doors.get("/payment_intents")
@entry.allows("payment_intents:read")
@described(
    "List payment intents",
    query=(*paging.QUERY, *forms.INTENT_QUERY, expanding.query(_KIND)),
    answers={200: forms.INTENTS},
    refuses=(*paging.REFUSES, "bad_expand", "unknown_customer"),
)
def list_intents() -> Response:
    """The shop's payment intents, the newest first; `status` as it reads: one whose time is over is `expired`."""
    page, wanted = paging.asked(*queries.INTENT_FILTERS, also=expanding.NAMES), expanding.asked(_KIND)
    return jsonify(service.read(_listed, page=page, wanted=wanted, seen_by=expanding.eye(entry.shop().id)))


@doors.get("/payment_intents/<id>")
@entry.allows("payment_intents:read")
@described(
    "Read a payment intent",
    query=(expanding.query(_KIND),),
    answers={200: forms.INTENT},
    refuses=("unknown_intent", "bad_expand"),
)
def show_intent(id: str) -> Response:
    """How a payment intent stands."""
    paging.once_each(also=expanding.NAMES)
    wanted, seen_by = expanding.asked(_KIND), expanding.eye(entry.shop().id)
    return jsonify(service.read(_shown, id=sales.checked(id), wanted=wanted, seen_by=seen_by))


@doors.post("/payment_intents/<id>")
@entry.allows("payment_intents:write")
@described(
    "Change a payment intent",
    sent=forms.INTENT_CHANGED,
    answers={200: forms.INTENT},
    refuses=("unknown_intent", "bad_field", "bad_name", "bad_metadata", *_CLOSED),
)
def change_intent(id: str) -> Response:
    """Another `reference` or `memo` while nobody has paid; `metadata` at any time, where null forgets a name.

    The code stays as it was drawn, and whoever scans it is shown the new words.
    """
    given = body.read().only("reference", "memo", "metadata")
    said = {name: given.optional_text(name) for name in ("reference", "memo")}
    actions.fit("reference", said["reference"] or "", actions.REFERENCE_BYTES)
    actions.fit("memo", said["memo"] or "", actions.MEMO_BYTES)
    words = _metadata(given)
    return _answered(_change, given, intent_id=sales.checked(id), shop_id=entry.shop().id, words=words, **said)


@doors.post("/payment_intents/<id>/cancel")
@entry.allows("payment_intents:write")
@described("Cancel a payment intent", answers={200: forms.INTENT}, refuses=("unknown_intent", *_CLOSED))
def cancel_intent(id: str) -> Response:
    """Withdraw an unpaid payment intent; canceling it again answers with it as it is."""
    given = entry.optional_body().only()
    return _answered(intents.cancel, given, intent_id=sales.checked(id), shop_id=entry.shop().id)


@doors.post("/payment_intents/<id>/charge")
@entry.allows("payment_intents:write")
@described(
    "Charge a payer code",
    sent=forms.CODE_SENT,
    answers={200: forms.INTENT},
    refuses=("unknown_intent", *_CLOSED, *_MOVES, *forms.CODE_REFUSED, "outcome_pending", "payment_timed_out"),
)
def charge_intent(id: str) -> Response:
    """Charge the intent to the code that a customer's phone shows: its text, its digits, or the number under it.

    Within the customer's limit it is captured at once; above it the phone is asked: `requires_confirmation`.
    """
    given = body.read().only("code")
    return jsonify(presenting.charged(shop=entry.shop(), id=id, given=given, form=intent_json.shown))


@doors.post("/payment_intents/<id>/capture")
@entry.allows("payment_intents:write")
@described(
    "Capture an authorized payment intent",
    sent=forms.CAPTURE_SENT,
    is_sent_optional=True,
    answers={200: forms.INTENT},
    refuses=("unknown_intent", "invalid_amount", "capture_exceeds_authorized", *_CLOSED, *_MOVES),
)
def capture_intent(id: str) -> Response:
    """Take what was authorized, or a part of it; the rest is released."""
    given = entry.optional_body().only("amount_minor")
    return jsonify(afterwards.captured(shop_id=entry.shop().id, id=id, given=given, form=intent_json.shown))


@doors.post("/payment_intents/<id>/void")
@entry.allows("payment_intents:write")
@described(
    "Void an authorized payment intent", answers={200: forms.INTENT}, refuses=("unknown_intent", *_CLOSED, *_MOVES)
)
def void_intent(id: str) -> Response:
    """Release what was authorized."""
    given = entry.optional_body().only()
    return jsonify(afterwards.voided(shop_id=entry.shop().id, id=id, given=given, form=intent_json.shown))


@doors.get("/static_code")
@entry.allows("static_code:read")
@described("Read the printed code", answers={200: forms.STATIC_CODE}, refuses=_SEALED_HERE)
def show_static_code() -> Response:
    """The shop's printed code, which carries no amount and does not expire."""
    paging.once_each()
    frame = static_code.static_frame(service.store(), service.signers(), shop=entry.shop(), unit=service.unit())
    return jsonify({"code": service.code_text(frame)})


def _drafted(given: Body) -> PaymentIntent:
    return actions.drafted(
        service.store(),
        service.signers(),
        shop=entry.shop(),
        unit=_unit(given),
        amount_minor=given.integer("amount_minor"),
        reference=given.optional_text("reference") or "",
        memo=given.optional_text("memo") or "",
        ttl_s=given.integer("ttl_s") if given.has("ttl_s") else intents.USUAL_TTL_S,
        capture_method=given.optional_text("capture_method") or intents.AUTOMATIC,
    )


def _create(
    uow: UnitOfWork, *, intent: PaymentIntent, words: metadata.Kept, wish: hosted.Wish, config: Config
) -> dict[str, Any]:
    made = actions.charge(uow, intent=intent)
    hosted.keep(uow, intent_id=made.id, wish=wish)
    if words:
        metadata.keep(uow, intent_id=made.id, words=words)
    return intent_json.as_made(made, words, config=config)


def _change(
    uow: UnitOfWork, *, intent_id: str, shop_id: str, words: metadata.Words, reference: str | None, memo: str | None
) -> PaymentIntent:
    intent = rewording.reword(uow, intent_id=intent_id, shop_id=shop_id, reference=reference, memo=memo)
    if words:
        kept = metadata.changed(metadata.of_intent(uow, id=intent_id), words)
        metadata.keep(uow, intent_id=intent_id, words=kept)
    return intent


def _listed(reader: Reader, *, page: paging.Page, wanted: list[str], seen_by: expanding.Eye) -> dict[str, Any]:
    found = queries.intents_of(reader, shop_id=seen_by.shop_id, page=page, secret=seen_by.secret)
    listed = paging.answer(page, found, lambda intent: intent)
    told = intent_json.all_told(reader, listed["data"], config=seen_by.config)
    return listed | {"data": expanding.expand(reader, _KIND, told, wanted, seen_by)}


def _shown(reader: Reader, *, id: str, wanted: list[str], seen_by: expanding.Eye) -> dict[str, Any]:
    intent = intents.of_shop(reader, id=id, shop_id=seen_by.shop_id)
    told = intent_json.told(reader, intent, config=seen_by.config)
    return expanding.expand(reader, _KIND, [told], wanted, seen_by)[0]


def _metadata(given: Body) -> metadata.Words:
    return metadata.checked(given.as_dict()["metadata"]) if given.has("metadata") else {}


def _unit(given: Body) -> money.Currency:
    """The installation's currency, which is also the only one that a caller may name."""
    unit = service.unit()
    if given.has("currency"):
        named = money.currency(given.text("currency", longest=8))
        if named != unit:
            raise ForeignCurrency(currency=named.code, expected=unit.code)
    return unit


def _answered(action: Callable[..., PaymentIntent], given: Body, **args: Any) -> Response:
    """Run the action once per Idempotency-Key; the intent as it stood when it ran."""
    return jsonify(afterwards.run_once(entry.shop().id, given, intent_json.shown(action), **args))
