"""The inspector: what crossed the wire, of one's own shop alone, and the whole story of a payment."""

from __future__ import annotations

import gzip
import json
import re
import shlex
from typing import Any

import pytest

from merchant.callbacks import actions as callbacks
from merchant.inspector import changes, curl, listing, opened, payments
from shared.codes import frame as frames
from shared.codes.payloads import OrderKind
from shared.db import time
from shared.db.unit import UnitOfWork
from shared.web import wire
from shared.web.catalog import Catalog
from tests.house.plan import ROOT
from tests.merchant.shop import Browser, Shop
from tests.merchant.standing import other_shop, owner_of, signed_in
from tests.world import Member


@pytest.fixture
def manager(shop: Shop) -> Browser:
    return signed_in(shop, "Wu")


def written(shop: Shop) -> None:
    shop.app.extensions["saoma_wire"].write()


def ids(page: str) -> list[str]:
    return re.findall(r'<li class="wire" id="([\w-]+)"', page)


def kinds(page: str) -> list[str]:
    return [id.rpartition("-")[0] for id in ids(page)]


def paid(shop: Shop, payer: Member, **more: Any) -> str:
    id: str = shop.program().create(1250, **more).json["id"]
    shop.scanned_by(payer, id)
    shop.paid_by(payer, id)
    written(shop)
    return id


