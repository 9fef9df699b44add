"""The forms of the API's own things, as OpenAPI tells them; shapes.py and merchant/checkout/sales.py fill them."""

from __future__ import annotations

from merchant.api.description import (
    COUNT,
    INTEGER,
    MINOR,
    OBJECT,
    TEXT,
    TIME,
    Query,
    Schema,
    body,
    choice,
    form,
    id_of,
    integer,
    named,
    nullable,
    page_of,
    text,
)
from merchant.api.event_json import PUBLIC
from merchant.api.metadata import LONGEST_NAME, LONGEST_TEXT, MOST
from merchant.api.paging import LONGEST_VALUE
from merchant.hosted.addresses import LONGEST_URL
from shared.disputes.states import DisputeState, Reason
from shared.money import MAX_MINOR
from shared.payments import intents
from shared.payments.states import IntentState

SUM: Schema = {"type": "integer", "minimum": 0, "maximum": MAX_MINOR}
MASKED: Schema = {"type": "string", "description": "A first letter and three stars."}
PAYOUT_STATES = ("in_transit", "paid", "returned")
BATCH_STATES = ("open", "closed", *PAYOUT_STATES)
KEPT: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
WORDS: Schema = {
    "type": "object",
    "maxProperties": MOST,
    "propertyNames": {"minLength": 1, "maxLength": LONGEST_NAME},
    "additionalProperties": {"anyOf": [{"type": "string", "maxLength": LONGEST_TEXT}, {"type": "null"}]},
}

TRANSFER = form(
    "transfer", id=id_of("trf"), object=named("transfer"), seq=COUNT, kind=TEXT, phase=TEXT, amount_minor=MINOR,
    currency=TEXT, created_at=TIME,
)  # fmt: skip
CUSTOMER = form(
    "customer", id=id_of("cus"), object=named("customer"), name=MASKED, payments=COUNT, captured_minor=COUNT,
    refunded_minor=COUNT, currency=TEXT, first_seen_at=TIME, last_seen_at=TIME,
)  # fmt: skip
INTENT = form(
    "payment_intent", id=id_of("pi"), object=named("payment_intent"), status=choice(*IntentState), amount_minor=MINOR,
    currency=TEXT, reference=TEXT, memo=TEXT, code=nullable(TEXT), created_at=TIME, expires_at=TIME,
    scanned_by=nullable(MASKED), payer={"anyOf": [MASKED, OBJECT, {"type": "null"}]},
    transfer={"anyOf": [id_of("trf"), OBJECT, {"type": "null"}]}, capture_method=choice("automatic", "manual"),
    amount_captured_minor=SUM, amount_refunded_minor=SUM, authorized_until=nullable(TIME), metadata=KEPT,
    hosted_url=nullable(TEXT),
)  # fmt: skip
INTENT_SENT = body(
    "payment_intent_sent", "amount_minor", amount_minor=MINOR, currency=nullable(TEXT), reference=nullable(text(16)),
    memo=nullable(text(64)), ttl_s=nullable(integer(intents.SHORTEST_TTL_S, intents.LONGEST_TTL_S)),
    capture_method=nullable(choice("automatic", "manual")), metadata=nullable(WORDS),
    return_url=nullable(text(LONGEST_URL)), embed_origin=nullable(text(LONGEST_URL)),
).like(amount_minor=1250, reference="order-1042", memo="Two teas")  # fmt: skip
INTENT_CHANGED = body(
    "payment_intent_changed", reference=nullable(text(16)), memo=nullable(text(64)), metadata=nullable(WORDS)
).like(metadata={"table": "7"})
CODE_SENT = body("payer_code_sent", "code", code=text(4096)).like(code="287654321098765432")
CAPTURE_SENT = body("capture_sent", amount_minor=nullable(MINOR)).like(amount_minor=1000)
REFUND = form(
    "refund", id=id_of("rf"), object=named("refund"), payment_intent={"anyOf": [id_of("pi"), OBJECT]},
    status=choice("pending", "succeeded", "failed"), amount_minor=MINOR, currency=TEXT, reason=TEXT,
    transfer={"anyOf": [id_of("trf"), OBJECT, {"type": "null"}]}, created_at=TIME,
)  # fmt: skip
REFUND_SENT = body(
    "refund_sent", "payment_intent", payment_intent=TEXT, amount_minor=nullable(MINOR), reason=nullable(text(120))
).like(payment_intent="pi_01jd9k6y0afx3rg4m8m3cfvq2h", amount_minor=400, reason="One cup was cold")
BATCH = form(
    "settlement_batch", id=id_of("bat"), object=named("settlement_batch"), status=choice(*BATCH_STATES), currency=TEXT,
    cutoff_at=TIME, created_at=TIME, sales=COUNT, gross_minor=COUNT, refunds=COUNT, refunds_minor=COUNT,
    lost_disputes=COUNT, lost_disputes_minor=COUNT, rate_basis_points=COUNT, rate_fixed_minor=COUNT, fee_minor=COUNT,
    carried_in_minor=INTEGER, net_minor=INTEGER, carried_to=nullable(id_of("bat")),
    payout={"anyOf": [id_of("po"), OBJECT, {"type": "null"}]},
)  # fmt: skip
LINE = form(
    "settlement_line", object=named("settlement_line"), kind=choice("sale", "refund", "dispute"), id=TEXT,
    payment_intent=id_of("pi"), transfer=id_of("trf"), amount_minor=MINOR, fee_minor=COUNT, happened_at=TIME,
    reference=TEXT,
)  # fmt: skip
PAYOUT = form(
    "payout", id=id_of("po"), object=named("payout"), status=choice(*PAYOUT_STATES),
    amount_minor=MINOR, currency=TEXT, settlement_batch={"anyOf": [id_of("bat"), OBJECT]},
    transfer={"anyOf": [id_of("trf"), OBJECT]}, created_at=TIME, ended_at=nullable(TIME), return_reason=nullable(TEXT),
)  # fmt: skip
DISPUTE = form(
    "dispute", id=id_of("dsp"), object=named("dispute"), status=choice(*DisputeState),
    payment_intent={"anyOf": [id_of("pi"), OBJECT]}, reason=choice(*Reason), words=TEXT, amount_minor=MINOR,
    left_minor=SUM, currency=TEXT, created_at=TIME, answer_by=TIME, answer=nullable(TEXT), answered_at=nullable(TIME),
    pictures=integer(0, 3), decided_by=nullable(choice("shop", "operator", "silence")), note=nullable(TEXT),
    paid_minor=SUM, transfer={"anyOf": [id_of("trf"), OBJECT, {"type": "null"}]}, closed_at=nullable(TIME),
)  # fmt: skip
ANSWER_SENT = body("dispute_answer_sent", "words", words=text(1200, 1)).like(words="The tea was hot when it left us.")
EVENT = form(
    "event", id=id_of("evt"), object=named("event"), type=choice(*sorted(PUBLIC)), created_at=TIME, api_version=TEXT,
    data=form("event_data", object=OBJECT),
)  # fmt: skip
STATIC_CODE = form("static_code", code=TEXT)

