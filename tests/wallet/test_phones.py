"""Real phones on the network: where they begin, the certificate they may trust, the way from plain to secure pages."""

from __future__ import annotations

import plistlib
import re
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from merchant import app as till
from shared.config import Config, from_environment
from shared.db.store import Store
from shared.web import certificates
from tests.wallet.conftest import Phone, good
from wallet.app import create_app

HOST = "192.168.1.50"
PLAIN, SECURE = f"http://{HOST}:5001", f"https://{HOST}:5443"


@pytest.fixture
def lan_config(tmp_path: Path, sqlite_url: str) -> Config:
    certificates.ensure(tmp_path / "tls", HOST)
    return on_lan(tmp_path, sqlite_url, HOST)


def on_lan(folder: Path, url: str, host: str) -> Config:
    return from_environment(
        {"SAOMA_DATA_DIR": str(folder), "SAOMA_DATABASE_URL": url, "SAOMA_LAN": "1", "SAOMA_PUBLIC_HOST": host}
    )


@pytest.fixture
def lan(lan_config: Config, wallet_store: Store) -> Flask:
    """The wallet as it is served to the phones of a network."""
    return create_app(lan_config, wallet_store)


def get(app: Flask, address: str, **headers: str) -> TestResponse:
    return app.test_client().get(address, headers=headers)


def secure_links(page: str) -> set[str]:
    return set(re.findall(rf'href="({re.escape(SECURE)}[^"]*)"', page))


@pytest.mark.parametrize("path", ["/welcome", "/doctor?x=%26", "/w/ana/welcome", "/nothing"])
def test_a_plain_page_offers_its_own_secure_address_and_sends_nobody_away(lan: Flask, path: str) -> None:
    answer = get(lan, PLAIN + path)

    assert "Location" not in answer.headers
    assert SECURE + path in secure_links(answer.text)
    assert "secure-page.js" in answer.text


@pytest.mark.parametrize("origin", [SECURE, "http://localhost:5001", "http://127.0.0.1:5001"])
def test_a_page_that_is_secure_already_offers_nothing(lan: Flask, origin: str) -> None:
    assert "secure-offer" not in get(lan, origin + "/welcome").text


def test_without_a_lan_there_is_nothing_to_offer(app: Flask) -> None:
    assert "secure-offer" not in get(app, PLAIN + "/welcome").text
    assert get(app, PLAIN + "/start").headers["Location"] == "/"
    page = get(app, PLAIN + "/ca").text
    assert "run.py --lan" in page
    assert "ca.crt" not in page
    assert [get(app, PLAIN + path).status_code for path in ("/ca.crt", "/ca.mobileconfig")] == [404, 404]


def test_the_till_offers_its_own_secure_address(lan_config: Config, wallet_store: Store) -> None:
    service = till.create_app(lan_config, wallet_store)

    assert f'href="https://{HOST}:5444/signin"' in get(service, f"http://{HOST}:5002/signin").text


@pytest.mark.parametrize("host", ["[", "a b", "localhost:99999999999", "192.168.1.50:x"])
def test_a_host_that_cannot_be_is_the_callers_fault(lan: Flask, host: str) -> None:
    assert lan.test_client().get("/welcome", environ_overrides={"HTTP_HOST": host}).status_code < 500


def test_a_phone_begins_on_a_page_that_explains_and_offers_both_ways(lan: Flask, lan_config: Config) -> None:
    answer = get(lan, lan_config.start_url)

    assert answer.status_code == 200
    assert f"{SECURE}/" in secure_links(answer.text)
    assert 'href="/ca"' in answer.text
    assert "secure-offer" not in answer.text
    assert f"connect-src 'self' {SECURE}" in answer.headers["Content-Security-Policy"]
    assert SECURE not in get(lan, PLAIN + "/welcome").headers["Content-Security-Policy"]
    assert get(lan, SECURE + "/start").headers["Location"] == "/"


