"""Collecting: a request that the phone or the server sealed, drawn; it is its maker's and in the house's currency."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from shared.codes.read import read_image
from shared.codes.render import qr_png
from tests.wallet.browser import Browser
from tests.wallet.conftest import Phone, good, refused


@pytest.fixture
def bo(app: Flask) -> Browser:
    browser = Browser(app)
    good(browser.post("/api/users", {"display_name": "Bo", "handle": "bo"}))
    return browser


def test_a_phones_request_is_drawn_as_it_was_sealed(ana: Phone, li: Phone) -> None:
    request = ana.request(1250, memo="Lunch")

    made = ana.post("/api/requests", {"request": request.rpartition("#")[2]})

    assert made["code"] == request
    assert made["svg"].startswith("<svg")
    assert made["expires_at"].endswith("Z")
    found = li.post("/api/scan", {"text": read_image(qr_png(made["code"]))})
    assert (found["kind"], found["amount_minor"], found["memo"]) == ("peer_request", 1250, "Lunch")


def test_a_server_held_key_asks_for_a_fixed_or_an_open_amount(bo: Browser, li: Phone) -> None:
    fixed = good(bo.post("/api/requests", {"amount_minor": 1250, "memo": "Lunch", "ttl_s": 60}))
    opened = good(bo.post("/api/requests", {"amount_minor": None, "memo": None}))

    first, second = (li.post("/api/scan", {"text": made["code"]}) for made in (fixed, opened))
    assert (first["amount_minor"], first["memo"], first["payee"]["handle"]) == (1250, "Lunch", "bo")
    assert second["amount_minor"] is None
    assert first["subject"] != second["subject"]


def test_nobody_asks_in_another_persons_name_or_with_another_code(ana: Phone, li: Phone) -> None:
    refused(ana.ask("POST", "/api/requests", {"request": li.request(100)}), "not_your_request", 403)
    refused(ana.ask("POST", "/api/requests", {"request": ana.card()}), "not_a_request", 422)
    refused(ana.ask("POST", "/api/requests", {"request": ana.request(100, handle="li")}), "wrong_signer", 422)
    refused(ana.ask("POST", "/api/requests", {"request": ana.request(100, currency=978)}), "currencies_must_match", 400)
    early = ana.request(100, issued_at_s=ana.world.now() // 1000 - 7200)
    refused(ana.ask("POST", "/api/requests", {"request": early}), "code_expired", 422)


def test_a_phone_with_a_key_of_its_own_seals_its_own_requests(ana: Phone) -> None:
    refused(ana.ask("POST", "/api/requests", {"amount_minor": 100}), "no_server_key", 404)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount_minor": 0}, "invalid_amount"), ({"amount_minor": "100"}, "bad_input"),
        ({"amount_minor": 10**13}, "invalid_amount"), ({"ttl_s": 0}, "bad_input"), ({"ttl_s": 31 * 86400}, "bad_input"),
        ({"memo": 5}, "bad_input"), ({"memo": "a\nb"}, "bad_field"),
    ],
)  # fmt: skip
def test_what_a_request_cannot_say(bo: Browser, change: dict[str, Any], code: str) -> None:
    refused(bo.post("/api/requests", {"amount_minor": 100, "memo": None, "ttl_s": 60} | change), code, 400)
