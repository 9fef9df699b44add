"""The lists of /v1 on SQLite and on PostgreSQL: every filter, both cursors, what is expanded, what is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.disputes import actions as disputes
from shared.payments import audit
from shared.settlement import actions as settlement
from tests.merchant.shop import open_shop
from tests.world import SECRET, World

QUERIES = {
    "payment_intents": ["status=captured", "status=expired", "reference=T-0", "expand[]=payer&expand[]=refunds"],
    "refunds": ["expand[]=payment_intent", "created_before=2001-01-01T00:00:00Z"],
    "settlement_batches": ["status=in_transit", "expand[]=payout"],
    "payouts": ["status=in_transit", "expand[]=settlement_batch"],
    "disputes": ["status=open", "status=refunded", "expand[]=payment_intent"],
    "events": ["type=refund.succeeded", "created_before=2001-01-01T00:00:00Z"],
    "customers": [],
}
FOUND = {
    "payment_intents": [2, 0, 1, 2], "refunds": [2, 0], "settlement_batches": [2, 2], "payouts": [2, 2],
    "disputes": [1, 1, 2], "events": [2, 0], "customers": [],
}  # fmt: skip


def test_lists_are_the_same_on_both_engines(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    shop = open_shop(world.store, tmp_path / "data")
    program = shop.program()
    for number, name in enumerate(("ben", "cleo")):
        payer = world.person(name)
        sold = program.create(1000, reference=f"T-{number}", metadata={"table": str(number)}).json["id"]
        shop.paid_by(payer, sold)
        asked = {"payer_id": payer.id, "intent_id": sold, "reason": "other", "words": "Cold", "amount_minor": 100}
        shop.store.run(disputes.open_dispute, **asked)
        program.ask("POST", "/refunds", {"payment_intent": sold, "amount_minor": 100 - number})
        settlement.settle(shop.store, cutoff_at=None, secret=SECRET)
        program.ask("POST", f"/payment_intents/{sold}", {"metadata": {"table": None, "seat": "3"}})
    for list_, queries in QUERIES.items():
        found = [len(program.ask("GET", f"/{list_}?{query}").json["data"]) for query in queries]
        assert found == FOUND[list_], list_
        newer, older = program.ask("GET", f"/{list_}?limit=2").json["data"]
        after = program.ask("GET", f"/{list_}?limit=1&starting_after={newer['id']}").json["data"]
        before = program.ask("GET", f"/{list_}?limit=1&ending_before={older['id']}").json["data"]
        assert ([each["id"] for each in after], [each["id"] for each in before]) == ([older["id"]], [newer["id"]])
        assert program.ask("GET", f"/{list_}?starting_after=pi_x").json["code"] == "bad_cursor"
    assert program.ask("GET", "/payment_intents?limit=1").json["data"][0]["metadata"] == {"seat": "3"}
    assert shop.store.read(audit.run).faults == []
