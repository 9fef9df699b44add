"""Whatever a body holds, the answer is a refusal with a code: never a broken service, and never a guess."""

from __future__ import annotations

import json

import pytest
from werkzeug.test import TestResponse

from tests.wallet.conftest import Phone

ODD = [None, True, 0, -1, 1.5, 10**30, "", " ", "\x00", "a\ud800b", "9" * 5000, [], [1], {}, {"a": 1}, "１２３４５６"]
DOORS = {
    "/api/handles": ["display_name"],
    "/api/users": ["display_name", "handle", "pin", "card", "bearer"],
    "/api/join": ["ticket", "card"],
    "/api/tickets": ["ticket"],
    "/api/session": ["handle", "pin"],
    "/api/pin": ["pin"],
    "/api/confirmations": ["pin"],
    "/api/keys": ["card", "confirmation"],
    "/api/scan": ["text"],
    "/api/orders": ["order", "presented", "confirmation", "draft"],
    "/api/payer_code/number": ["code"],
    "/api/money-requests": ["payer", "request", "amount_minor", "memo", "ttl_s", "jti"],
    "/api/bank/top-ups": ["amount_minor"],
    "/api/pin/change": ["old", "new"],
    "/api/freeze/lift": ["confirmation"],
    "/api/limits": ["no_pin_minor", "daily_minor", "confirmation"],
    "/api/logins": [],
    "/api/logins/enter": ["card"],
    "/api/logins/look": ["login"],
    "/api/logins/approve": ["login", "confirmation"],
    "/api/contacts/li/checked": ["safety_number"],
    "/api/requests": ["request", "amount_minor", "memo", "ttl_s"],
    "/api/contacts": ["card"],
    "/q/view": ["text"],
}
USUAL = {
    "display_name": "Bo", "handle": "bo", "pin": "123456", "card": None, "ticket": "x", "text": "x", "order": "x",
    "amount_minor": 100, "memo": None, "ttl_s": 60, "confirmation": None, "presented": None, "bearer": True,
}  # fmt: skip


def raw(phone: Phone, path: str, data: str | bytes, kind: str = "application/json") -> TestResponse:
    headers = {"Authorization": f"Bearer {phone.session}", "Accept": "application/json"}
    return phone.client.post(path, data=data, content_type=kind, headers=headers)


@pytest.mark.parametrize("path", DOORS)
def test_a_field_of_the_wrong_type_is_refused(ana: Phone, path: str) -> None:
    usual = {name: USUAL.get(name) for name in DOORS[path]}
    for name in DOORS[path]:
        for value in ODD:
            answer = raw(ana, path, json.dumps(usual | {name: value}))
            assert answer.status_code < 500, (name, value, answer.get_data(as_text=True))
            if answer.status_code >= 400:
                assert answer.mimetype == "application/problem+json"
                assert "{" not in answer.get_json()["detail"]


@pytest.mark.parametrize("path", DOORS)
def test_a_body_that_is_no_object_is_refused(ana: Phone, path: str) -> None:
    for data in ("", "null", "[]", '"x"', "7", "{", "NaN", '{"a":', b"\xff\xfe", "[" * 100_000, "1" * 10_000):
        assert raw(ana, path, data).status_code == 400, data[:20]
    assert raw(ana, path, "{}", "text/plain").status_code == 415
    assert raw(ana, path, "a=1", "application/x-www-form-urlencoded").status_code == 415


def test_a_body_that_is_too_large_is_refused(ana: Phone) -> None:
    assert raw(ana, "/api/scan", b"x" * (21 * 1024 * 1024 + 1)).status_code == 413


@pytest.mark.parametrize("handle", ["%00", "%F0%9F%92%A9", "a" * 5000, "..", "'%20OR%201=1"])
def test_an_odd_handle_in_an_address_finds_nobody(ana: Phone, handle: str) -> None:
    for path in (f"/api/contacts/{handle}/accept", f"/send/{handle}", f"/contacts/{handle}"):
        method = "POST" if path.endswith("accept") else "GET"
        assert ana.ask(method, path, {} if method == "POST" else None).status_code in (302, 308, 404), path
