"""Who may take which route: every route of the till for nobody, a user of the wallet, a cashier, a manager, the owner
of another shop, the owner, the operator, and for programs; generated from the till's own map of addresses.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from merchant.keys import actions as api_keys
from merchant.staff.members import Role
from shared.db.store import Store
from shared.web import sessions
from tests.merchant.operator import open_desk
from tests.merchant.routes import CONSOLE, EVERYBODY, PROGRAM, ROUTES, SIGNED, Row
from tests.merchant.shop import Browser, Shop, open_shop, token_of
from tests.merchant.standing import other_shop, owner_of, signed_in
from tests.merchant.things import Things
from tests.world import SECRET, World

PEOPLE = {"cashier": Role.CASHIER, "manager": Role.MANAGER, "owner": Role.OWNER}
STRANGERS = ("nobody", "user", "operator")
ACTORS = (*STRANGERS, "owner of another shop", *PEOPLE)
CHANGES_SESSIONS = {"/signout", "/operator/signout", "/shops/<id>/enter", "/shops/<id>/leave"}
OPENED, LED_TO_SIGN_IN, NOT_THERE = "opened", "led to the sign-in page", "404"


@dataclass
class Stage:
    """The shop, whoever stands before its doors, and what it has behind them."""

    shop: Shop
    enter: dict[str, Callable[[], Browser]]
    actors: dict[str, Browser]
    keys: dict[str, str]
    things: Things


@pytest.fixture(scope="module")
def stage(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One shop for all routes: each test makes what its route names."""
    folder = tmp_path_factory.mktemp("roles")
    shutil.copyfile(sqlite_template, folder / "saoma.db")
    store = Store(f"sqlite:///{folder / 'saoma.db'}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAOMA_SECRET", SECRET.decode())
        World.install(store)
        shop = open_shop(store, folder / "data")
    payer = shop.world.person("ana", balance_minor=10_000_000)
    shop.world.limit(payer, 100_000)
    elsewhere, key = other_shop(shop), api_keys.new_key()
    store.run(api_keys.issue, shop_id=elsewhere.id, key=key, name="test")
    enter: dict[str, Callable[[], Browser]] = {
        "nobody": lambda: with_token(shop.browser(is_signed_in=False)),
        "user": lambda: wallet_user(shop, payer.id),
        "operator": lambda: with_token(Browser(open_desk(shop).client)),
        "owner of another shop": lambda: owner_of(shop, elsewhere),
        "cashier": lambda: signed_in(shop, "Lin"),
        "manager": lambda: signed_in(shop, "Wu"),
        "owner": lambda: signed_in(shop, "May"),
    }
    actors = {name: make() for name, make in enter.items()}
    things = Things(shop, signed_in(shop, "May"), payer)
    yield Stage(shop, enter, actors, {"": shop.told["api_key"], "elsewhere": key}, things)
    store.close()


def with_token(browser: Browser) -> Browser:
    browser.token = token_of(browser.get("/signin").text)
    return browser


def wallet_user(shop: Shop, id: str) -> Browser:
    """Somebody whose session is the wallet's, shown to the till under both names."""
    token, browser = secrets.token_urlsafe(32), shop.browser(is_signed_in=False)
    shop.store.run(sessions.start, token=token, service="wallet", party_id=id, holder="a phone")
    for name in ("wallet_session", "merchant_session"):
        browser.client.set_cookie(name, token)
    return with_token(browser)


def test_every_route_has_a_row_and_every_row_a_route(stage: Stage) -> None:
    assert set(ROUTES) == {(method, rule) for method, rule in routes(stage.shop)}


def routes(shop: Shop) -> Iterator[tuple[str, str]]:
    for rule in shop.app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield method, rule.rule


def test_what_a_door_says_it_needs_is_what_the_table_says(stage: Stage) -> None:
    for rule in stage.shop.app.url_map.iter_rules():
        told = getattr(stage.shop.app.view_functions[rule.endpoint], "role", None)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            row = ROUTES[method, rule.rule]
            if told is not None:
                assert isinstance(row.who, Role), rule.rule
                assert row.who.covers(told), rule.rule


@pytest.mark.parametrize(("method", "rule"), ROUTES, ids=[" ".join(route) for route in ROUTES])
def test_a_route_opens_for_those_whom_the_table_names(stage: Stage, method: str, rule: str) -> None:
    row = ROUTES[method, rule]
    found = {actor: met(stage, row, method, rule, actor) for actor in ACTORS}
    assert found == {actor: expected(row, method, rule, actor) for actor in ACTORS}


