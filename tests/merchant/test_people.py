"""People of a shop: who may add, change and remove whom; what becomes of those who go; and what the log says of it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

import pytest

from merchant.staff import members
from tests.house.plan import ROOT, files
from tests.merchant.shop import Browser, Shop
from tests.merchant.standing import signed_in


def add(browser: Browser, name: str = "Bo", role: str = "cashier", pin: str = "314159"):  # type: ignore[no-untyped-def]
    return browser.post("/api/people", {"name": name, "role": role, "pin": pin})


def id_of(shop: Shop, name: str) -> str:
    return next(member.id for member in shop.store.read(members.of_shop, shop_id=shop.party.id) if member.name == name)


def test_somebody_who_is_added_signs_in_and_is_what_they_were_made(shop: Shop, browser: Browser) -> None:
    answer = add(browser, role="manager")
    assert answer.status_code == 201
    bo = shop.browser(is_signed_in=False)
    assert bo.sign_in("corner-tea", "bo", "314159").status_code == 303
    assert bo.get("/people").status_code == 200
    assert "Added Bo (Manager)" in browser.get("/activity").text


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": "LIN"}, "member_name_taken"), ({"name": ""}, "bad_name"), ({"name": "a\u202eb"}, "bad_name"),
        ({"pin": "12345"}, "bad_cashier_pin"), ({"pin": "١٢٣٤٥٦"}, "bad_cashier_pin"), ({"role": "king"}, "bad_input"),
    ],
)  # fmt: skip
def test_a_name_a_role_and_a_pin_are_judged(browser: Browser, given: dict[str, str], code: str) -> None:
    answer = add(browser, **given)
    assert (answer.status_code >= 400, answer.json["code"]) == (True, code)


def test_a_name_with_markup_is_only_a_name(browser: Browser) -> None:
    assert add(browser, name="<b>Bo</b>").status_code == 201
    assert "<b>Bo</b>" not in browser.get("/people").text + browser.get("/activity").text


def test_a_manager_takes_care_of_cashiers_and_of_nobody_else(shop: Shop) -> None:
    wu = signed_in(shop, "Wu")
    assert add(wu).status_code == 201
    assert add(wu, name="Cy", role="manager").json["code"] == "not_your_role"
    lin, may = id_of(shop, "Lin"), id_of(shop, "May")
    assert wu.post(f"/api/people/{lin}/role", {"role": "manager"}).json["code"] == "not_your_role"
    for door, body in (("pin", {"pin": "271828"}), ("remove", {}), ("role", {"role": "cashier"})):
        assert wu.post(f"/api/people/{may}/{door}", body).json["code"] == "not_your_role", door
    assert wu.post(f"/api/people/{lin}/pin", {"pin": "271828"}).status_code == 200
    assert wu.post(f"/api/people/{lin}/remove").status_code == 200


def test_a_cashier_may_change_their_own_pin_and_nobody_elses(shop: Shop) -> None:
    lin = signed_in(shop, "Lin")
    mine, wu = id_of(shop, "Lin"), id_of(shop, "Wu")
    assert lin.post(f"/api/people/{wu}/pin", {"pin": "271828"}).json["code"] == "not_your_role"
    assert lin.post(f"/api/people/{mine}/pin", {"pin": "271828"}).status_code == 200
    assert lin.get(f"/people/{mine}").status_code == 200, "and stays signed in"
    assert lin.get(f"/people/{wu}").status_code == 403
    assert shop.browser(is_signed_in=False).sign_in("corner-tea", "Lin", "271828").status_code == 303


def test_whoever_is_removed_is_signed_out_and_stays_out(shop: Shop, browser: Browser) -> None:
    lin = signed_in(shop, "Lin")
    gone = id_of(shop, "Lin")
    assert browser.post(f"/api/people/{gone}/remove").status_code == 200
    assert lin.get("/sales").location == "/signin"
    assert lin.post("/api/sales", {}).status_code == 401
    pin = next(person["pin"] for person in shop.told["staff"] if person["name"] == "Lin")
    assert lin.sign_in("corner-tea", "Lin", pin).status_code == 401
    assert browser.post(f"/api/people/{gone}/remove").status_code == 404
    assert add(browser, name="Lin").status_code == 201, "the name is free again"
    assert "Removed Lin (Cashier)" in browser.get("/activity").text


def test_a_role_that_was_taken_away_is_gone_with_the_next_tap(shop: Shop, browser: Browser) -> None:
    wu = signed_in(shop, "Wu")
    assert wu.get("/people").status_code == 200
    browser.post(f"/api/people/{id_of(shop, 'Wu')}/role", {"role": "cashier"})
    assert wu.get("/people").status_code == 403


def test_a_shop_keeps_an_owner(shop: Shop, browser: Browser) -> None:
    may = id_of(shop, "May")
    assert browser.post(f"/api/people/{may}/role", {"role": "manager"}).json["code"] == "last_owner"
    assert browser.post(f"/api/people/{may}/remove").json["code"] == "last_owner"
    browser.post(f"/api/people/{id_of(shop, 'Wu')}/role", {"role": "owner"})
    assert browser.post(f"/api/people/{may}/remove").status_code == 200
    assert browser.get("/").location == "/signin", "whoever removes themselves is out"


def test_the_log_tells_one_person_or_one_kind_of_thing(shop: Shop, browser: Browser) -> None:
    add(browser)
    signed_in(shop, "Wu").post(f"/api/people/{id_of(shop, 'Bo')}/remove")
    page = browser.get(f"/activity?by={id_of(shop, 'Wu')}").text
    assert "Removed Bo" in page
    assert "Added Bo" not in page
    assert "Added Bo" in browser.get("/activity?of=member").text
    assert "Added Bo" not in browser.get("/activity?of=mem%25").text
    assert browser.get("/activity?before=act_none").status_code == 404


def test_the_log_goes_on_page_by_page(shop: Shop, browser: Browser) -> None:
    bo = add(browser).json["id"]
    for number in range(41):
        browser.post(f"/api/people/{bo}/role", {"role": ("manager", "cashier")[number % 2]})
    first = browser.get("/activity").text
    assert first.count("Made Bo a") == 40
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    last = browser.get(older).text
    assert (last.count("Made Bo a"), last.count("Added Bo")) == (1, 1)


def deeds() -> Iterator[str]:
    """Every name under which something is written into the log, as the source says them."""
    for file in files("merchant"):
        if "merchant.activity.log" not in {name for name, _ in file.imports()}:
            continue
        calls = [node for node in ast.walk(file.tree) if isinstance(node, ast.Call)]
        told = {id(arg) for call in calls if getattr(call.func, "attr", "") in ("emit", "say") for arg in call.args}
        for node in ast.walk(file.tree):
            said = node.value if isinstance(node, ast.Constant) and id(node) not in told else None
            if isinstance(said, str) and re.fullmatch(r"[a-z_]+\.[a-z_]+", said):
                yield said


def test_whatever_is_written_down_has_its_words() -> None:
    words = json.loads((ROOT / "merchant/locales/en.json").read_text(encoding="utf-8"))
    names = set(deeds())
    assert {"member.added", "shift.closed", "refund.given"} <= names
    missing = {f"activity.{name}" for name in names} | {f"activity_noun.{name.partition('.')[0]}" for name in names}
    assert not sorted(missing - words.keys())
