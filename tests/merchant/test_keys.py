"""A shop's API keys: made and shown once, restricted, rotated without a pause, revoked; and when they were used."""

from __future__ import annotations

from typing import Any

import pytest

from merchant.keys import queries, scopes
from merchant.keys.uses import Uses
from shared import clock
from tests.merchant.shop import Browser, Program, Shop
from tests.merchant.standing import signed_in

HOUR_S = 3600


def made(browser: Browser, **given: Any) -> dict[str, Any]:
    answer = browser.post("/api/keys", {"name": "Web shop", **given})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json
    return told


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = clock.system_now() + int(seconds * 1000)
    monkeypatch.setattr(clock, "system_now", lambda: now)


def status(program: Program, method: str, path: str, body: Any = None) -> tuple[int, str]:
    answer = program.ask(method, path, body)
    return answer.status_code, answer.json.get("code") if answer.status_code >= 400 else ""


def test_a_key_that_was_made_opens_the_api_and_is_never_shown_again(shop: Shop, browser: Browser) -> None:
    told = made(browser)
    assert told["key"].startswith("sk_test_")
    assert status(shop.program(told["key"]), "GET", "/static_code") == (200, "")
    page = browser.get("/developer/keys").text
    assert told["key"] not in page
    assert f"sk_test_…{told['key'][-4:]}" in page
    stored = shop.store.read(lambda reader: reader.sql.rows("SELECT * FROM keys_key"))
    assert told["key"] not in str(stored)


def test_a_restricted_key_opens_what_it_was_given_and_says_what_it_lacks(shop: Shop, browser: Browser) -> None:
    told = made(browser, scopes=["payment_intents:read"])
    assert told["key"].startswith("rk_test_")
    id = shop.program().create().json["id"]
    program = shop.program(told["key"])
    assert status(program, "GET", f"/payment_intents/{id}") == (200, "")
    answer = program.create(key="k")
    assert (answer.status_code, answer.json["code"]) == (403, "key_not_allowed")
    assert answer.json["x_scope"] == "payment_intents:write"
    assert status(program, "POST", "/refunds", {"payment_intent": id}) == (403, "key_not_allowed")


def test_who_may_write_may_read(shop: Shop, browser: Browser) -> None:
    program = shop.program(made(browser, scopes=["payment_intents:write"])["key"])
    made_intent = program.create()
    assert made_intent.status_code == 201
    assert status(program, "GET", f"/payment_intents/{made_intent.json['id']}") == (200, "")


def test_a_restricted_key_gets_no_answer_that_a_full_one_had(shop: Shop, browser: Browser, program: Program) -> None:
    program.create(key="wish")
    restricted = shop.program(made(browser, scopes=["payment_intents:read"])["key"])
    assert restricted.create(key="wish").status_code == 403


@pytest.mark.parametrize("name", ["payer", "refunds", "disputes"])
def test_a_restricted_key_expands_only_what_it_may_read(shop: Shop, browser: Browser, name: str) -> None:
    scope = {"payer": "customers:read"}.get(name, f"{name}:read")
    narrow, wide = (
        shop.program(made(browser, scopes=["payment_intents:write", *more])["key"]) for more in ([], [scope])
    )
    id = wide.create().json["id"]
    for path in (f"/payment_intents/{id}?expand[]={name}", f"/payment_intents?expand={name}&expand[]=transfer"):
        refused = narrow.ask("GET", path)
        assert (refused.status_code, refused.json.get("x_scope")) == (403, scope)
        assert wide.ask("GET", path).status_code == 200


def test_every_door_of_the_api_asks_for_a_scope(shop: Shop) -> None:
    rules = [rule for rule in shop.app.url_map.iter_rules() if rule.rule.startswith("/v1/")]
    doors = {rule.rule: shop.app.view_functions[rule.endpoint] for rule in rules}
    public = {rule for rule, door in doors.items() if getattr(getattr(door, "description", None), "is_public", False)}
    assert not [rule for rule, door in doors.items() if rule not in public and not getattr(door, "scope", None)]
    assert scopes.of_doors(shop.app)["payment_intents"] == ("read", "write")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": ""}, "bad_input"),
        ({"name": "x" * 41}, "bad_input"),
        ({"name": "a\u202eb"}, "bad_input"),
        ({"scopes": []}, "bad_scopes"),
        ({"scopes": ["everything"]}, "bad_scopes"),
        ({"scopes": ["payment_intents:delete"]}, "bad_scopes"),
        ({"scopes": "payment_intents:read"}, "bad_input"),
        ({"scopes": [1]}, "bad_input"),
        ({"life_s": 0}, "bad_input"),
        ({"life_s": 10**12}, "bad_input"),
        ({"kind": "live"}, "bad_input"),
    ],
)
def test_a_key_that_cannot_be_is_not_made(shop: Shop, browser: Browser, given: dict[str, Any], code: str) -> None:
    answer = browser.post("/api/keys", {"name": "Web shop", **given})
    assert (answer.status_code, answer.json["code"]) == (400, code)
    assert len(shop.store.read(queries.of_shop, shop_id=shop.party.id)) == 1