@pytest.mark.parametrize("origin", [PLAIN, SECURE])
def test_the_certificate_is_had_in_the_forms_that_phones_install(lan: Flask, lan_config: Config, origin: str) -> None:
    file, profile = get(lan, origin + "/ca.crt"), get(lan, origin + "/ca.mobileconfig")
    authority = x509.load_der_x509_certificate(file.data)
    told = plistlib.loads(profile.data)
    [payload] = told["PayloadContent"]

    assert file.mimetype == "application/x-x509-ca-cert"
    assert profile.mimetype == "application/x-apple-aspen-config"
    assert payload["PayloadType"] == "com.apple.security.root"
    assert payload["PayloadContent"] == file.data
    chain = x509.load_pem_x509_certificates((lan_config.data_dir / "tls" / "leaf.pem").read_bytes())
    chain[0].verify_directly_issued_by(authority)
    assert get(lan, origin + "/ca.mobileconfig").data == profile.data
    fingerprint = authority.fingerprint(hashes.SHA256()).hex().upper()
    shown = re.search(r'id="fingerprint">(.*?)</p>', get(lan, origin + "/ca").text)
    assert shown
    assert re.sub(r"<br>| ", "", shown.group(1)) == fingerprint


@pytest.mark.parametrize(("agent", "opened"), [("iPhone; CPU iPhone OS", "profile"), ("Linux; Android 15", "file")])
def test_the_steps_of_the_visitors_own_phone_stand_open(lan: Flask, agent: str, opened: str) -> None:
    page = get(lan, PLAIN + "/ca", **{"User-Agent": f"Mozilla/5.0 ({agent})"}).text
    [section] = re.findall(r"<details[^>]* open>(.*?)</details>", page, re.DOTALL)

    assert ("ca.mobileconfig" in section) == (opened == "profile")
    assert ("ca.crt" in section) == (opened == "file")


def test_the_doctor_is_open_to_strangers_and_says_what_to_do_without_scripts(lan: Flask) -> None:
    page = get(lan, PLAIN + "/doctor").text

    assert "<noscript>" in page
    assert len(re.findall(r'<li class="row"', page)) == 7
    assert good(get(lan, PLAIN + "/api/now"))["now_ms"] > 0


def test_whoever_joined_on_the_plain_page_is_signed_in_on_the_secure_one_and_out_on_both(lan: Flask) -> None:
    browser = lan.test_client()
    join(browser, PLAIN, "bo")

    assert handle(browser, SECURE) == "bo"

    assert post(browser, SECURE, "/api/session/end", {}).status_code == 200
    assert [browser.get(f"{origin}/api/me").status_code for origin in (SECURE, PLAIN)] == [401, 401]


def test_a_secure_visit_does_not_spoil_the_plain_page(lan: Flask) -> None:
    """Browsers let no plain page replace a cookie that a secure one has set: the two must not share a name."""
    browser = lan.test_client()
    join(browser, SECURE, "bo")
    set_there = {cookie.key for cookie in (browser._cookies or {}).values()}

    join(browser, PLAIN, "cy")

    set_here = {cookie.key for cookie in (browser._cookies or {}).values()} - set_there
    assert {"wallet_session", "wallet_csrf"} <= set_here
    assert all(name.startswith("__Secure-") for name in set_there)
    assert (handle(browser, SECURE), handle(browser, PLAIN)) == ("bo", "cy")


def join(browser: FlaskClient, origin: str, name: str) -> None:
    made = post(browser, origin, "/api/users", {"display_name": name.title(), "handle": name})
    assert made.status_code == 201, made.text


def handle(browser: FlaskClient, origin: str) -> str:
    return str(good(browser.get(f"{origin}/api/me"))["handle"])


def post(browser: FlaskClient, origin: str, path: str, body: object) -> TestResponse:
    page = browser.get(f"{origin}/doctor").text
    found = re.search(r'name="csrf-token" content="([0-9a-f]+)"', page)
    assert found
    return browser.post(origin + path, json=body, headers={"X-CSRF-Token": found.group(1)})


def test_a_code_made_before_the_computer_had_another_address_stays_good(
    ana: Phone, tmp_path: Path, sqlite_url: str, wallet_store: Store
) -> None:
    card = ana.card()

    moved = create_app(on_lan(tmp_path, sqlite_url, "10.0.0.7"), wallet_store)
    found = moved.test_client().post(
        "/api/scan", json={"text": card}, headers={"Authorization": f"Bearer {ana.session}"}
    )

    assert good(found)["kind"] == "contact_card"
    assert "10.0.0.7" not in card
