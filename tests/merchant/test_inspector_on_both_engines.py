"""A payment's story from its hold to its payout, and the list that it stands in, on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.disputes import actions as disputes
from shared.settlement import actions as settlement
from shared.settlement import payouts
from tests.merchant.shop import open_shop
from tests.merchant.standing import signed_in
from tests.world import SECRET, World


def test_a_payments_story_is_the_same_on_both_engines(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    shop = open_shop(world.store, tmp_path / "data")
    program, manager, ana = shop.program(), signed_in(shop, "Wu"), world.person("ana")
    id = program.create(2000, capture_method="manual", reference="order_1%").json["id"]
    shop.authorized_by(ana, id)
    program.ask("POST", f"/payment_intents/{id}/capture", {"amount_minor": 1500})
    program.ask("POST", "/refunds", {"payment_intent": id, "amount_minor": 200})
    shop.store.run(
        disputes.open_dispute, payer_id=ana.id, intent_id=id, reason="not_received", words="No tea", amount_minor=100
    )
    [batch] = settlement.settle(shop.store, cutoff_at=None, secret=SECRET).batches
    shop.store.run(payouts.mark_paid, batch_id=batch.id, secret=SECRET)
    shop.app.extensions["saoma_wire"].write()

    story = manager.get(f"/inspector/payments/{id}").text

    told = re.findall(r'class="what soft">([^<]+)', story)
    assert [name for name in told if name.startswith(("order", "transfer"))] == [
        f"{part} · {kind}" for kind in ("hold", "capture", "refund") for part in ("order", "transfer")
    ]
    for name in ("dispute.opened", "batch.closed", "payout.created", "batch.paid", "payout.paid"):
        assert name in told
    found = manager.get("/inspector?q=ORDER_1%25&kind=call").text
    assert len(re.findall('<li class="wire"', found)) == 2
    for each in dict.fromkeys(re.findall(r'data-inside="([\w-]+)"', story)):
        opened = manager.get(f"/inspector/entries/{each}")
        assert (opened.status_code, ana.id in opened.text) == (200, False), each
    assert len(re.findall('<li class="wire"', manager.get(f"/inspector?payment={id}").text)) == len(told)