@pytest.mark.parametrize(
    ("method", "rule"), [route for route, row in ROUTES.items() if row.who == PROGRAM],
    ids=[" ".join(route) for route, row in ROUTES.items() if row.who == PROGRAM],
)  # fmt: skip
def test_a_program_reaches_its_own_shop_alone(stage: Stage, method: str, rule: str) -> None:
    row = ROUTES[method, rule]
    for whose, key in stage.keys.items():
        answer = ask(stage, row, method, rule, stage.shop.browser(is_signed_in=False), key)
        is_foreign = whose and row.of not in ("", "test_payer")
        assert told(answer) == (NOT_THERE if is_foreign else OPENED), (whose, answer.text)


@pytest.mark.parametrize(
    "rule", [rule for (method, rule), row in ROUTES.items() if row.who == PROGRAM and method == "POST"]
)
def test_a_program_that_asks_twice_under_one_key_is_answered_once(stage: Stage, rule: str) -> None:
    browser = stage.shop.browser(is_signed_in=False)
    path, options = request_for(stage, ROUTES["POST", rule], "POST", rule, browser, stage.keys[""])
    options["headers"]["Idempotency-Key"] = f"once at {rule}"
    first, again = (browser.client.post(path, **options) for _ in range(2))
    assert first.status_code < 300, first.text
    assert "Idempotent-Replayed" not in first.headers
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"


def expected(row: Row, method: str, rule: str, actor: str) -> str:
    """The cell of the table."""
    if row.who == EVERYBODY:
        return OPENED
    if row.who == PROGRAM:
        return "401 bad_api_key"
    if row.who == SIGNED:
        return "401 SIGN_ERROR"
    if row.who == CONSOLE:
        refused = LED_TO_SIGN_IN if method == "GET" else "401 operator_not_signed_in"
        return OPENED if actor == "operator" else refused
    assert isinstance(row.who, Role)
    if actor in STRANGERS:
        return "401 not_signed_in" if rule.startswith("/api/") or rule == "/events" else LED_TO_SIGN_IN
    if actor == "owner of another shop":
        return NOT_THERE if row.of and row.of != "this_month" else OPENED
    return OPENED if PEOPLE[actor].covers(row.who) else "403 not_your_role"


def met(stage: Stage, row: Row, method: str, rule: str, actor: str) -> str:
    """What the actor meets. A door that ends or changes a session is tried by a browser of its own."""
    browser = stage.enter[actor]() if rule in CHANGES_SESSIONS else stage.actors[actor]
    answer = ask(stage, row, method, rule, browser)
    return OPENED if rule.endswith("/signout") and answer.status_code == 303 else told(answer)


def ask(stage: Stage, row: Row, method: str, rule: str, browser: Browser, key: str = "") -> TestResponse:
    """Take a route, as the table says, to a thing that was made for this."""
    path, options = request_for(stage, row, method, rule, browser, key)
    answer = browser.client.open(path, method=method, **options)
    if rule == "/events":
        answer.close()
    return answer


def request_for(
    stage: Stage, row: Row, method: str, rule: str, browser: Browser, key: str = ""
) -> tuple[str, dict[str, Any]]:
    """The address of a route to a thing that was made for this, and what is sent there."""
    stage.things.ready()
    made: dict[str, Any] = getattr(stage.things, row.of)() if row.of else {}
    sent, asked = made.pop("sent", row.sent), made.pop("asked", "")
    path = rule
    for name, value in made.items():
        for place in (f"<{name}>", f"<int:{name}>", f"<path:{name}>"):
            path = path.replace(place, str(value))
    assert "<" not in path, f"{rule} names more than a thing of kind {row.of!r}"
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    options: dict[str, Any] = {"headers": headers | ({} if row.form is not None else {"X-CSRF-Token": browser.token})}
    if row.form is not None:
        options["data"] = row.form | {"csrf_token": browser.token}
    elif method != "GET":
        options["json"] = sent if sent is not None else {}
    return path + asked, options


def told(answer: TestResponse) -> str:
    """What an answer means to whoever asked."""
    given = answer.json if answer.is_json else {}
    code = given.get("code", "") if isinstance(given, dict) else ""
    if answer.status_code in (301, 302, 303) and (answer.location or "").endswith("/signin"):
        return LED_TO_SIGN_IN
    code = code or answer.get_data().decode(errors="replace").partition('data-code="')[2].partition('"')[0]
    if answer.status_code in (401, 403) and code not in ("", "bad_ticket"):  # a form that says "wrong PIN" is open
        return f"{answer.status_code} {code}"
    return NOT_THERE if answer.status_code == 404 else OPENED if answer.status_code < 500 else str(answer.status_code)