def inside(browser: Browser, id: str) -> str:
    answer = browser.get(f"/inspector/entries/{id}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_an_empty_inspector_says_how_to_make_a_call(manager: Browser) -> None:
    assert "curl http" in manager.get("/inspector").text


def test_everything_about_a_payment_is_listed_the_newest_first(shop: Shop, manager: Browser, ana: Member) -> None:
    paid(shop, ana)

    page = manager.get("/inspector").text

    assert kinds(page) == ["event", "transfer", "order", "event", "event", "code", "call"]
    assert "A*** signed: pay ¥12.50" in page
    assert "¥12.50 moved from A*** to" in page
    assert "201" in page


@pytest.mark.parametrize(
    ("kind", "expected"), [("call", ["call"]), ("code", ["code"]), ("order", ["order"]), ("transfer", ["transfer"]),
                           ("event", ["event"] * 3), ("callback", [])],
)  # fmt: skip
def test_the_list_is_narrowed_to_a_kind(
    shop: Shop, manager: Browser, ana: Member, kind: str, expected: list[str]
) -> None:
    paid(shop, ana)

    assert kinds(manager.get(f"/inspector?kind={kind}").text) == expected


def test_the_list_is_narrowed_to_a_text_to_what_went_wrong_and_to_a_payment(
    shop: Shop, manager: Browser, ana: Member
) -> None:
    first, second = paid(shop, ana, reference="100%"), paid(shop, ana)
    shop.program().create("much")
    written(shop)

    assert kinds(manager.get("/inspector?q=100%25").text) == ["call"]
    assert kinds(manager.get("/inspector?which=bad").text) == ["call"]
    assert "Refused: bad_input" in manager.get("/inspector?which=bad").text
    for id in (first, second):
        for asked in (f"q={id}", f"payment={id}"):
            page = manager.get(f"/inspector?{asked}").text
            assert len(ids(page)) == 7
            assert f"/inspector/payments/{id}" in page
        as_shown = manager.get(f'/inspector?kind=event&q="intent": "{id}"').text
        assert set(kinds(as_shown)) == {"event"}


def test_older_rows_are_on_further_pages_and_each_row_is_on_one(
    shop: Shop, manager: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 4)
    for _ in range(5):
        shop.program().create()
    written(shop)

    seen, path, pages = [], "/inspector", 0
    while path:
        page = manager.get(path).text
        seen += ids(page)
        pages += 1
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""

    assert (len(seen), len(set(seen))) == (15, 15)
    assert pages == 3


def test_news_begin_where_the_page_ended_and_come_once(shop: Shop, manager: Browser) -> None:
    shop.program().create()
    written(shop)
    place = re.search(r'data-after="([\d.]+)"', manager.get("/inspector").text)
    assert place is not None
    assert ids(manager.get(f"/inspector/rows?after={place[1]}").text) == []
    shop.program().create()
    written(shop)

    news = manager.get(f"/inspector/rows?after={place[1]}").text
    later = re.search(r'data-after="([\d.]+)"', news)

    assert kinds(news) == ["event", "code", "call"]
    assert later is not None
    assert ids(manager.get(f"/inspector/rows?after={later[1]}").text) == []


def test_a_call_opens_with_its_bodies_and_a_line_for_the_shell_without_its_key(shop: Shop, manager: Browser) -> None:
    made = shop.program().create(1250, key="one", memo="it's tea")
    written(shop)
    [call] = [id for id in ids(manager.get("/inspector").text) if id.startswith("call")]

    shown = inside(manager, call)

    assert made.headers["X-Request-Id"] in shown
    assert "Authorization: Bearer $SAOMA_KEY" in shown.replace("&#34;", '"')
    assert shop.told["api_key"] not in shown
    assert made.json["id"] in shown


def test_a_line_for_the_shell_survives_quotes() -> None:
    line = curl.of_call(
        "POST", "http://x/v1/a?b=c", {"Authorization": "Bearer •", "Content-Type": "application/json"}, '{"a": "it\'s"}'
    )

    assert "'http://x/v1/a?b=c'" in line
    assert '-H "Authorization: Bearer $SAOMA_KEY"' in line
    assert """--data-raw '{"a": "it'"'"'s"}'""" in line


def test_a_line_for_the_shell_does_only_what_was_called() -> None:
    line = curl.of_call("`id`", "http://x/v1/$(id)", {"Content-Type": "a'; id"}, "@/etc/passwd")

    asked = ["curl", "-X", "`id`", "http://x/v1/$(id)", "-H", "Content-Type: a'; id", "--data-raw", "@/etc/passwd"]
    assert shlex.split(line.replace("\\\n", "")) == asked
    assert "-X '`id`' 'http://x/v1/$(id)'" in line


def test_codes_orders_and_transfers_open_with_their_seals_and_without_the_payers_name(
    shop: Shop, manager: Browser, ana: Member
) -> None:
    id = paid(shop, ana)
    shop.program().ask("POST", "/refunds", {"payment_intent": id})
    found = ids(manager.get("/inspector").text)

    opened = {each: inside(manager, each) for each in found if not each.startswith("call")}

    frames_shown = [text for each, text in opened.items() if each.startswith(("code", "order"))]
    assert len(frames_shown) == 3
    assert all("Signature holds" in text for text in frames_shown)
    assert sum("user:A***" in text for text in opened.values()) == 2
    told = " ".join(opened.values())
    assert ana.id not in told
    assert ana.handle.encode().hex() not in told
    assert not re.search(rf"\b{ana.handle}\b", told)


def test_a_pay_code_that_was_charged_is_taken_apart(shop: Shop, manager: Browser, ana: Member) -> None:
    shop.world.limit(ana, 100_000)
    code = frames.code_text(shop.config.wallet_url, shop.world.payer_code(ana))
    id = shop.program().create(1250).json["id"]
    shop.program().ask("POST", f"/payment_intents/{id}/charge", {"code": code})

    page = manager.get(f"/inspector?payment={id}").text

    [shown] = [each for each in ids(page) if each.startswith("payer_code")]
    assert "Signature holds" in inside(manager, shown)
    assert "A*** showed a pay code" in page


def test_another_shop_sees_none_of_it(shop: Shop, manager: Browser, ana: Member) -> None:
    id = paid(shop, ana)
    mine = ids(manager.get("/inspector").text)
    stranger = owner_of(shop, other_shop(shop))

    assert ids(stranger.get("/inspector").text) == []
    assert stranger.get(f"/inspector?payment={id}").status_code == 404
    assert stranger.get(f"/inspector/payments/{id}").status_code == 404
    assert [stranger.get(f"/inspector/entries/{each}").status_code for each in mine] == [404] * len(mine)


def test_a_call_with_a_wrong_key_is_seen_by_everybody_and_opened_by_nobody(shop: Shop, manager: Browser) -> None:
    shop.program(key="sk_test_wrong").ask("POST", "/payment_intents", {"memo": "a secret of mine"})
    written(shop)

    [call] = ids(manager.get("/inspector").text)

    assert "a secret of mine" not in inside(manager, call)
    assert ids(manager.get("/inspector?q=a+secret+of").text) == []
    assert "bad_api_key" in manager.get("/inspector").text


@pytest.mark.parametrize(
    "path",
    ["entries/call-999", "entries/event-999", "entries/order-1", "entries/x", "entries/dlv_0", "payments/pi_0",
     "payments/x"],
)  # fmt: skip
def test_what_there_is_not_is_not_found(manager: Browser, path: str) -> None:
    assert manager.get(f"/inspector/{path}").status_code == 404


@pytest.mark.parametrize("place", ["x", "1.2", "1.2.3.4", "-1.0.0", "9" * 40 + ".0.0"])
def test_a_place_that_is_none_is_refused(manager: Browser, place: str) -> None:
    assert manager.get(f"/inspector?before={place}").status_code == 400
    assert manager.get(f"/inspector/rows?after={place}").status_code == 400


def test_a_callback_is_a_row_of_its_own_and_a_step_of_the_story(shop: Shop, manager: Browser, ana: Member) -> None:
    id = paid(shop, ana)

    def enqueue(uow: UnitOfWork) -> str:
        return callbacks.enqueue(
            uow, shop_id=shop.party.id, kind="webhook", url="http://localhost:9/hook", payload='{"paid": true}',
            subject=id,
        )  # fmt: skip

    sent = shop.store.run(enqueue)

    [row] = ids(manager.get("/inspector?kind=callback").text)
    assert row == sent
    assert "http://localhost:9/hook" in inside(manager, sent)
    assert sent in manager.get(f"/inspector/payments/{id}").text
    assert ids(manager.get(f"/inspector/rows?watched={sent}").text) == [sent]


def test_the_story_tells_a_payment_from_the_first_call_to_the_refund_whatever_the_clock_did(
    shop: Shop, manager: Browser, ana: Member
) -> None:
    id = paid(shop, ana)
    shop.store.run(time.move_ahead, offset_ms=3 * 86_400_000)
    shop.program().ask("POST", "/refunds", {"payment_intent": id})
    written(shop)

    page = manager.get(f"/inspector/payments/{id}").text

    told = re.findall(r'data-inside="([a-z_]+)-', page)
    assert told == ["call", "code", "event", "event", "order", "transfer", "event", "event",
                    "call", "order", "transfer", "event", "event"]  # fmt: skip
    assert "The clock was moved by 3 days" in page
    assert "3 days later" in page
    assert ana.handle not in page.replace("ana***", "")


def test_a_refused_order_is_a_call_of_the_phone_in_its_payments_story(shop: Shop, manager: Browser) -> None:
    id = shop.program().create().json["id"]
    row = {
        "at": shop.world.now(), "took_us": 900, "service": "wallet", "method": "POST", "path": "/api/orders",
        "status": 409, "shop_id": "", "intent_id": "", "subject": shop.intent(id).jti, "request_id": "",
        "asked_headers": "{}", "asked": "{}", "answered_headers": "{}",
        "answered": json.dumps({"code": "insufficient_funds"}), "missed": 0,
    }  # fmt: skip
    shop.store.run(wire.keep, rows=[row], known=None)

    for path in (f"/inspector/payments/{id}", f"/inspector?payment={id}"):
        assert "The phone was refused: insufficient_funds" in manager.get(path).text


def test_windows_cover_each_moment_once() -> None:
    assert payments.windows([5, 1, 5_001, 20_000]) == [(1, 10_001), (20_000, 25_000)]


def test_every_event_and_every_order_has_its_sentence_in_the_inspector(shop: Shop) -> None:
    catalog: Catalog = shop.app.extensions["saoma_catalog"]
    wanted = {f"event_{name.replace('.', '_')}" for name in changes.NAMES - changes.MOVES}
    wanted |= {f"order_{kind.name.lower()}" for kind in OrderKind} - {"order_send", "order_top_up", "order_withdraw"}

    assert {f"inspector_said.{what}" for what in wanted} <= catalog.keys()


def test_the_pages_keep_their_budgets(shop: Shop, manager: Browser, ana: Member) -> None:
    for _ in range(20):
        id = paid(shop, ana)
    pages = [manager.get(path).text for path in ("/inspector", f"/inspector/payments/{id}")]

    assert all(len(gzip.compress(page.encode())) <= 14 * 1024 for page in pages)
    script = sum(len(gzip.compress((ROOT / path).read_bytes()))
                 for path in ("merchant/static/inspector.js", "shared/web/static/app.js"))  # fmt: skip
    assert script <= 12 * 1024
    sheets = manager.get("/static/look.css").data, (ROOT / "merchant/static/sheets/inspector.css").read_bytes()
    assert sum(len(gzip.compress(sheet)) for sheet in sheets) <= 12 * 1024


def test_the_story_of_a_payment_whose_outcome_was_not_known_shows_what_was_signed_and_when_it_ended(
    shop: Shop, manager: Browser
) -> None:
    program = shop.program()
    id = program.create(1250, memo="#unknown-then-succeeds").json["id"]
    assert program.ask("POST", "/test_payers/test-pays/pay", {"payment_intent": id}).status_code == 200
    program.ask("POST", "/test_clock/advance", {"by_s": 3600})
    written(shop)

    page = manager.get(f"/inspector/payments/{id}").text

    told = [name for name in re.findall(r'class="what soft">([^<]+)', page) if not name.startswith("P")]
    asked = told.index("order · pay")
    assert told[asked + 1] == "intent.became_unknown"
    assert told.index("clock.advanced") < told.index("intent.captured")
    for each in dict.fromkeys(re.findall(r'data-inside="([\w-]+)"', page)):
        opened = manager.get(f"/inspector/entries/{each}")
        assert (opened.status_code, "Test Pays" in opened.text) == (200, False), each


def test_half_a_character_in_a_body_spoils_neither_what_is_kept_nor_the_page(shop: Shop, manager: Browser) -> None:
    shop.app.test_client().post(
        "/v1/payment_intents", data='{"amount_minor": 1, "memo": "\\ud800"}',
        headers={"Authorization": f"Bearer {shop.told['api_key']}", "Content-Type": "application/json"},
    )  # fmt: skip
    written(shop)

    [call] = ids(manager.get("/inspector?kind=call").text)

    assert "amount_minor" in inside(manager, call)
    assert opened.pretty('{"text": "\\ud800"}') == '{\n  "text": "?"\n}'
