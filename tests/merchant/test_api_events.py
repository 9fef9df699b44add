"""What a shop's programs hear of the journal: every public event in JSON, in the shape of its thing."""

from __future__ import annotations

from typing import Any

from merchant.api import event_json
from shared.db import outbox
from shared.db.unit import Reader
from shared.disputes import actions as disputes
from shared.events import Event
from shared.settlement import actions as settlement
from shared.settlement import payouts
from tests.merchant.shop import Program, Shop
from tests.world import SECRET, Member

LOSES = {"reason": "other", "words": "Cold", "amount_minor": 100}


def a_busy_day(shop: Shop, program: Program, ana: Member) -> None:
    """A payment, a refund, a hold, a cancellation, an expiry, a dispute, a batch and its payout."""
    ids = [program.create(1000, reference=f"T-{number}").json["id"] for number in range(4)]
    shop.scanned_by(ana, ids[0])
    for id in ids[:2]:
        shop.paid_by(ana, id)
    program.ask("POST", "/refunds", {"payment_intent": ids[0], "amount_minor": 300})
    program.ask("POST", f"/payment_intents/{ids[2]}/cancel")
    held = program.create(500, capture_method="manual").json["id"]
    shop.authorized_by(ana, held)
    program.ask("POST", f"/payment_intents/{held}/void")
    opened = shop.store.run(disputes.open_dispute, payer_id=ana.id, intent_id=ids[1], **LOSES)
    shop.store.run(disputes.accept, dispute_id=opened.id, shop_id=shop.party.id, secret=SECRET)
    settled = settlement.settle(shop.store, cutoff_at=None, secret=SECRET)
    [batch] = [batch for batch in settled.batches if batch.shop_id == shop.party.id]
    shop.store.run(payouts.mark_paid, batch_id=batch.id, secret=SECRET)


def journal(shop: Shop) -> list[Event]:
    return list(shop.store.read(outbox.events_after, seq=0, limit=10_000))


def test_every_public_event_is_told_in_the_shape_of_its_thing(shop: Shop, program: Program, ana: Member) -> None:
    a_busy_day(shop, program, ana)
    public = [event for event in journal(shop) if event_json.is_public(event)]

    def told(reader: Reader) -> list[dict[str, Any]]:
        return [event_json.as_json(reader, event, config=shop.config) for event in public]

    found = shop.store.read(told)
    kinds = {
        "intent": "payment_intent", "refund": "refund", "batch": "settlement_batch", "payout": "payout",
        "dispute": "dispute",
    }  # fmt: skip
    assert {event["type"].partition(".")[0] for event in found} == set(kinds)
    for event in found:
        assert event["data"]["object"]["object"] == kinds[event["type"].partition(".")[0]]
        assert ana.id not in str(event)
    heard = [event["type"] for event in found]
    for name in ("intent.captured", "refund.succeeded", "dispute.decided", "batch.closed", "payout.paid"):
        assert name in heard


def test_what_concerns_no_shop_is_not_public(shop: Shop, ana: Member) -> None:
    assert journal(shop)
    assert not [event.name for event in journal(shop) if event_json.is_public(event)]
