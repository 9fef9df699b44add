"""Disputes at the till: what waits, the answer with pictures, the money given back, and what settling makes of it."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from shared.disputes import actions, queries
from shared.disputes.queries import Dispute
from shared.payments import audit
from shared.settlement import actions as settlement
from shared.settlement import adjustments
from tests.merchant.shop import Browser, Shop
from tests.world import SECRET, Member


@pytest.fixture
def dispute(shop: Shop, ana: Member, browser: Browser) -> Dispute:
    """What Ana complains about: 5.00 of 8.00."""
    id = browser.charge(800).json["id"]
    shop.paid_by(ana, id)
    asked = {"payer_id": ana.id, "intent_id": id, "reason": "not_as_described", "amount_minor": 500}
    return shop.store.run(actions.open_dispute, words="<i>Cold</i> tea", **asked)


def page(browser: Browser, path: str) -> str:
    answer = browser.client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.get_data(as_text=True))


def drawn() -> str:
    content = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(content, "PNG")
    return base64.b64encode(content.getvalue()).decode()


def test_the_shop_answers_with_a_picture(shop: Shop, browser: Browser, dispute: Dispute) -> None:
    assert f'href="/disputes/{dispute.id}"' in page(browser, "/disputes")
    shown = page(browser, f"/disputes/{dispute.id}")
    assert "&lt;i&gt;Cold&lt;/i&gt; tea" in shown
    assert "A***" in shown
    said = {"words": "It was hot when it left", "pictures": [drawn()]}
    answer = browser.post(f"/api/disputes/{dispute.id}/answer", said)
    assert (answer.status_code, answer.json["state"]) == (200, "answered")
    shown = page(browser, f"/disputes/{dispute.id}")
    assert "It was hot when it left" in shown
    assert 'id="answer"' not in shown
    picture = browser.client.get(f"/disputes/{dispute.id}/pictures/1")
    assert (picture.status_code, picture.mimetype) == (200, "image/jpeg")
    assert browser.post(f"/api/disputes/{dispute.id}/answer", said).json["code"] == "dispute_answered"
    assert "Answered a dispute over" in page(browser, "/activity")


def test_pictures_that_are_none_are_refused_and_nothing_is_kept(shop: Shop, browser: Browser, dispute: Dispute) -> None:
    for pictures, code in (
        ([base64.b64encode(b"<svg/>").decode()], "bad_picture"),
        (["not base64 !"], "bad_picture"),
        ("one", "bad_picture"),
        ([drawn()] * 4, "too_many_pictures"),
    ):
        answer = browser.post(f"/api/disputes/{dispute.id}/answer", {"words": "Look", "pictures": pictures})
        assert (answer.status_code, answer.json["code"]) == (400, code)
    assert shop.store.read(queries.by_id, id=dispute.id).state == "open"


def test_the_shop_gives_the_money_back_and_its_next_batch_pays(
    shop: Shop, ana: Member, browser: Browser, dispute: Dispute
) -> None:
    before = shop.world.balance(ana)
    done = browser.post(f"/api/disputes/{dispute.id}/accept", {})
    assert (done.json["state"], done.json["paid_minor"], shop.world.balance(ana) - before) == ("lost", 500, 500)
    assert "taken off your next settlement" in page(browser, f"/disputes/{dispute.id}")
    [batch] = settlement.settle(shop.store, cutoff_at=None, secret=SECRET).batches
    assert (batch.gross_minor, batch.adjustments_minor, batch.fee_minor, batch.net_minor) == (800, 500, 5, 295)
    assert shop.store.read(adjustments.taken_by, batch=batch) == 500
    assert shop.store.read(audit.run).faults == []
    assert "Gave" in page(browser, "/activity")


def test_the_hub_says_that_somebody_waits(shop: Shop, browser: Browser, dispute: Dispute) -> None:
    hub = page(browser, "/shop")
    assert 'href="/disputes"' in hub
    assert "1 waiting" in hub
    browser.post(f"/api/disputes/{dispute.id}/accept", {})
    assert "1 waiting" not in page(browser, "/shop")


def test_the_sale_leads_to_its_dispute(browser: Browser, dispute: Dispute) -> None:
    assert f'href="/disputes/{dispute.id}"' in page(browser, f"/sales/{dispute.intent_id}")


def test_a_shop_sees_its_own_disputes_only(shop: Shop, browser: Browser) -> None:
    ana, books = shop.world.person("li"), shop.world.shop("books")
    sale = shop.world.sold(books, ana, 300)
    asked = {"payer_id": ana.id, "intent_id": sale.id, "reason": "other", "words": "", "amount_minor": 300}
    theirs = shop.store.run(actions.open_dispute, **asked)
    assert browser.client.get(f"/disputes/{theirs.id}").status_code == 404
    for act, body in (("answer", {"words": "No"}), ("accept", {})):
        answer = browser.post(f"/api/disputes/{theirs.id}/{act}", body)
        assert (answer.status_code, answer.json["code"]) == (404, "unknown_dispute")
    assert "Nobody complains" in page(browser, "/disputes")
