"""What the phone keeps for being offline: the worker, the shells, the manifest; and the page that asks to confirm."""

from __future__ import annotations

import io
import json
import re
import secrets
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from shared.codes import frame as frames
from shared.codes import payloads
from tests.wallet.browser import Browser
from tests.wallet.conftest import Phone
from tests.world import World
from wallet.offline import shell

SHELLS = ("/offline", "/offline/pay-code", "/offline/card")


def constants(script: str) -> dict[str, object]:
    """What the service tells its worker."""
    return {name: json.loads(value) for name, value in re.findall(r"^const ([A-Z]+) = (.+);$", script, re.M)[:5]}


def had(client: FlaskClient, path: str) -> bytes:
    """What stands at an address, which answers 200."""
    with client.get(path) as answer:
        assert answer.status_code == 200, path
        return answer.get_data()


@pytest.mark.parametrize("prefix", ["", "/w/ana"])
def test_the_worker_is_told_everything_under_its_own_prefix_and_all_of_it_can_be_had(app: Flask, prefix: str) -> None:
    client = app.test_client()
    answer = client.get(prefix + "/sw.js")
    told = constants(answer.get_data(as_text=True))

    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert told["SCOPE"] == prefix + "/"
    shells, files = told["SHELLS"], told["FILES"]
    assert isinstance(shells, dict)
    assert isinstance(files, list)
    assert set(shells) == {prefix + "/pay-code", prefix + "/card"}
    for path in (told["OFFLINE"], *shells.values(), *files):
        assert str(path).startswith(prefix + "/")
        assert had(client, str(path)), path


def test_a_shell_loads_nothing_that_is_not_kept(app: Flask) -> None:
    client = app.test_client()
    kept = constants(client.get("/sw.js").get_data(as_text=True))["FILES"]

    for path in SHELLS:
        page = client.get(path).get_data(as_text=True)
        loaded = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page))
        assert {"/static/look.css", "/static/standby.js"} <= loaded
        assert {name for name in loaded if "/icons/" not in name} <= set(kept), path  # type: ignore[call-overload]


def test_a_shell_holds_nobody_even_when_somebody_is_signed_in(app: Flask) -> None:
    browser = Browser(app)
    browser.post("/api/users", {"display_name": "Somebody Special", "handle": "special"})

    for path in SHELLS:
        page = browser.get(path).get_data(as_text=True)
        assert "special" not in page.lower()
        assert "¥1,000.00" not in page


def test_the_version_changes_with_any_file_that_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = shell.version()
    changed = tmp_path / "service-worker.js"
    changed.write_text(shell.WORKER.read_text() + "// a change\n")
    monkeypatch.setattr(shell, "WORKER", changed)
    assert shell.version() != before
    monkeypatch.undo()
    assert shell.version() == before


def test_imports_are_followed_also_those_that_come_later() -> None:
    found = shell.modules(["paycode.js", "standby.js"])

    assert {"standing-by.js", "shared/draw.js", "shared/vendor/lean-qr-2.7.4/lean-qr.js", "payer-code.js"} <= set(found)


@pytest.mark.parametrize("prefix", ["", "/w/ana"])
def test_the_manifest_names_pictures_that_are_as_large_as_it_says(app: Flask, prefix: str) -> None:
    client = app.test_client()
    manifest = json.loads(client.get(prefix + "/manifest.webmanifest").get_data())

    assert manifest["scope"] == manifest["start_url"] == manifest["id"] == prefix + "/"
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        picture = Image.open(io.BytesIO(had(client, icon["src"])))
        assert icon["sizes"] == f"{picture.width}x{picture.height}"
    assert had(client, prefix + "/static/icons/apple-touch-icon.png")


def test_what_a_shop_asks_is_shown_to_the_one_who_is_asked_alone(world: World, ana: Phone, li: Phone) -> None:
    shop = world.shop("corner-tea")
    intent, free = world.intent(shop, 25_000), world.intent(shop, 1000)
    code = payloads.PayerCode(156, world.now() // 1000, 120, secrets.token_bytes(8), 1, 200_000)
    world.present(shop, intent, frames.frame_of_text(ana.seal(code)))

    page = ana.ask("GET", f"/confirm/{intent.id}").get_data(as_text=True)
    assert "¥250.00" in page
    assert 'id="decline"' in page
    assert "asks for ¥250.00" in ana.ask("GET", "/").get_data(as_text=True)
    for phone, asked in ((li, intent.id), (ana, free.id), (ana, "pi_x"), (ana, "%00"), (ana, "x" * 400)):
        assert phone.ask("GET", f"/confirm/{asked}").status_code == 404

    ana.post(f"/api/confirmations/{intent.id}/decline")
    page = ana.ask("GET", f"/confirm/{intent.id}").get_data(as_text=True)
    assert "You declined" in page
    assert 'id="decline"' not in page
