"""The page of WeChat Pay's settings: what it makes, shows, and hands out; and that what is copied from it works."""

from __future__ import annotations

import gzip
import html
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from merchant.wechatpay import merchants, snippets
from merchant.wechatpay.snippets import Settings
from tests.browser import stage
from tests.merchant.shop import Shop
from tests.merchant.standing import signed_in

EXAMPLE = Settings("https://192.168.1.7:5444", "1600000000", "wx1", "5A", "k" * 32, "6B", "PUB_KEY_ID_7")


def shown(page: str, id: str) -> str:
    """The text of an element of code in a page."""
    found = re.search(rf'id="{id}">(.*?)</(?:code|pre)>', page, re.DOTALL)
    assert found, id
    return html.unescape(found[1])


def test_a_shop_becomes_a_merchant_once_and_its_private_key_is_told_once(shop: Shop) -> None:
    owner = signed_in(shop, "May")
    assert 'data-makes="/api/wechatpay/merchant"' in owner.get("/developer/wechatpay").text
    assert owner.get("/developer/wechatpay/files/pub_key.pem").status_code == 404

    made = owner.post("/api/wechatpay/merchant").get_json()

    page = owner.get("/developer/wechatpay").text
    assert shown(page, "serial") == made["serial"]
    assert "PRIVATE KEY" in made["private_key"]
    assert "PRIVATE KEY" not in page
    certificate = x509.load_pem_x509_certificate(owner.get("/developer/wechatpay/files/apiclient_cert.pem").data)
    assert f"{certificate.serial_number:X}" == made["serial"]
    assert owner.get("/developer/wechatpay/files/apiclient_key.pem").status_code == 404


def test_new_keys_take_the_old_ones_places_and_stand_in_the_log(shop: Shop) -> None:
    owner = signed_in(shop, "May")
    first = owner.post("/api/wechatpay/merchant").get_json()
    before = owner.get("/developer/wechatpay").text

    second = owner.post("/api/wechatpay/certificate").get_json()
    owner.post("/api/wechatpay/api-key")

    after = owner.get("/developer/wechatpay").text
    assert shown(after, "mchid") == shown(before, "mchid")
    assert shown(after, "serial") == second["serial"] != first["serial"]
    assert len(shown(after, "api-key")) == 32
    assert shown(after, "api-key") != shown(before, "api-key")
    log = owner.get("/activity?of=wechatpay").text
    assert [log.count(said) for said in ("WeChat Pay test merchant", "certificate", "API v3 key")] == [1, 1, 1]


def test_the_python_settings_place_an_order_as_they_stand_on_the_page(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = signed_in(shop, "May")
    made = owner.post("/api/wechatpay/merchant").get_json()
    (tmp_path / "apiclient_key.pem").write_text(made["private_key"])
    (tmp_path / "pub_key.pem").write_bytes(owner.get("/developer/wechatpay/files/pub_key.pem").data)
    monkeypatch.chdir(tmp_path)
    settings = shown(owner.get("/developer/wechatpay").text, "code-python")
    with stage.serving(shop.app) as address:
        exec(settings.replace("http://localhost/", f"{address}/"), {})

    assert capsys.readouterr().out.startswith('200 {"code_url":"http')
    assert shop.store.read(merchants.of_shop, shop_id=shop.party.id).mchid in settings


@pytest.mark.parametrize("snippet", snippets.for_all(EXAMPLE), ids=lambda snippet: snippet.id)
def test_every_sdks_settings_hold_the_merchants_own_values(snippet: snippets.Snippet) -> None:
    holds: dict[str, Any] = {name: name in snippet.text for name in ("1600000000", "5A", "192.168.1.7", "5444")}
    assert all(holds.values()), holds
    assert "PUB_KEY_ID_7" in snippet.text or "6B" in snippet.text
    assert "«" not in snippet.text


def test_the_recipe_for_a_fixed_host_names_this_tills_port() -> None:
    assert "--to" not in snippets.fixed_host(443, 5002)
    assert "--port 443 --to http://localhost:6002" in snippets.fixed_host(443, 6002)


def test_the_page_keeps_its_budgets(shop: Shop) -> None:
    owner = signed_in(shop, "May")
    owner.post("/api/wechatpay/merchant")
    static = Path(shop.app.static_folder or "")

    def packed(*files: bytes) -> int:
        return sum(len(gzip.compress(file)) for file in files)

    assert packed(owner.get("/developer/wechatpay").data) <= 14 * 1024
    assert packed(owner.get("/static/look.css").data, (static / "sheets" / "wechatpay.css").read_bytes()) <= 7 * 1024
    scripts = [static / name for name in ("acts.js", "times.js", "wechatpay.js")]
    shared = ["app.js", "language.js"]
    found = [path.read_bytes() for path in scripts] + [owner.get(f"/static/shared/{name}").data for name in shared]
    assert packed(*found) <= 12 * 1024
