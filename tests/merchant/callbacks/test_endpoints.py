"""Endpoints that are none, and who may make how many."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from merchant.api.event_json import PUBLIC
from tests.house.plan import ROOT
from tests.merchant.callbacks.conftest import Hooked
from tests.merchant.callbacks.receiver import Receiver
from tests.merchant.shop import Shop, open_shop
from tests.merchant.standing import signed_in
from tests.world import SECRET, World

BAD = [
    {},
    {"url": 7},
    {"url": "ftp://shop.example/"},
    {"url": "https://"},
    {"url": "https://shop:secret@shop.example/"},
    {"url": "https://shop.example/#here"},
    {"url": "https://shop.example/\r\nX: y"},
    {"url": "https://shop.example:99999/"},
    {"url": "https://shöp.example/"},
    {"url": "https://shop.example/" + "a" * 2000},
    {"url": "https://shop.example/", "events": []},
    {"url": "https://shop.example/", "events": "intent.captured"},
    {"url": "https://shop.example/", "events": ["*", "intent.captured"]},
    {"url": "https://shop.example/", "events": [["intent.captured"]]},
    {"url": "https://shop.example/", "events": ["transfer.posted"]},
    {"url": "https://shop.example/", "description": "x" * 81},
    {"url": "https://shop.example/", "secret": "mine"},
]
PRIVATE = [
    "http://shop.example/", "https://127.0.0.1/", "https://localhost/", "https://10.1.2.3/", "https://[::1]/",
    "https://printer.local/", "https://intranet/", "https://169.254.169.254/latest", "https://2130706433/",
]  # fmt: skip


def test_the_documented_events_are_those_that_there_are() -> None:
    told = (ROOT / "docs/webhooks.md").read_text(encoding="utf-8").partition("## Events")[2].partition("## Tries")[0]
    assert set(re.findall(r"`([a-z_]+\.[a-z_]+)`", told)) == PUBLIC


def test_a_bad_endpoint_is_refused(hooked: Hooked) -> None:
    answers = [hooked.program.ask("POST", "/webhook_endpoints", body).status_code for body in BAD]
    assert answers == [400] * len(BAD), [body for body, code in zip(BAD, answers, strict=True) if code != 400]


def test_a_shop_has_sixteen_endpoints_at_most(hooked: Hooked) -> None:
    for _ in range(15):
        hooked.ask("POST", "/webhook_endpoints", {"url": hooked.receiver.url}, 201)
    hooked.ask("POST", "/webhook_endpoints", {"url": hooked.receiver.url}, 409)


def test_outside_a_sandbox_only_the_public_network_is_told(
    sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    program = open_shop(sqlite_world.store, tmp_path / "data", SAOMA_SANDBOX="0").program()
    codes = {url: program.ask("POST", "/webhook_endpoints", {"url": url}).json.get("code") for url in PRIVATE}
    assert codes == dict.fromkeys(PRIVATE, "bad_callback_url")
    assert program.ask("POST", "/webhook_endpoints", {"url": "https://shop.example/"}).status_code == 201


def test_what_people_do_to_endpoints_is_written_down(shop: Shop, receiver: Receiver) -> None:
    owner = signed_in(shop, "May")
    id = owner.post("/api/webhooks", {"url": receiver.url, "description": ""}).json["id"]
    owner.post(f"/api/webhooks/{id}/rotate", {"overlap_s": 0})
    for to in ("off", "on"):
        owner.post(f"/api/webhooks/{id}/switch", {"to": to})
    owner.post(f"/api/webhooks/{id}/remove")
    page = owner.get("/activity?of=webhook").text
    place = f"127.0.0.1:{receiver.port}"
    for sentence in (
        f"Added the webhook endpoint at {place}",
        f"Gave the webhook endpoint at {place} a new secret",
        f"Switched the webhook endpoint at {place} off",
        f"Switched the webhook endpoint at {place} on",
        f"Removed the webhook endpoint at {place}",
    ):
        assert sentence in page
    assert "whsec_" not in page
