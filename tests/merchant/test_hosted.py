"""The hosted checkout page: public, live, framed by one origin, leading back to the shop with what became of it."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from merchant.hosted import addresses
from shared import clock
from tests.merchant.shop import Program, Shop
from tests.world import Member

SHOP_PAGE = "https://shop.example/thanks?order=7&status=old#done"


def made(program: Program, **more: Any) -> dict[str, Any]:
    answer = program.create(1250, **more)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json
    return told


def get(shop: Shop, path: str) -> TestResponse:
    """As somebody who has the link and nothing else."""
    return shop.app.test_client().get(path)


def state(shop: Shop, id: str) -> dict[str, Any]:
    told: dict[str, Any] = get(shop, f"/pay/{id}/state").json
    return told


def test_an_intent_says_where_its_page_is_and_the_page_shows_what_there_is_to_pay(shop: Shop, program: Program) -> None:
    intent = made(program, memo="Two teas", reference="order-7")
    assert intent["hosted_url"] == f"{shop.config.merchant_url}/pay/{intent['id']}"
    assert program.ask("GET", f"/payment_intents/{intent['id']}").json["hosted_url"] == intent["hosted_url"]
    page = get(shop, f"/pay/{intent['id']}")
    assert page.status_code == 200
    for text in ("Corner Tea House", "¥12.50", "Two teas", "order-7", intent["code"], "<svg"):
        assert text in page.text, text


def test_the_page_follows_the_payment_and_names_nobody(shop: Shop, program: Program, ana: Member) -> None:
    id = made(program, return_url=SHOP_PAGE)["id"]
    assert (state(shop, id)["state"], state(shop, id)["leads_to"]) == ("waiting", None)
    shop.scanned_by(ana, id)
    assert state(shop, id)["state"] == "scanned"
    shop.paid_by(ana, id)
    told = state(shop, id)
    assert (told["state"], told["status"]) == ("paid", "captured")
    assert told["leads_to"] == f"https://shop.example/thanks?order=7&payment_intent={id}&status=captured#done"
    assert set(told) == {"id", "state", "status", "expires_at", "now", "leads_to"}
    page = get(shop, f"/pay/{id}").text
    assert "Ana" not in page
    assert "A***" not in page
    assert "/q#" not in page, "a code that was paid is not shown again"


@pytest.mark.parametrize("end", ["canceled", "expired", "late", "authorized", "released"])
def test_every_end_is_shown(
    shop: Shop, program: Program, ana: Member, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    manual = {"capture_method": "manual"} if end in ("authorized", "released") else {}
    id = made(program, return_url="https://shop.example/", ttl_s=60, **manual)["id"]
    if manual:
        shop.authorized_by(ana, id)
    if end == "canceled":
        program.ask("POST", f"/payment_intents/{id}/cancel")
    if end == "released":
        program.ask("POST", f"/payment_intents/{id}/void")
    if end in ("expired", "late"):
        now = clock.system_now() + (60_500 if end == "late" else 121_500)
        monkeypatch.setattr(clock, "system_now", lambda: now)
    told = state(shop, id)
    assert told["state"] == end
    assert bool(told["leads_to"]) is (end != "late"), "an order that is on its way may still count"
    page = get(shop, f"/pay/{id}").text
    assert f'data-state="{end}"' in page
    assert "/q#" not in page


def test_an_intent_that_does_not_exist_has_no_page(shop: Shop) -> None:
    for path in ("/pay/pi_x", "/pay/pi_01jd9k6y0afx3rg4m8m3cfvq2h", "/pay/pi_01jd9k6y0afx3rg4m8m3cfvq2h/state"):
        assert get(shop, path).status_code == 404


def test_only_the_origin_that_the_shop_named_may_frame_the_page(shop: Shop, program: Program) -> None:
    id = made(program, embed_origin="HTTPS://Shop.example:8443/".replace("HTTPS", "https"))["id"]
    framed = get(shop, f"/pay/{id}?embed=1")
    assert "frame-ancestors https://shop.example:8443;" in framed.headers["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in framed.headers
    assert 'data-embedder="https://shop.example:8443"' in framed.text
    plain, other = get(shop, f"/pay/{id}"), get(shop, f"/pay/{made(program)['id']}?embed=1")
    for answer in (plain, other):
        assert "shop.example" not in answer.headers["Content-Security-Policy"]
        assert "data-embedder" not in answer.text


@pytest.mark.parametrize(
    "url",
    [
        "", "shop.example", "//shop.example", "ftp://shop.example/", "javascript:alert(1)", "https://", "https:///x",
        "https://user:secret@shop.example/", "https://shop.example/a b", "https://shop.example/\n", "https://shop.example:0/",
        "https://shop.example:99999/", "https://shop.exa\u006dple/é", "data:text/html,x", "https://-bad-/",
        "https://shop.example/\"onclick", "https://shop.example/" + "x" * 2048, "HTTPS\\://shop.example",
    ],
)  # fmt: skip
def test_an_address_that_no_browser_should_be_led_to_is_refused(program: Program, url: str) -> None:
    answer = program.create(1250, return_url=url)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_return_url"), url


@pytest.mark.parametrize(
    "origin",
    [
        "*", "https://shop.example/path", "https://shop.example?x", "https://shop.example; script-src *", "'self'",
        "https://shop.example https://other.example", "https://*.example", "null", "https://shop.example#x", "",
    ],
)  # fmt: skip
def test_what_is_no_single_origin_may_frame_nothing(program: Program, origin: str) -> None:
    answer = program.create(1250, embed_origin=origin)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_embed_origin"), origin


@pytest.mark.parametrize("url", ["http://localhost:8000/back", "https://[::1]:8443/", "https://a.example/?q=%20&r=a+b"])
def test_an_address_of_a_shops_own_is_taken_as_it_is(url: str) -> None:
    assert addresses.checked_return_url(url) == url


def test_the_page_stays_within_its_budget(shop: Shop, program: Program) -> None:
    import gzip
    from pathlib import Path

    import merchant
    import shared.web

    id = made(program, memo="x" * 64, return_url=SHOP_PAGE)["id"]
    assert len(gzip.compress(get(shop, f"/pay/{id}").data)) <= 14 * 1024
    scripts = [Path(merchant.__file__).parent / "static/hosted.js"]
    scripts += [Path(shared.web.__file__).parent / "static" / name for name in ("app.js", "language.js", "early.js")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in scripts) <= 12 * 1024