def test_a_key_for_a_while_ends_by_itself(shop: Shop, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    program = shop.program(made(browser, life_s=HOUR_S)["key"])
    assert status(program, "GET", "/static_code") == (200, "")
    later(monkeypatch, HOUR_S)
    assert status(program, "GET", "/static_code") == (401, "api_key_expired")


def test_a_rotated_key_and_its_successor_are_both_good_for_the_chosen_time(
    shop: Shop, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = made(browser, scopes=["payment_intents:read"])
    answer = browser.post(f"/api/keys/{old['id']}/rotate", {"overlap_s": HOUR_S})
    assert answer.status_code == 201
    new = answer.json
    assert new["key"].startswith("rk_test_")
    assert new["key"] != old["key"]
    programs = [shop.program(told["key"]) for told in (old, new)]
    missing = f"/payment_intents/{shop.program().create().json['id']}"
    assert [status(program, "GET", missing)[0] for program in programs] == [200, 200]
    again = browser.post(f"/api/keys/{old['id']}/rotate", {"overlap_s": 0})
    assert (again.status_code, again.json["code"]) == (409, "api_key_gone")
    later(monkeypatch, HOUR_S)
    assert [status(program, "GET", missing) for program in programs] == [(401, "api_key_expired"), (200, "")]
    assert status(programs[1], "POST", "/payment_intents", {"amount_minor": 1}) == (403, "key_not_allowed")


def test_without_an_overlap_the_old_key_ends_at_once(shop: Shop, browser: Browser) -> None:
    old = made(browser)
    browser.post(f"/api/keys/{old['id']}/rotate", {"overlap_s": 0})
    assert status(shop.program(old["key"]), "GET", "/static_code") == (401, "api_key_expired")


def test_a_revoked_key_opens_nothing_and_stays_in_the_list(shop: Shop, browser: Browser) -> None:
    told = made(browser)
    for _ in range(2):
        assert browser.post(f"/api/keys/{told['id']}/revoke").status_code == 200
    assert status(shop.program(told["key"]), "GET", "/static_code") == (401, "bad_api_key")
    page = browser.get("/developer/keys").text
    assert f"revoke-{told['id']}" not in page
    assert f'id="{told["id"]}"' in page
    log = browser.get("/activity").text
    assert "Made the API key Web shop" in log
    assert log.count("Revoked the API key Web shop") == 1


def test_a_shop_has_fifty_keys_at_most(shop: Shop, browser: Browser) -> None:
    answers = [browser.post("/api/keys", {"name": f"Key {number}"}) for number in range(50)]
    assert [answer.status_code for answer in answers] == [201] * 49 + [409]
    assert answers[-1].json["code"] == "too_many_api_keys"


def test_only_the_owner_sees_that_there_are_keys(shop: Shop) -> None:
    assert "/developer/keys" in signed_in(shop, "May").get("/developer").text
    assert "/developer/keys" not in signed_in(shop, "Wu").get("/developer").text


def test_when_a_key_was_used_is_noted_behind_the_requests(shop: Shop, program: Program, browser: Browser) -> None:
    def commits() -> int:
        [(count,)] = shop.store.read(lambda reader: reader.sql.rows("SELECT commits FROM db_head"))
        return int(count)

    uses: Uses = shop.app.extensions["saoma_key_uses"]
    before = commits()
    for _ in range(3):
        program.ask("GET", "/static_code")
    assert commits() == before
    assert "Last used" in browser.get("/developer/keys").text
    assert (uses.write(), uses.write()) == (1, 0)
    [key] = shop.store.read(queries.of_shop, shop_id=shop.party.id)
    assert key.last_used_at is not None
    assert abs(key.last_used_at - shop.store.read(lambda reader: reader.now)) < 60_000
    program.ask("GET", "/static_code")
    assert uses.write() == 0, "at most every few minutes"