INTENTS, REFUNDS, CUSTOMERS = page_of(INTENT), page_of(REFUND), page_of(CUSTOMER)
BATCHES, LINES, PAYOUTS = page_of(BATCH), page_of(LINE), page_of(PAYOUT)
DISPUTES, EVENTS = page_of(DISPUTE), page_of(EVENT)
CREATED = (
    Query("created_from", TIME, "Only what was made at this moment or later."),
    Query("created_before", TIME, "Only what was made before this moment."),
)
STATUS = Query("status", choice(*IntentState), "Only those in this status.")
INTENT_QUERY = (
    STATUS,
    Query("reference", text(LONGEST_VALUE), "Only those of this reference."),
    Query("customer", text(LONGEST_VALUE), "Only those that this customer has paid."),
    *CREATED,
)
PAYOUT_QUERY = (Query("status", choice(*PAYOUT_STATES), "Only those in this status."), *CREATED)
BATCH_QUERY = (Query("status", choice(*BATCH_STATES), "Only those in this status."), *CREATED)
CODE_REFUSED = (
    "amount_above_cap", "amount_mismatch", "awaits_confirmation", "bad_field", "bad_seal", "code_expired",
    "code_mismatch", "code_not_yet_valid", "code_spent", "code_too_long", "counter_went_back", "daily_limit_reached",
    "key_may_not_seal", "malformed_code", "not_a_code", "not_a_payer_code", "paid_to_self", "payer_insufficient_funds",
    "revoked_key", "too_many_attempts", "unknown_field", "unknown_key", "unknown_number", "unknown_type",
    "unknown_version", "wrong_signer",
)  # fmt: skip
"""What may be wrong with the code that a customer's phone shows."""
