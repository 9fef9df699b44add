"""Both services on one PostgreSQL, behind a wire that breaks: the walk is the same, and the books agree."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable

import pytest
from flask import Flask

from shared.db.store import Store
from shared.payments import audit
from shared.web import health
from tests.db.proxy import AtCommit, Proxy
from tests.db.words import tell
from tests.examples import IS_FULL
from tests.services import Services

FATES = [AtCommit.LOSE_ANSWER, AtCommit.LOSE] if IS_FULL else [AtCommit.LOSE_ANSWER]


@pytest.mark.parametrize("fate", FATES, ids=lambda fate: fate.name.lower())
def test_a_sale_is_paid_once_though_the_line_breaks_at_its_commit(
    make_services: Callable[..., Services], wire: Proxy, fate: AtCommit
) -> None:
    services = make_services(SAOMA_DATABASE_URL=wire.url)
    services.seed()
    services.start("wallet")
    services.start("merchant")
    till, ana = services.till(), services.phone("Ana")
    sale = till.charge(1250)
    order = ana.order_for(sale["code"])

    wire.at_commit = fate
    paid = ana.send_order(order)

    assert wire.at_commit is AtCommit.PASS, "the wire must have struck"
    assert (paid["status"], paid["is_replay"]) == ("captured", False)
    assert ana.send_order(order)["transfer"] == paid["transfer"]
    assert till.status(sale["id"])["status"] == "captured"
    assert ana.balance()["balance_minor"] == 98_750
    learnt = "undone" if fate is AtCommit.LOSE else "committed"
    with urllib.request.urlopen(f"{services.wallet}/metrics", timeout=10) as answer:
        told = answer.read().decode()
    assert re.search(rf'^saoma_store_doubtful_commits_total{{outcome="{learnt}"}} 1.0$', told, re.M)
    store = services.store()
    try:
        assert store.read(audit.run).faults == []
    finally:
        store.close()


def test_metrics_tell_of_batches_run_again(wire: Proxy, open_store: Callable[[str], Store]) -> None:
    store = open_store(wire.url)
    app = Flask("test")
    health.install(app, store, "wallet")
    store.run(tell, word="before")
    wire.cut()
    assert app.test_client().get("/readyz").get_json() == {"status": "ready", "service": "wallet"}
    told = app.test_client().get("/metrics").text
    assert 'saoma_store_retries_total{reason="lost"} 1.0' in told
    assert 'saoma_store_doubtful_commits_total{outcome="unknown"} 0.0' in told
    assert "saoma_store_commits_total 2.0" in told
